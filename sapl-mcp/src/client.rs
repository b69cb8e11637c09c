//! The other side of the wire: a guard in front of the tool calls of a client.
//!
//! A [`Guard`] wraps an rmcp client. Before it calls a tool it asks a [`GuardPolicy`] (a closure, a [`RuleList`], or any
//! decision point by [`PdpPolicy`]) and gets [`Allow`](GuardDecision::Allow),
//! [`ApprovalRequired`](GuardDecision::ApprovalRequired) or [`Deny`](GuardDecision::Deny), each with a reason. Where a
//! person has to agree, it asks an [`Approver`]; without one nothing is called. What the tool gives goes through the
//! constraints of the decision before the caller sees it, and every call leaves a [`GuardRecord`].
//!
//! ```
//! use sapl_mcp::client::{Guard, GuardError, GuardRule, RuleList};
//! use rmcp::{RoleClient, model::{CallToolRequestParams, CallToolResult}, service::{Peer, RunningService}};
//!
//! # async fn connected(client: RunningService<RoleClient, ()>) -> Result<CallToolResult, GuardError> {
//! let guard = Guard::builder(client)
//!     .policy(
//!         RuleList::new()
//!             .rule(GuardRule::deny("destructive tool").prefixes(["delete_", "drop_"]))
//!             .rule(GuardRule::allow("safe tool").names(["add"]).prefixes(["read_", "list_"])),
//!     )
//!     .user("ann")
//!     .build();
//! guard.call_tool(CallToolRequestParams::new("read_file")).await
//! # }
//! ```
//!
//! # What it decides on
//!
//! A [`GuardRequest`]: the user, the server, the tool with its [`ToolHints`], the arguments, and an environment that the
//! host fills. The hints come from the server and nobody checks them: a rule that lets something pass because of them
//! should be limited to servers that the host [trusts](GuardBuilder::trusted).
//!
//! # Definitions that change
//!
//! The guard remembers how each tool was defined when it first saw it. When anything in a definition changes, all grants
//! for the tool are void, and a person has to agree to the next call even if the policy allows it. It sees what is listed
//! through [`Guard::list_tools`]; a host that hears that the list has changed calls [`Guard::tools_changed`].
//!
//! # Advice of the server
//!
//! A tool can come with a SAPL document by which its server advises clients ([`Rule::advisory_policy`]). With the feature
//! `embedded` the guard decides by it beside the user's policy, on the subscription of [`PdpPolicy`], and the stricter of
//! the two holds; without, there is no advice.
//!
//! | decision of the document | judgement |
//! |---|---|
//! | PERMIT, NOT_APPLICABLE | nothing against it |
//! | PERMIT with an obligation [`requireApproval`](REQUIRE_APPROVAL) | approval is required |
//! | PERMIT with another obligation, or with a replacement of the resource | deny: nobody fulfils it for the server |
//! | INDETERMINATE, also because it took more than it may | approval is required |
//! | DENY, SUSPEND | deny |
//!
//! The document is somebody else's: it has 16 KiB, four `=~`, a million steps and 50 ms for a decision, and no attributes, variables
//! and secrets. It does see the user's attributes, the arguments and the environment, and whether the call is made may
//! tell the server one bit of them. What can't be read is ignored with a warning, and counts as no advice.
//!
//! [`Rule::advisory_policy`]: crate::Rule::advisory_policy
//!
//! # What it does not guard
//!
//! Tool calls are decided, and nothing else that a client does: not resources, prompts, completions and the results of
//! tasks, and not what the server asks of the client (sampling, elicitation, roots).

mod advice;
mod approver;
mod builder;
mod call;
mod connection;
mod constrain;
mod digest;
mod error;
mod grants;
mod guard;
mod hints;
mod judge;
mod judgement;
mod known;
mod pdp;
mod policy;
mod record;
mod request;
mod rounds;
mod rules;
mod scripted;
mod terminal;

pub use approver::{Approval, ApprovalRequest, Approver};
pub use builder::GuardBuilder;
pub use call::Attempt;
pub use connection::Connection;
pub use error::GuardError;
pub use grants::MAX_GRANTS;
pub use guard::Guard;
pub use hints::ToolHints;
pub use judgement::{GuardDecision, Judgement};
pub use known::{MAX_KNOWN_TOOLS, MAX_TOOL_PAGES};
pub use pdp::{PdpPolicy, REQUIRE_APPROVAL};
pub use policy::{AsyncPolicy, GuardPolicy, async_policy};
pub use record::{ApprovedBy, GuardOutcome, GuardRecord, GuardSink};
pub use request::{GuardRequest, ServerIdentity};
pub use rules::{GuardRule, RuleList};
pub use scripted::ScriptedApprover;
pub use terminal::{MAX_ANSWER_BYTES, TerminalApprover};
