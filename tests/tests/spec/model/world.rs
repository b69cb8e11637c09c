//! A server and everything around it, as the model sees it.

use serde_json::{Value, json};

use super::{
    decision::{Answer, Decision, Verdict},
    parts::Part,
};

/// A server behind the layer.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// Who asks.
    pub(crate) subject: Value,
    /// How they are connected.
    pub(crate) transport: Transport,
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

/// How a client is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// A pipe, on which nobody shows a token.
    Pipe,
    /// HTTP, where a reply is one message.
    Json,
    /// HTTP, where a reply is a stream of events, whose head leaves before anything is decided.
    Events,
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
    /// The scopes that the token has to grant.
    pub(crate) scopes: Vec<&'static str>,
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

/// What a component gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Returns {
    /// Structured content of a tool, JSON of a resource.
    Json(Value),
    Text(String),
    /// Several parts, or none, or one that is no text.
    Parts(Vec<Part>),
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
            transport: Transport::Pipe,
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

impl Transport {
    /// The scopes that the tokens of the tests grant.
    fn granted_scopes(self) -> &'static [&'static str] {
        match self {
            Self::Pipe => &[],
            Self::Json | Self::Events => &["mcp"],
        }
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
            scopes: Vec::new(),
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

    /// Whether the token does not grant all scopes that the rule requires.
    pub(crate) fn lacks_scopes(&self, world: &World) -> bool {
        let granted = world.transport.granted_scopes();
        !self.scopes.iter().all(|scope| granted.contains(scope))
    }

    /// Whether the component does not exist for those whom the rule denies.
    pub(crate) fn hides(&self) -> bool {
        self.stealth || self.is_gate()
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
