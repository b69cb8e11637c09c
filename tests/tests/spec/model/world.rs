//! A server and everything around it, as the model sees it.

use serde_json::{Value, json};

use super::content::{ContentFilter, Flaw};

/// A server behind the layer.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// Who asks.
    pub(crate) subject: Value,
    pub(crate) components: Vec<Component>,
    /// What the layer does with components that no rule is about.
    pub(crate) unannotated: Unannotated,
    /// What is decided where it asks about them.
    pub(crate) answer_without_rule: Answer,
    pub(crate) enforces_listing: bool,
    /// How long a page of a list is.
    pub(crate) page: usize,
    /// When the request is cancelled.
    pub(crate) cancelled: Option<Moment>,
}

#[derive(Clone, Debug)]
pub(crate) struct Component {
    pub(crate) kind: Kind,
    /// The name of a tool or prompt, the URI of a resource, the text of a template, which has one variable, `id`.
    pub(crate) name: String,
    pub(crate) rules: Rules,
    pub(crate) returns: Returns,
    /// A tool whose structured content is wrapped into `{"result": …}`, and whose output schema says so.
    pub(crate) wraps: bool,
    /// A tool whose result has another block and a `_meta` beside its structured content.
    pub(crate) says_more: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool,
    Prompt,
    Resource,
    Template,
}

/// What is done with a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// A tool is called, a resource read, a prompt fetched.
    Use,
    /// An argument of a prompt is completed, or one of a template that is named by its text, or of a resource.
    Complete,
    /// A client wants to hear of the changes of a resource.
    Subscribe,
}

/// The rules of a component.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) gate: Option<Rule>,
    pub(crate) enforcement: Option<Rule>,
    /// The definition carries a marker that no rule stands behind, or has two rules of a kind.
    pub(crate) broken: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) point: Point,
    pub(crate) stealth: bool,
    pub(crate) listing: Option<Listing>,
    /// How the finalize function ends, where there is one.
    pub(crate) finalize: Option<Ends>,
    /// Whether the resource of the subscription holds what the component returned.
    pub(crate) shows_value: bool,
    /// The field of the subscription that has no value, and why.
    pub(crate) faulty: Option<(Field, Fault)>,
    /// Whether it comes from the builder of the layer, and not with the definition.
    pub(crate) by_builder: bool,
    /// Whether it is the rule of components that have none of their own.
    pub(crate) is_default: bool,
    /// What the decision point says to its question.
    pub(crate) answer: Answer,
}

/// When a rule is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    Pre,
    Post,
    Gate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    Shown,
    Hidden,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    Well,
    ByPanic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Subject,
    Action,
    Resource,
    Environment,
    Secrets,
}

/// How the function of a field fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    Err,
    Panic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unannotated {
    Pass,
    AskPdp,
    Deny,
}

/// How the decision point answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Now(Decision),
    /// After others had their turn.
    Later(Decision),
    /// Not within the decision timeout.
    Never,
    Panic,
    PanicLater,
    /// The answer for a page does not hold the id. Asked alone it is INDETERMINATE.
    Missing,
}

#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) verdict: Verdict,
    pub(crate) obligations: Vec<Constraint>,
    pub(crate) advice: Vec<Constraint>,
    pub(crate) resource: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Permit,
    Deny,
    Suspend,
    Indeterminate,
    NotApplicable,
}

/// An obligation or advice: who is responsible for it, and what its handlers do. Nobody is for an unknown one.
#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    pub(crate) id: String,
    pub(crate) handlers: Vec<(Provider, Does)>,
}

/// A provider, in the order of registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Provider {
    Runnable,
    /// A runnable that runs in listings too.
    ListingRunnable,
    AsyncRunnable,
    MethodInvocation,
    AsyncMethodInvocation,
    Filter,
    /// The built-in one for `jsonContentFilterPredicate`.
    ContentPredicate,
    Consumer,
    LateMapping,
    Mapping,
    EarlyMapping,
    /// The built-in one for `filterJsonContent`.
    ContentFilter,
    ErrorHandler,
    ErrorMapping,
    EarlyErrorMapping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandlerKind {
    Runnable,
    MethodInvocation,
    Filter,
    Consumer,
    Mapping,
    ErrorHandler,
    ErrorMapping,
}

/// What a provider or its handler does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Does {
    /// The handler runs and changes nothing.
    Nothing,
    /// A method invocation sets an argument to it, a filter drops it, a mapping gives it.
    Change(Value),
    Fail,
    Panic,
    /// The factory of the handler fails: the constraint is not as it should be.
    FailToMake,
    PanicInMaking,
    /// The provider panics when it is asked whether it is responsible.
    PanicWhenAsked,
    /// Of a built-in filter: what the constraint says.
    Content(ContentFilter),
    /// Of a built-in filter: the constraint says nothing that can be carried out.
    Flawed(Flaw),
}

/// What a component gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Returns {
    /// Structured content of a tool, JSON of a resource.
    Json(Value),
    Text(String),
    /// A tool's result of several texts, or of none.
    Texts(Vec<String>),
    /// An error.
    Err {
        code: i32,
        message: String,
        data: Option<Value>,
    },
    /// A tool's result that says that it is an error.
    IsError(String),
    Panic,
    /// Nothing: it is not asked, but the server.
    OfServer,
}

/// When a request is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    DecidingGate,
    DecidingEnforcement,
    Running,
}

/// How an operation ended, as finalize and the audit record tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Completed,
    Failed,
    Denied,
    Cancelled,
    /// Of a gate in front of an enforcement.
    Passed,
}

impl World {
    /// A server that is asked by `somebody` and has nothing special.
    pub(crate) fn of(components: Vec<Component>) -> Self {
        Self {
            subject: json!("somebody"),
            components,
            unannotated: Unannotated::Pass,
            answer_without_rule: Answer::Now(Decision::of(Verdict::Permit)),
            enforces_listing: true,
            page: 100,
            cancelled: None,
        }
    }

    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Component> {
        self.components
            .iter()
            .filter(move |component| component.kind == kind)
    }

    /// Whether some component of the kind has a rule. A template is a resource, too.
    pub(crate) fn has_rules_for(&self, kind: Kind) -> bool {
        let alike = |other: Kind| other == kind || other.is_resource() && kind.is_resource();
        self.components
            .iter()
            .any(|component| alike(component.kind) && !component.rules.are_none())
    }
}

impl Component {
    /// What a client uses it by: an instance of a template by its URI.
    pub(crate) fn used_by(&self) -> String {
        self.name.replace("{id}", "7")
    }

    /// What a request of a client names it by.
    pub(crate) fn named_by(&self, verb: Verb) -> String {
        match verb {
            Verb::Use | Verb::Subscribe => self.used_by(),
            Verb::Complete => self.name.clone(),
        }
    }
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Tool, Self::Prompt, Self::Resource, Self::Template];

    pub(crate) fn is_resource(self) -> bool {
        matches!(self, Self::Resource | Self::Template)
    }
}

impl Verb {
    /// Whether there is a value of the component's: neither a completion nor an acknowledgement is one.
    pub(crate) fn has_value(self) -> bool {
        self == Self::Use
    }
}

impl Rules {
    pub(crate) fn are_none(&self) -> bool {
        self.gate.is_none() && self.enforcement.is_none() && !self.broken
    }

    /// Each rule in the order in which they are decided.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Rule> {
        self.gate.iter().chain(&self.enforcement)
    }
}

impl Rule {
    /// A plain rule.
    pub(crate) fn at(point: Point, answer: Answer) -> Self {
        Self {
            point,
            stealth: false,
            listing: None,
            finalize: None,
            shows_value: false,
            faulty: None,
            by_builder: false,
            is_default: false,
            answer,
        }
    }

    /// The rule of components without one, where the layer asks about them: "as if it were annotated with a plain
    /// `#[pre_enforce]`".
    pub(crate) fn of_the_unannotated(answer: Answer) -> Self {
        Self {
            is_default: true,
            ..Self::at(Point::Pre, answer)
        }
    }

    pub(crate) fn is_gate(&self) -> bool {
        self.point == Point::Gate
    }

    /// The moment at which it is decided.
    pub(crate) fn moment(&self) -> Moment {
        match self.is_gate() {
            true => Moment::DecidingGate,
            false => Moment::DecidingEnforcement,
        }
    }

    /// Whether the component does not exist for those whom the rule denies.
    pub(crate) fn hides(&self) -> bool {
        self.stealth || self.is_gate()
    }
}

impl Decision {
    pub(crate) fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            obligations: Vec::new(),
            advice: Vec::new(),
            resource: None,
        }
    }

    /// The same with a name for each constraint.
    pub(crate) fn numbered(mut self) -> Self {
        for (letter, constraints) in [("o", &mut self.obligations), ("a", &mut self.advice)] {
            for (index, constraint) in constraints.iter_mut().enumerate() {
                constraint.id = format!("{letter}{index}");
            }
        }
        self
    }

    /// Each constraint and whether it is an obligation: obligations first.
    pub(crate) fn constraints(&self) -> impl Iterator<Item = (bool, &Constraint)> {
        let obligations = self.obligations.iter().map(|constraint| (true, constraint));
        obligations.chain(self.advice.iter().map(|constraint| (false, constraint)))
    }
}

impl Constraint {
    pub(crate) fn of(id: &str, provider: Provider, does: Does) -> Self {
        Self {
            id: id.to_owned(),
            handlers: vec![(provider, does)],
        }
    }
}

impl Provider {
    pub(crate) const ALL: [Self; 15] = [
        Self::Runnable,
        Self::ListingRunnable,
        Self::AsyncRunnable,
        Self::MethodInvocation,
        Self::AsyncMethodInvocation,
        Self::Filter,
        Self::ContentPredicate,
        Self::Consumer,
        Self::LateMapping,
        Self::Mapping,
        Self::EarlyMapping,
        Self::ContentFilter,
        Self::ErrorHandler,
        Self::ErrorMapping,
        Self::EarlyErrorMapping,
    ];

    pub(crate) fn kind(self) -> HandlerKind {
        match self {
            Self::Runnable | Self::ListingRunnable | Self::AsyncRunnable => HandlerKind::Runnable,
            Self::MethodInvocation | Self::AsyncMethodInvocation => HandlerKind::MethodInvocation,
            Self::Filter | Self::ContentPredicate => HandlerKind::Filter,
            Self::Consumer => HandlerKind::Consumer,
            Self::LateMapping | Self::Mapping | Self::EarlyMapping | Self::ContentFilter => {
                HandlerKind::Mapping
            }
            Self::ErrorHandler => HandlerKind::ErrorHandler,
            Self::ErrorMapping | Self::EarlyErrorMapping => HandlerKind::ErrorMapping,
        }
    }

    pub(crate) fn is_built_in(self) -> bool {
        matches!(self, Self::ContentPredicate | Self::ContentFilter)
    }

    pub(crate) fn priority(self) -> i32 {
        match self {
            Self::LateMapping => -10,
            Self::EarlyMapping | Self::EarlyErrorMapping => 10,
            _ => 0,
        }
    }
}

impl Verdict {
    pub(crate) const ALL: [Self; 5] = [
        Self::Permit,
        Self::Deny,
        Self::Suspend,
        Self::Indeterminate,
        Self::NotApplicable,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Permit => "PERMIT",
            Self::Deny => "DENY",
            Self::Suspend => "SUSPEND",
            Self::Indeterminate => "INDETERMINATE",
            Self::NotApplicable => "NOT_APPLICABLE",
        }
    }
}

impl Ended {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::Passed => "passed",
        }
    }
}
