//! The listing filter: from a page of the inner server to the page that a caller may see.

use std::collections::HashMap;

use rmcp::{
    ErrorData, RoleServer,
    model::{
        ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListSkillsResult,
        ListToolsResult, MetaObject, Prompt, Resource, ResourceTemplate, Skill, Tool,
    },
    service::RequestContext,
};
use sapl_base::{
    AuthorizationSubscription, Decision, MultiAuthorizationDecision, MultiAuthorizationSubscription,
};

use super::{Sealed, ask_all, finalize::let_go};
use crate::{
    layer::Shared,
    rule::{Listing, Marked, Rule, RuleBook, Rules, Ruling, rules_of, strip},
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

    /// The rules of the builder.
    fn rules<'a>(&self, book: &'a RuleBook) -> Option<&'a Rules>;

    /// What the rules change in what is shown.
    fn present(&mut self, _rules: &Rules, _shared: &Shared) {}
}

impl Sealed<Result<ListToolsResult, ErrorData>> {
    /// The names of the tools on the page that carry a marker, whatever it says, and what it says.
    pub(crate) fn marked(&self) -> Vec<(String, Marked)> {
        let tools = self.0.as_ref().map_or(&[][..], |page| &page.tools);
        let marked = |tool: &Tool| match rules_of(tool.meta.as_ref()) {
            Marked::None => None,
            marked => Some((tool.name.clone().into_owned(), marked)),
        };
        tools.iter().filter_map(marked).collect()
    }
}

impl<P: Page> Sealed<Result<P, ErrorData>> {
    /// Leaves out what `caller` may not know of, and takes the markers off the rest.
    ///
    /// All components whose rules want a decision are asked about in one multi-decision, with the action of use and
    /// without arguments. One is shown when each of its decisions is PERMIT and some provider claims each obligation.
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
        self.filtered(shared, caller, context, find).await.0
    }

    /// The same for a page that is a component's result: it stays sealed.
    pub(crate) async fn filtered(
        self,
        shared: &Shared,
        caller: &Caller,
        context: &RequestContext<RoleServer>,
        find: impl FnOnce(&[P::Item]) -> Vec<Found>,
    ) -> Self {
        match self.0 {
            Ok(page) => Self(Ok(filter(page, shared, caller, context, find).await)),
            Err(error) => Self(Err(error)),
        }
    }

    /// What the items on the page are used by: their names or URIs.
    pub(crate) fn used_by(&mut self) -> Vec<String> {
        let items = self.0.as_mut().map(Page::items);
        items.map_or_else(
            |_| Vec::new(),
            |items| items.iter().map(|item| item.used_by().to_owned()).collect(),
        )
    }
}

async fn filter<P: Page>(
    mut page: P,
    shared: &Shared,
    caller: &Caller,
    context: &RequestContext<RoleServer>,
    find: impl FnOnce(&[P::Item]) -> Vec<Found>,
) -> P {
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
        return page;
    }

    shared.note_rule();
    let mut question = Question::default();
    let shown: Vec<Shown> = all
        .iter()
        .zip(&found)
        .map(|(item, found)| question.about(found, || item.clone().into(), shared, caller))
        .collect();
    let answer = question.ask(shared, context).await;
    for ((mut item, Found { ruling, .. }), shown) in all.into_iter().zip(found).zip(shown) {
        if !shown.holds(&ruling, shared, &answer).await {
            continue;
        }
        strip(item.meta_mut());
        if let Ruling::Rules(rules) = &ruling {
            item.present(rules, shared);
        }
        page.items().push(item);
    }
    page.make_private();
    page
}

/// The rules of each item. Items of one name are under the same rules, as they are when the name is used.
fn by_name<I: Listed>(items: &[I], book: &RuleBook) -> Vec<Found> {
    let rulings: Vec<Ruling> = items
        .iter()
        .map(|item| Ruling::of(item.rules(book), rules_of(item.meta())))
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
    /// Where the rule was found by a URI: the definition of the resource or template, and the URI.
    pub(crate) by: Option<(Definition, String)>,
}

impl From<Ruling> for Found {
    fn from(ruling: Ruling) -> Self {
        Self { ruling, by: None }
    }
}

/// Whether an item is shown.
pub(super) enum Shown {
    Yes,
    No,
    /// If the decisions under these ids say so: one place for each rule, empty where the rule has no say.
    If([Option<String>; 2]),
}

/// What the decision point is asked about a page.
#[derive(Default)]
pub(super) struct Question {
    subscriptions: MultiAuthorizationSubscription,
}

impl Question {
    /// Adds an item, if a decision is needed to know whether it is shown. Its `definition` counts where its rule was
    /// not found by another one.
    pub(super) fn about(
        &mut self,
        found: &Found,
        definition: impl Fn() -> Definition,
        shared: &Shared,
        caller: &Caller,
    ) -> Shown {
        let rules = match &found.ruling {
            _ if caller.is_trusted() || !shared.enforce_listing => return Shown::Yes,
            Ruling::Unruled(_) | Ruling::Denied => return Shown::Yes,
            Ruling::Absent(reason) => {
                tracing::warn!(reason, "a component is hidden from everybody");
                return Shown::No;
            }
            Ruling::Rules(rules) => rules,
        };
        if rules
            .each()
            .any(|rule| rule.fixed_listing() == Some(Listing::Hidden))
        {
            return Shown::No;
        }
        // What nobody may fail to find needs no decision; what a gate lets be found is what can be used.
        let hides = rules.hides();
        let mut asked = [None, None];
        for (asked, rule) in asked.iter_mut().zip(rules.each()) {
            if !hides || rule.fixed_listing() == Some(Listing::Shown) {
                continue;
            }
            *asked = subscription(rule, &definition, found, caller);
            // Nothing is asked of what can't be shown anyway: a page without an answer shows nothing that is in question.
            if asked.is_none() {
                return Shown::No;
            }
        }
        if asked.iter().all(Option::is_none) {
            return Shown::Yes;
        }
        let mut ids = [None, None];
        for (id, subscription) in ids.iter_mut().zip(asked) {
            let Some(subscription) = subscription else {
                continue;
            };
            let next = self.subscriptions.len().to_string();
            if self.subscriptions.add(&next, subscription).is_err() {
                return Shown::No;
            }
            *id = Some(next);
        }
        Shown::If(ids)
    }

    /// The decisions; none when nothing was asked or nobody answered.
    pub(super) async fn ask(
        &self,
        shared: &Shared,
        context: &RequestContext<RoleServer>,
    ) -> MultiAuthorizationDecision {
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
                "a list is shown without the components that not everybody may see"
            );
            MultiAuthorizationDecision::default()
        })
    }
}

/// The question about an item under one of its rules; none when nothing can be asked.
fn subscription(
    rule: &Rule,
    definition: &impl Fn() -> Definition,
    found: &Found,
    caller: &Caller,
) -> Option<AuthorizationSubscription> {
    if !caller.is_known() || !caller.has_scopes(rule.needed_scopes()) {
        return None;
    }
    let context = match &found.by {
        Some((definition, uri)) => {
            SubscriptionContext::new(rule, Operation::List, definition.clone()).with_uri(uri.as_str())
        }
        None => SubscriptionContext::new(rule, Operation::List, definition()),
    };
    let mut context = caller.introduce(context);
    let subscription = rule.subscription(&mut context);
    if let Err(error) = &subscription {
        tracing::warn!(
            component = context.name(),
            error = error.to_string(),
            "hidden: the subscription could not be built"
        );
    }
    // No operation ends here that would take back what the rule's functions have put into slots.
    let_go(context);
    subscription.ok()
}

impl Shown {
    pub(super) async fn holds(
        &self,
        ruling: &Ruling,
        shared: &Shared,
        answer: &MultiAuthorizationDecision,
    ) -> bool {
        let (ids, rules) = match (self, ruling) {
            (Self::Yes, _) => return true,
            (Self::If(ids), Ruling::Rules(rules)) => (ids, rules),
            (Self::No | Self::If(_), _) => return false,
        };
        let asked = || {
            let ids = ids.iter().zip(rules.each());
            ids.filter_map(|(id, rule)| Some((answer.decision(id.as_ref()?), rule)))
        };
        let permitted = asked().all(|(decision, rule)| {
            decision.decision == Decision::Permit && shared.staged.claims(decision, rule.mode().point())
        });
        if !permitted {
            return false;
        }
        for (decision, _) in asked() {
            if shared.staged.on_listing(decision).await.is_err() {
                return false;
            }
        }
        true
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
    ListSkillsResult { skills: Skill }
}

macro_rules! listed {
    ($($item:ident by $rules:ident($key:ident) $(, $present:item)?;)*) => {$(
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

            fn rules<'a>(&self, book: &'a RuleBook) -> Option<&'a Rules> {
                book.$rules(&self.$key)
            }

            $($present)?
        }
    )*};
}

listed! {
    Tool by tool(name),
    fn present(&mut self, rules: &Rules, shared: &Shared) {
        crate::surface::tools::present(self, rules, shared);
    };
    Prompt by prompt(name);
    Resource by resource(uri);
    ResourceTemplate by template(uri_template);
    Skill by resource(uri);
}
