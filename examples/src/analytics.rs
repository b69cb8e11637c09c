//! An internal analytics server, four users, one folder of policies.
//!
//! The server ([`Analytics`]) is an ordinary rmcp server whose components say how they are enforced. [`Host`] serves
//! it over HTTP behind bearer tokens, with the decisions of any policy decision point. [`walk`] uses every component
//! as every user and gives the [`Matrix`] of what came out, to compare with [`Matrix::expected`]. [`cli`] makes a
//! program of it.
//!
//! ```
//! use std::time::SystemTime;
//!
//! use sapl_mcp::EmbeddedPdp;
//! use sapl_mcp_examples::analytics::{
//!     AccessLog, Analytics, Host, HostOptions, Matrix, Revision, Target, User, layer, mint, policy_folder, walk,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let sapl = layer(EmbeddedPdp::from_dir(policy_folder())?, AccessLog::default());
//! let host = Host::start(Analytics::new(), sapl, HostOptions::default()).await?;
//!
//! let token = |user| Ok((user, mint(user, SystemTime::now())?));
//! let tokens = User::ALL.into_iter().map(token).collect::<Result<_, Box<dyn std::error::Error + Send + Sync>>>()?;
//! let target = Target { url: host.url(), tokens, revision: Revision::default(), received: None };
//! let matrix = walk(&target).await?;
//! assert_eq!(matrix.differences(&Matrix::expected()), []);
//! host.stop().await?;
//! # Ok(()) }
//! ```

pub mod cli;
mod constraints;
mod data;
mod demo;
mod expected;
mod host;
mod plan;
mod policies;
mod received;
mod report;
mod server;
mod tokens;
mod users;
mod walk;

pub use constraints::{AccessLog, AllowedLevels, LimitResults, LogAccess, MAX_LOG_LINES, constraints};
pub use demo::{AnalyticsDemo, Demo};
pub use expected::{Request, Row, plan, rows};
pub use host::{Host, HostError, HostOptions, SHUTDOWN_GRACE, layer};
pub use plan::{Plan, UnknownUser};
pub use policies::policy_folder;
pub use received::{MAX_RUNS, Received, Run};
pub use report::{Palette, changes, matrix_table, wrong_cells};
pub use server::{Analytics, Purges};
pub use tokens::{AUDIENCE, ISSUER, LIFETIME, PUBLIC_KEY, claims, mint};
pub use users::User;
pub use walk::{Difference, Matrix, Outcome, Revision, Target, WalkError, walk, walk_by};
