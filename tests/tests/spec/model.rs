//! Enforcement as a pure function: from a server, its rules, the decisions, the handlers and whatever goes wrong, to the
//! reply, to everything that happens in its order, and to the audit records.
//!
//! It says what `docs/enforcement.md` says and is meant to be read beside it; a comment in quotation marks or brackets
//! names the heading. It knows nothing of the code that it is a model of: no type and no function of it occurs here.
//!
//! | to know | read |
//! |---|---|
//! | what there is | [`world`] |
//! | what can be decided | [`decision`] |
//! | what using a component does | [`operation`] |
//! | what handlers do | [`constraints`] |
//! | what the built-in ones do | [`content`] |
//! | what a result is to them | [`value`], and of several parts [`parts`] |
//! | what a result may link to | [`links`] |
//! | what is asked | [`subscription`] |
//! | what a list shows | [`lists`] |
//! | how it is said to the client | [`reply`] |

mod constraints;
mod content;
mod decision;
mod links;
mod lists;
mod operation;
mod parts;
mod reply;
mod subscription;
mod value;
mod world;

pub(crate) use constraints::Effects;
pub(crate) use content::{Action, Blacken, Change, Condition, ContentFilter, Flaw, Path, Step, Test};
pub(crate) use decision::{Answer, Constraint, Decision, Does, HandlerKind, Provider, Verdict};
pub(crate) use lists::{looked_up, resource_name};
pub(crate) use operation::{Ending, Record};
pub(crate) use parts::Part;
pub(crate) use reply::Reply;
pub(crate) use subscription::rule_name;
pub(crate) use value::SCHEMA_OF_A_WRAPPER;
pub(crate) use world::{
    Component, Ended, Ends, Fault, Field, Kind, Listing, Moment, Point, Returns, Rule, Rules, Transport,
    Unannotated, Verb, World,
};

/// What a client asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Request {
    /// The use of the component at this place: a call of a tool, a read, getting a prompt.
    Use {
        component: usize,
        arguments: Option<serde_json::Map<String, serde_json::Value>>,
    },
    /// The completion of an argument of a prompt, resource or template; of the template by its text.
    Complete {
        component: usize,
        arguments: Option<serde_json::Map<String, serde_json::Value>>,
    },
    /// A subscription to a resource.
    Subscribe { component: usize },
    /// A directory, which is decided as a read of its URI. Of what is in it the model knows nothing.
    Directory { component: usize },
    /// The use of something that nobody knows.
    UseUnknown(Kind),
    /// A page of a list, from this cursor on.
    List { kind: Kind, from: Option<usize> },
}

/// What the handlers of a decision make of a value, if they give it at all, whether that is another value, and what
/// happened.
pub(crate) fn made_of_value(
    decision: &Decision,
    point: Point,
    value: serde_json::Value,
) -> (Option<(serde_json::Value, bool)>, Effects) {
    let mut effects = Effects::new();
    let permitted = decision.verdict == Verdict::Permit;
    let bundle = permitted
        .then(|| constraints::resolve(decision, point).ok())
        .flatten();
    let made = bundle.and_then(|bundle| {
        bundle.on_decision(&mut effects).ok()?;
        if bundle.changes_arguments() {
            let mut arguments = serde_json::Map::new();
            bundle
                .method_invocation(&mut arguments, false, &mut effects)
                .ok()?;
        }
        bundle.output(value, &mut effects).ok()
    });
    (made, effects)
}

/// What comes of a request.
pub(crate) fn answered(world: &World, request: &Request) -> Ending {
    match request {
        Request::Use { component, arguments } => {
            operation::used(world, Verb::Use, &world.components[*component], arguments.clone())
        }
        Request::Complete { component, arguments } => operation::used(
            world,
            Verb::Complete,
            &world.components[*component],
            arguments.clone(),
        ),
        Request::Subscribe { component } => {
            operation::used(world, Verb::Subscribe, &world.components[*component], None)
        }
        Request::Directory { component } => {
            operation::used(world, Verb::Use, &world.components[*component], None)
        }
        Request::UseUnknown(kind) => operation::used_unknown(world, *kind),
        Request::List { kind, from } => lists::list(world, *kind, *from),
    }
}
