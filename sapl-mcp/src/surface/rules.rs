//! Whether a server has rules at all, where none of them has been met yet.

use std::ops::ControlFlow;

use rmcp::{ServerHandler, model::MetaObject};

use super::Context;
use crate::{
    rule::{self, Marked, rules_of},
    service::SaplService,
};

/// Looks through all that the server lists for a rule, unless one is known: a list of such a server is private also where
/// nothing in it has a rule.
///
/// Where the process has no rule that a definition could carry, nothing is looked at.
pub(crate) async fn look_for<S: ServerHandler>(service: &SaplService<S>, context: &Context) {
    let shared = &*service.shared;
    if shared.has_rules() || !rule::any_is_registered() || service.caller(context).is_trusted() {
        return;
    }
    let inner = &service.inner;
    macro_rules! ruled {
        ($visit:ident) => {{
            let mut ruled = false;
            let visited = inner.$visit(context, |item| match is_ruled(item.meta.as_ref()) {
                true => {
                    ruled = true;
                    ControlFlow::Break(())
                }
                false => ControlFlow::Continue(()),
            });
            // What a list says that can't be read nobody knows.
            visited.await.is_err() || ruled
        }};
    }
    if ruled!(visit_tools)
        || ruled!(visit_prompts)
        || ruled!(visit_resources)
        || ruled!(visit_templates)
        || ruled!(visit_skills)
    {
        shared.note_rule();
    }
}

fn is_ruled(meta: Option<&MetaObject>) -> bool {
    !matches!(rules_of(meta), Marked::None)
}
