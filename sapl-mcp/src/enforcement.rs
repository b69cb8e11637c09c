//! From a rule and a request to a reply, the same for tools, resources and prompts.
//!
//! What a component returns is [`Sealed`]: it has no accessor outside of this module tree. A [`Permit`] opens it,
//! by way of the output stages of the decision that the permit came from, and the result is a [`Released`] value,
//! the only thing that a reply is made of. A permit is made in one place, [`Operation::permit`], from a PERMIT
//! whose obligations are all handled and whose on-decision handlers have run; opening uses it up. So a surface
//! that forgets a stage does not compile.
//!
//! The order of the stages is the normative one of the SAPL documentation for policy enforcement points:
//! subscription → decision → on-decision → method invocation → component → replacement → filters → consumers →
//! mappings. See [`pre`] and [`post`]. A [`gate`] comes before all of that, with a decision of its own.

mod approval;
mod ask;
mod finalize;
mod gate;
mod inner;
mod links;
pub(crate) mod listing;
mod lookup;
mod operation;
mod output;
mod post;
mod pre;
mod reason;
mod requests;
mod returned;
mod round;
mod task;
mod unmarked;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use rmcp::{ErrorData, RoleServer, model::JsonObject, service::RequestContext};
use sapl_base::constraint::{ConstraintBundle, EnforcementPoint};

pub(crate) use approval::Presented;
use approval::Refusal;
pub(crate) use ask::ask;
use ask::ask_all;
use finalize::Settling;
pub(crate) use inner::Inner;
pub(crate) use links::Viewer;
pub(crate) use operation::{Operation, Request};
#[cfg(feature = "client")]
pub(crate) use output::open;
use reason::Reason;
use returned::Returned;
pub(crate) use task::{Asker, Found, KeptTask, Place, TaskRegister, acknowledged, fetch};
pub use task::{
    MAX_TASK_AGE, MAX_TASK_BYTES, MAX_TASK_BYTES_PER_PRINCIPAL, MAX_TASKS, MAX_TASKS_PER_PRINCIPAL,
};

use crate::{
    approval::Wanted,
    rule::{Mode, Ruling, Unruled},
};

/// What a component returned. Nobody can look at it without a [`Permit`].
#[must_use]
pub(crate) struct Sealed<T>(T);

/// A PERMIT whose obligations are handled so far, for one result. It is used up by opening.
pub(crate) struct Permit {
    bundle: ConstraintBundle,
    /// The approval without which the component must not run.
    wanted: Option<Box<Wanted>>,
}

/// A value that may be sent.
#[must_use]
pub(crate) struct Released<T>(T);

/// The operation is denied. Why is known to the operation's record, not to whoever replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denial {
    hides: bool,
    withholds: bool,
    /// A task of the component that goes on although nobody may hear of it.
    orphan: Option<String>,
    /// Why, where no operation leaves the record of it.
    unrecorded: Option<&'static str>,
}

/// What every enforcement ends in: something that may be sent, or a denial.
pub(crate) type Enforced<C> = Result<Released<Result<C, ErrorData>>, Denial>;

impl Denial {
    const fn new(hides: bool) -> Self {
        Self {
            hides,
            withholds: false,
            orphan: None,
            unrecorded: None,
        }
    }

    /// The same, where whoever replies has to leave its record, with this reason.
    fn without_record(self, reason: &'static str) -> Self {
        Self {
            unrecorded: Some(reason),
            ..self
        }
    }

    /// Whether it is to be answered as if the component did not exist.
    pub(crate) fn hides(&self) -> bool {
        self.hides
    }

    /// Whether the caller is permitted, but what the component gives can't be held to the decision.
    pub(crate) fn withholds(&self) -> bool {
        self.withholds
    }

    /// Why, where whoever replies has to leave the record of it.
    pub(crate) fn unrecorded(&self) -> Option<&'static str> {
        self.unrecorded
    }
}

impl<T> Released<T> {
    /// The value, for the reply.
    pub(crate) fn reply(self) -> T {
        self.0
    }
}

/// What an operation gives whose component has nothing to give.
pub(crate) async fn nothing() -> Sealed<Result<(), ErrorData>> {
    Sealed(Ok(()))
}

/// The results that pass without a decision because they hold nothing of a component, each by its name:
/// a component's result can't get among them by accident.
pub(crate) trait Harmless {}

impl Harmless for rmcp::model::InitializeResult {}
impl Harmless for rmcp::model::DiscoverResult {}
impl Harmless for () {}

impl<T: Harmless> Sealed<Result<T, ErrorData>> {
    /// The result as it is.
    pub(crate) fn pass(self) -> Result<T, ErrorData> {
        self.0
    }
}

impl<T> Sealed<Result<T, ErrorData>> {
    /// Passes the result of a component that no rule is about. The caller says so by showing that it looked.
    pub(crate) fn unruled(self, _looked: Unruled) -> Result<T, ErrorData> {
        self.0
    }
}

/// What an enforcement carries to its component, and may look at on the way.
pub(crate) trait Carried: Send + Sync {
    /// The request's context, where a person could be asked about the request.
    fn context(&self) -> Option<&RequestContext<RoleServer>>;

    /// What holds for the component by now, where somebody can tell.
    fn ruling(&self) -> impl Future<Output = Option<Ruling>> + Send;
}

impl Carried for () {
    fn context(&self) -> Option<&RequestContext<RoleServer>> {
        None
    }

    fn ruling(&self) -> impl Future<Output = Option<Ruling>> + Send {
        std::future::ready(None)
    }
}

/// Carries out `run` under the operation's rules, for a request that nobody is asked about.
pub(crate) async fn enforce<C, R, F>(operation: Operation, run: R) -> Enforced<C>
where
    C: Returned,
    R: FnOnce(Option<JsonObject>) -> F + Send,
    F: Future<Output = Sealed<Result<C, ErrorData>>> + Send,
{
    enforce_with(operation, (), |arguments, ()| run(arguments)).await
}

/// Carries out `run` under the operation's rules and settles the operation, whatever comes.
///
/// The author's code is guarded where it runs. What is left are destructors of the author's values: rmcp would never
/// answer a request in which one panics.
pub(crate) async fn enforce_with<C, X, R, F>(operation: Operation, carried: X, run: R) -> Enforced<C>
where
    C: Returned,
    X: Carried,
    R: FnOnce(Option<JsonObject>, X) -> F + Send,
    F: Future<Output = Sealed<Result<C, ErrorData>>> + Send,
{
    enforce_task(operation, carried, run, |_| std::future::ready(())).await
}

/// The same for a component that can go on as a task: the task of a call that is denied is given to `abandon`, before the
/// operation ends, so that nobody who drops the call keeps the task.
pub(crate) async fn enforce_task<C, X, R, F, A, G>(
    operation: Operation,
    carried: X,
    run: R,
    abandon: A,
) -> Enforced<C>
where
    C: Returned,
    X: Carried,
    R: FnOnce(Option<JsonObject>, X) -> F + Send,
    F: Future<Output = Sealed<Result<C, ErrorData>>> + Send,
    A: FnOnce(String) -> G + Send,
    G: Future<Output = ()> + Send,
{
    guarded(
        operation.hides_anything(),
        settled(operation, carried, run, abandon),
    )
    .await
}

/// Carries out an enforcement so that nothing panics.
async fn guarded<T>(
    hides: bool,
    enforced: impl Future<Output = Result<T, Denial>> + Send,
) -> Result<T, Denial> {
    let enforced = AssertUnwindSafe(enforced).catch_unwind().await;
    enforced.unwrap_or_else(|payload| {
        // Its destructor could panic in its turn.
        std::mem::forget(payload);
        tracing::error!("access denied: something panicked on the way");
        Err(Denial::new(hides))
    })
}

async fn settled<C, X, R, F, A, G>(operation: Operation, carried: X, run: R, abandon: A) -> Enforced<C>
where
    C: Returned,
    X: Carried,
    R: FnOnce(Option<JsonObject>, X) -> F + Send,
    F: Future<Output = Sealed<Result<C, ErrorData>>> + Send,
    A: FnOnce(String) -> G + Send,
    G: Future<Output = ()> + Send,
{
    let hides = operation.hides_anything();
    let mut settling = Settling::new(operation);
    let mut enforced = match settling.operation() {
        Some(operation) => by_mode(operation, carried, run).await,
        None => Err(Denial::new(hides)),
    };
    if let Err(denial) = &mut enforced
        && let Some(orphan) = denial.orphan.take()
    {
        abandon(orphan).await;
    }
    settling.settle().await;
    enforced
}

/// The operation under its rule, or first under its gate and then under the enforcement behind it.
async fn by_mode<C, X, R, F>(operation: &mut Operation, carried: X, run: R) -> Enforced<C>
where
    C: Returned,
    X: Carried,
    R: FnOnce(Option<JsonObject>, X) -> F + Send,
    F: Future<Output = Sealed<Result<C, ErrorData>>> + Send,
{
    if operation.rule().is_gate() {
        if !operation.has_enforcement() {
            return gate::enforce(operation, carried, run).await;
        }
        gate::pass(operation).await?;
    }
    if operation.rule().mode() == Mode::Post {
        post::enforce(operation, carried, run).await
    } else {
        pre::enforce(operation, carried, run).await
    }
}
