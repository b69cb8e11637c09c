//! The approval: where the decision permits if a person agrees, one is asked, and their agreement is decided on.
//!
//! First decision → on-decision → method invocation → the person sees the arguments → second decision, with the agreement in its
//! environment → on-decision → method invocation → the arguments are those that the person saw → component.
//!
//! Whatever is not an agreement to exactly that is a denial.

mod ask;
mod grant;
mod refusal;
mod rounds;
mod wait;

use std::sync::Arc;

use rmcp::{RoleServer, model::JsonObject, service::RequestContext};
use sapl_base::constraint::HandlerOutcome;

use super::{Carried, Denial, Operation, Permit, Reason, Returned};
use crate::{
    approval::{APPROVAL_TITLE, ApprovalRequest, Digest, REQUIRE_APPROVAL, Wanted, code},
    audit::{ApprovalOutcome, ApprovalWay, AuditApproval, AuditSubject, MAX_SUBJECT_CHARS},
    rule::Ruling,
    subscription::Outcome,
};
use ask::Way;
use grant::Grant;
pub(super) use refusal::Refusal;
pub(crate) use rounds::Presented;

type Context = RequestContext<RoleServer>;

/// What comes of an approval.
pub(super) enum Approved<C> {
    /// The component may run with these arguments.
    Run(Box<(Permit, Option<JsonObject>)>),
    /// The client is to ask its user, and to call again.
    Ask(C),
}

/// Has a person asked about an operation with a first decision, whose on-decision handlers have run.
pub(super) async fn obtain<C: Returned, X: Carried>(
    operation: &mut Operation,
    carried: &X,
    mut permit: Permit,
    wanted: Box<Wanted>,
) -> Result<Approved<C>, Denial> {
    operation.approval = Some(Box::new(AuditApproval::new(
        ApprovalOutcome::Refused,
        wanted.approver.as_deref(),
    )));
    let Some(context) = carried.context().filter(|_| C::APPROVABLE) else {
        return Err(refuse(operation, permit, Refusal::NotHere));
    };
    permit.wanted = Some(wanted);
    let arguments = operation.invocation(&mut permit).await?;
    let Some(wanted) = permit.wanted.take() else {
        return Err(refuse(operation, permit, Refusal::NotHere));
    };
    let seen = Digest::of_arguments(arguments.as_ref());
    match asked(operation, (carried, context), &wanted, arguments, seen).await {
        Ok(Asked::Granted(grant)) => {
            let run = again(operation, context, *grant).await?;
            Ok(Approved::Run(Box::new(run)))
        }
        Ok(Asked::Open(asking)) => {
            let Some(asking) = C::asking(*asking) else {
                return Err(refuse(operation, permit, Refusal::NotHere));
            };
            operation.note_approval(ApprovalOutcome::Asked, Some(ApprovalWay::InputRequired));
            operation.keep_report(permit.bundle);
            operation.outcome = Outcome::InputRequired;
            Ok(Approved::Ask(asking))
        }
        Err(refusal) => Err(refuse(operation, permit, refusal)),
    }
}

/// Goes on with what a client sent when it had asked its user.
pub(super) async fn resume(
    operation: &mut Operation,
    context: Option<&Context>,
    presented: Presented,
) -> Result<(Permit, Option<JsonObject>), Denial> {
    operation.approval = Some(Box::new(AuditApproval {
        way: Some(ApprovalWay::InputRequired),
        ..AuditApproval::new(ApprovalOutcome::Refused, None)
    }));
    // What can't be permitted at all is denied for that.
    operation.admit()?;
    let by = person(operation);
    match (context, presented.grant(by, operation.request.shared.now())) {
        (Some(context), Ok(grant)) => again(operation, context, grant).await,
        (None, Ok(_)) => Err(operation.refuse(Refusal::NotHere)),
        (_, Err(refusal)) => Err(operation.refuse(refusal)),
    }
}

/// How far asking has come.
enum Asked {
    Granted(Box<Grant>),
    /// The client has to ask.
    Open(Box<rmcp::model::InputRequiredResult>),
}

async fn asked<X: Carried>(
    operation: &mut Operation,
    (carried, context): (&X, &Context),
    wanted: &Wanted,
    arguments: Option<JsonObject>,
    seen: Digest,
) -> Result<Asked, Refusal> {
    if let Some(remembered) = grant::recall(operation, context, wanted, seen).await? {
        operation.note_approval(ApprovalOutcome::Asked, Some(ApprovalWay::Remembered));
        return Ok(Asked::Granted(Box::new(remembered)));
    }
    let way = Way::of(&operation.request.shared.approvers, wanted, context)?;
    let request = request(operation, context, wanted, arguments)?;
    let text = request.text().ok_or(Refusal::NotShown)?;
    operation.note_approval(ApprovalOutcome::Asked, Some(way.told()));
    let answer = match way {
        Way::InputRequired => {
            let now = operation.request.shared.now();
            let asking = rounds::question(operation, wanted, &request, text, (seen, now))?;
            return Ok(Asked::Open(Box::new(asking)));
        }
        Way::Approver(approver) => ask::approver(operation, context, &approver, request).await?,
        Way::Elicitation => ask::person(operation, context, request, text).await?,
    };
    // A person can take an hour, and the component of that name can have become another one meanwhile.
    if Box::pin(is_replaced(operation, carried)).await {
        return Err(Refusal::Replaced);
    }
    Ok(Asked::Granted(Box::new(Grant::new(
        answer,
        wanted,
        seen,
        operation.request.shared.now(),
    ))))
}

/// Whether the component is not under the rules any more that the operation began with. If it is hidden by now, it is unknown.
async fn is_replaced<X: Carried>(operation: &mut Operation, carried: &X) -> bool {
    let ruling = carried.ruling().await;
    if matches!(&ruling, Some(Ruling::Rules(rules)) if rules.are(&operation.request.rules)) {
        return false;
    }
    if ruling.is_none_or(|ruling| ruling.hides()) {
        operation.hide();
    }
    true
}

/// What the person is shown.
fn request(
    operation: &Operation,
    context: &Context,
    wanted: &Wanted,
    arguments: Option<JsonObject>,
) -> Result<Arc<ApprovalRequest>, Refusal> {
    let subscription = &operation.request.context;
    let states = &operation.request.shared.request_states;
    let code = code(states, &subscription.whose(), grant::session(context)).ok_or(Refusal::NoKey)?;
    let subject = AuditSubject::of(subscription);
    Ok(Arc::new(ApprovalRequest {
        title: APPROVAL_TITLE,
        code,
        message: wanted.message.clone(),
        kind: subscription.kind(),
        name: subscription.name().to_owned(),
        uri: subscription.uri().map(str::to_owned),
        arguments: arguments.unwrap_or_default(),
        answers: operation.answers(),
        subject: subject.id().map(str::to_owned),
        client: subject.client_id().map(str::to_owned),
        expires_in: wanted.expires_in,
        editable: wanted.editable && !operation.request.fixed_arguments,
    }))
}

/// Who answers at the other end of the connection.
fn person(operation: &Operation) -> String {
    let subject = AuditSubject::of(&operation.request.context);
    subject.id().unwrap_or("anonymous").to_owned()
}

/// The operation from its subscription on, with what was granted in its environment.
async fn again(
    operation: &mut Operation,
    context: &Context,
    grant: Grant,
) -> Result<(Permit, Option<JsonObject>), Denial> {
    operation.note_grant(&grant);
    if let Some(edited) = &grant.edited {
        if operation.request.fixed_arguments {
            return Err(operation.refuse(Refusal::NotEditable));
        }
        operation.request.context.set_arguments(edited.clone());
        wants_no_other(operation, &grant).await?;
    }
    if grant.once.is_none() {
        // Where the client came back, its request has passed the gate already.
        super::gate::pass_again(operation).await?;
    }
    operation.begin_again(grant.told());
    let mut permit = operation.permit(super::EnforcementPoint::PreEnforce).await?;
    let arguments = operation.invocation(&mut permit).await?;
    if permit
        .wanted
        .take()
        .is_some_and(|wanted| wanted.digest != grant.obligations)
    {
        return Err(refuse(operation, permit, Refusal::AnotherApproval));
    }
    if Digest::of_arguments(arguments.as_ref()) != grant.seen {
        return Err(refuse(operation, permit, Refusal::OtherArguments));
    }
    if let Err(refusal) = grant.spend(operation, context).await {
        return Err(refuse(operation, permit, refusal));
    }
    permit.bundle.carried_out(REQUIRE_APPROVAL, HandlerOutcome::Ran);
    Ok((permit, arguments))
}

/// Whether the person who has edited the arguments may do so, and is the one who has to agree to them: who that is can depend on
/// the arguments, and the decision that is told of an approval need not look at it.
async fn wants_no_other(operation: &mut Operation, grant: &Grant) -> Result<(), Denial> {
    let mut permit = operation.permit(super::EnforcementPoint::PreEnforce).await?;
    match permit.wanted.take() {
        Some(wanted) if wanted.approver != grant.approver || !wanted.editable => {
            Err(refuse(operation, permit, Refusal::AnotherApproval))
        }
        _ => Ok(()),
    }
}

fn refuse(operation: &mut Operation, mut permit: Permit, refusal: Refusal) -> Denial {
    permit
        .bundle
        .carried_out(REQUIRE_APPROVAL, HandlerOutcome::Failed(refusal.to_string()));
    operation.keep_report(permit.bundle);
    operation.refuse(refusal)
}

impl Operation {
    /// What the client sends along as answers to what the component asks for.
    fn answers(&self) -> JsonObject {
        let answers = self.request.context.input_responses();
        answers
            .into_iter()
            .flatten()
            .map(|(key, answer)| (key.clone(), answer.clone()))
            .collect()
    }

    /// Denies for want of an approval.
    pub(super) fn refuse(&mut self, refusal: Refusal) -> Denial {
        if let Some(approval) = &mut self.approval {
            approval.outcome = refusal.outcome(approval.outcome);
        }
        self.deny(Reason::Approval(refusal))
    }

    fn note_approval(&mut self, outcome: ApprovalOutcome, way: Option<ApprovalWay>) {
        if let Some(approval) = &mut self.approval {
            approval.outcome = outcome;
            approval.way = way;
        }
    }

    fn note_grant(&mut self, grant: &Grant) {
        if let Some(approval) = &mut self.approval {
            approval.outcome = ApprovalOutcome::Accepted;
            approval.by = Some(grant.by.chars().take(MAX_SUBJECT_CHARS).collect());
        }
    }
}
