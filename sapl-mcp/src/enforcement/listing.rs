//! The listing filter: from a page of the inner server to the page that a caller may see.

use std::{collections::HashMap, sync::Arc};

use rmcp::{
    ErrorData, RoleServer,
    model::{
        ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, MetaObject,
        Prompt, Resource, ResourceTemplate, Tool,
    },
    service::RequestContext,
};
use sapl_base::{
    Decision, MultiAuthorizationDecision, MultiAuthorizationSubscription, constraint::EnforcementPoint,
};

use super::{Sealed, ask_all};
use crate::{
    layer::Shared,
    rule::{Listing, Marked, Mode, Rule, RuleBook, Ruling, rule_of, strip},
    subscription::{Definition, Operation, SubscriptionContext},
    surface::Caller,
};

/// A page of a list.
pub(crate) trait Page {
    type Item: Listed;

    fn items(&mut self) -> &mut Vec<Self::Item>;

    /// Only this caller may keep the page, and not for long.
    fn make_private(&mut self);
}

/// A definition in a list.
pub(crate) trait Listed: Clone + Into<Definition> {
    fn meta(&self) -> Option<&MetaObject>;

    fn meta_mut(&mut self) -> &mut Option<MetaObject>;

    /// What it is used by: its name, URI or template.
    fn used_by(&self) -> &str;

    /// The rule of the builder.
    fn rule<'a>(&self, book: &'a RuleBook) -> Option<&'a Arc<Rule>>;

    /// What the rule changes in what is shown.
    fn present(&mut self, _rule: &Rule, _shared: &Shared) {}
}

impl Sealed<Result<ListToolsResult, ErrorData>> {
    /// The names of the tools on the page that carry a marker, whatever it says.
    pub(crate) fn marked(&self) -> Vec<String> {
        let tools = self.0.as_ref().map_or(&[][..], |page| &page.tools);
        let marked = |tool: &&Tool| !matches!(rule_of(tool.meta.as_ref()), Marked::None);
        tools
            .iter()
            .filter(marked)
            .map(|tool| tool.name.clone().into_owned())
            .collect()
    }
}

impl<P: Page> Sealed<Result<P, ErrorData>> {
    /// Leaves out what `caller` may not know of, and takes the markers off the rest.
    ///
    /// All components whose rule wants a decision are asked about in one multi-decision, with the action of use and
    /// without arguments. One is shown when its decision is PERMIT and some provider claims each obligation.
    /// Whatever goes wrong hides.
    pub(crate) async fn listed(
        self,
        shared: &Shared,
        caller: &Caller,
        context: &RequestContext<RoleServer>,
    ) -> Result<P, ErrorData> {
        self.listed_by(shared, caller, context, |items| by_name(items, &shared.rules))
            .await
    }

    /// The same, where the rules are those that `find` gives, one for each item.
    pub(crate) async fn listed_by(
        self,
        shared: &Shared,
        caller: &Caller,
        context: &RequestContext<RoleServer>,
        find: impl FnOnce(&[P::Item]) -> Vec<Found>,
    ) -> Result<P, ErrorData> {
        let mut page = self.0?;
        let all = std::mem::take(page.items());
        let found = find(&all);
        if found
            .iter()
            .all(|found| matches!(found.ruling, Ruling::Unruled(_)))
        {
            *page.items() = all;
            if shared.has_rules() {
                page.make_private();
            }
            return Ok(page);
        }

        shared.note_rule();
        let mut question = Question::default();
        let shown: Vec<Shown> = all
            .iter()
            .zip(&found)
            .map(|(item, found)| question.about(item, found, shared, caller))
            .collect();
        let answer = question.ask(shared, context).await;
        for ((mut item, Found { ruling, .. }), shown) in all.into_iter().zip(found).zip(shown) {
            if !shown.holds(&ruling, shared, &answer).await {
                continue;
            }
            strip(item.meta_mut());
            if let Ruling::Rule(rule) = &ruling {
                item.present(rule, shared);
            }
            page.items().push(item);
        }
        page.make_private();
        Ok(page)
    }
}

/// The rule of each item. Items of one name are under one rule, as they are when the name is used.
fn by_name<I: Listed>(items: &[I], book: &RuleBook) -> Vec<Found> {
    let rulings: Vec<Ruling> = items
        .iter()
        .map(|item| Ruling::of(item.rule(book), rule_of(item.meta())))
        .collect();
    if rulings.iter().all(|ruling| matches!(ruling, Ruling::Unruled(_))) {
        return rulings.into_iter().map(Found::from).collect();
    }
    let mut names = HashMap::<&str, Option<((), Ruling)>>::with_capacity(items.len());
    for (item, ruling) in items.iter().zip(&rulings) {
        let known = names.entry(item.used_by()).or_default();
        *known = Some(Ruling::also(known.take(), (), ruling.clone()));
    }
    let ruling_of = |item: &I| names.get(item.used_by()).cloned().flatten();
    items
        .iter()
        .zip(rulings)
        .map(|(item, own)| Found::from(ruling_of(item).map_or(own, |((), ruling)| ruling)))
        .collect()
}

/// The rule of a listed item.
pub(crate) struct Found {
    pub(crate) ruling: Ruling,
    /// For a resource under the rule of its template: the template, and the URI.
    pub(crate) instance: Option<(Definition, String)>,
}

impl From<Ruling> for Found {
    fn from(ruling: Ruling) -> Self {
        Self {
            ruling,
            instance: None,
        }
    }
}

/// Whether an item is shown.
enum Shown {
    Yes,
    No,
    /// If the decision under this id says so.
    If(String),
}

/// What the decision point is asked about a page.
#[derive(Default)]
struct Question {
    subscriptions: MultiAuthorizationSubscription,
}

impl Question {
    /// Adds the item, if a decision is needed to know whether it is shown.
    fn about(&mut self, item: &impl Listed, found: &Found, shared: &Shared, caller: &Caller) -> Shown {
        let rule = match &found.ruling {
            _ if caller.is_trusted() || !shared.enforce_listing => return Shown::Yes,
            Ruling::Unruled(_) | Ruling::Denied => return Shown::Yes,
            Ruling::Absent(reason) => {
                tracing::warn!(reason, "a component is hidden from everybody");
                return Shown::No;
            }
            Ruling::Rule(rule) => rule,
        };
        match rule.fixed_listing() {
            Some(Listing::Shown) => return Shown::Yes,
            Some(Listing::Hidden) => return Shown::No,
            None if !rule.is_stealth() => return Shown::Yes,
            None => {}
        }
        if !caller.is_known() || !caller.has_scopes(rule.needed_scopes()) {
            return Shown::No;
        }
        let context = match &found.instance {
            Some((template, uri)) => {
                SubscriptionContext::new(rule, Operation::List, template.clone()).with_uri(uri.as_str())
            }
            None => SubscriptionContext::new(rule, Operation::List, item.clone()),
        };
        let mut context = caller.introduce(context);
        let id = self.subscriptions.len().to_string();
        let added = rule
            .subscription(&mut context)
            .map(|subscription| self.subscriptions.add(&id, subscription));
        match added {
            Ok(Ok(())) => Shown::If(id),
            Ok(Err(_)) => Shown::No,
            Err(error) => {
                tracing::warn!(
                    component = context.name(),
                    error = error.to_string(),
                    "hidden: the subscription could not be built"
                );
                Shown::No
            }
        }
    }

    /// The decisions; none when nothing was asked or nobody answered.
    async fn ask(&self, shared: &Shared, context: &RequestContext<RoleServer>) -> MultiAuthorizationDecision {
        if self.subscriptions.is_empty() {
            return MultiAuthorizationDecision::default();
        }
        ask_all(
            &*shared.pdp,
            &self.subscriptions,
            shared.decision_timeout,
            &context.ct,
        )
        .await
        .unwrap_or_else(|none| {
            tracing::warn!(
                request = context.id.to_string(),
                reason = none.as_str(),
                "a list is shown without its stealth components"
            );
            MultiAuthorizationDecision::default()
        })
    }
}

impl Shown {
    async fn holds(&self, ruling: &Ruling, shared: &Shared, answer: &MultiAuthorizationDecision) -> bool {
        let (id, rule) = match (self, ruling) {
            (Self::Yes, _) => return true,
            (Self::If(id), Ruling::Rule(rule)) => (id, rule),
            (Self::No | Self::If(_), _) => return false,
        };
        let decision = answer.decision(id);
        let point = match rule.mode() {
            Mode::Pre => EnforcementPoint::PreEnforce,
            Mode::Post => EnforcementPoint::PostEnforce,
        };
        decision.decision == Decision::Permit
            && shared.constraints.claims(decision, point)
            && shared.constraints.on_listing(decision).await.is_ok()
    }
}

macro_rules! pages {
    ($($page:ident { $items:ident: $item:ident })*) => {$(
        impl Page for $page {
            type Item = $item;

            fn items(&mut self) -> &mut Vec<$item> {
                &mut self.$items
            }

            fn make_private(&mut self) {
                // Left out, rmcp fills in `private` and 0 for the revisions that have these fields.
                self.cache_scope = None;
                self.ttl_ms = None;
            }
        }
    )*};
}

pages! {
    ListToolsResult { tools: Tool }
    ListPromptsResult { prompts: Prompt }
    ListResourcesResult { resources: Resource }
    ListResourceTemplatesResult { resource_templates: ResourceTemplate }
}

macro_rules! listed {
    ($($item:ident by $rule:ident($key:ident) $(, $present:item)?;)*) => {$(
        impl Listed for $item {
            fn meta(&self) -> Option<&MetaObject> {
                self.meta.as_ref()
            }

            fn meta_mut(&mut self) -> &mut Option<MetaObject> {
                &mut self.meta
            }

            fn used_by(&self) -> &str {
                &self.$key
            }

            fn rule<'a>(&self, book: &'a RuleBook) -> Option<&'a Arc<Rule>> {
                book.$rule(&self.$key)
            }

            $($present)?
        }
    )*};
}

listed! {
    Tool by tool(name),
    fn present(&mut self, rule: &Rule, shared: &Shared) {
        crate::surface::tools::present(self, rule, shared);
    };
    Prompt by prompt(name);
    Resource by resource(uri);
    ResourceTemplate by template(uri_template);
}
