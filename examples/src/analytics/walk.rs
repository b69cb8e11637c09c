//! Using every component as every user, and seeing what comes of it.

mod client;
mod judge;
mod matrix;
mod outcome;

use std::{collections::BTreeMap, fmt};

use rmcp::{model::ProtocolVersion, service::ClientInitializeError};

use super::{Plan, Received, User, plan};
use client::{Client, Reply};
use judge::Judge;
pub use matrix::{Difference, Matrix};
pub use outcome::Outcome;

/// The server that is walked through.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it serves MCP.
    pub url: String,
    /// A token for each user.
    pub tokens: BTreeMap<User, String>,
    /// The revision of MCP that is spoken.
    pub revision: Revision,
    /// What its components receive, where that can be seen. Then a cell is only as it should be when what did not
    /// come to a good end did not run either, and when the tool received what it says that it did.
    pub received: Option<Received>,
}

/// A revision of MCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revision {
    /// 2025-06-18
    V2025_06_18,
    /// 2025-11-25
    #[default]
    V2025_11_25,
    /// 2026-07-28
    V2026_07_28,
}

/// Why there is no matrix.
#[derive(Debug)]
#[non_exhaustive]
pub enum WalkError {
    /// There is no token for this user.
    NoToken(User),
    /// This user can't connect.
    Connect {
        /// Who.
        user: User,
        /// Why.
        error: Box<ClientInitializeError>,
    },
    /// The server agreed on another revision.
    Revision {
        /// The one that it was asked for.
        asked: Revision,
    },
}

/// Walks through the analytics server.
///
/// # Errors
/// A user can't connect. Whatever goes wrong behind that is an outcome.
pub async fn walk(target: &Target) -> Result<Matrix, WalkError> {
    walk_by(plan(), target).await
}

/// Makes the request of every row of a plan as each of its users, and tries to connect as nobody.
///
/// # Errors
/// A user can't connect. Whatever goes wrong behind that is an outcome.
pub async fn walk_by(plan: &'static Plan, target: &Target) -> Result<Matrix, WalkError> {
    let mut columns = Vec::with_capacity(plan.users.len());
    for user in plan.users.iter().copied() {
        let token = target.tokens.get(&user).ok_or(WalkError::NoToken(user))?;
        let client = Client::connect(target, user, token).await?;
        let judge = Judge::new(&client, target.received.as_ref()).await;
        let mut column = Vec::with_capacity(plan.rows.len());
        for row in &plan.rows {
            let reply = client.ask(&row.request).await;
            column.push(judge.outcome(&row.request, reply));
        }
        client.close().await;
        columns.push(column);
    }
    let (nobody, challenge) = client::connect_as_nobody(target).await;
    Ok(Matrix::new(plan, columns, nobody, challenge))
}

impl Revision {
    /// All of them, the oldest first.
    pub const ALL: [Self; 3] = [Self::V2025_06_18, Self::V2025_11_25, Self::V2026_07_28];

    /// rmcp's name of it.
    pub const fn version(self) -> ProtocolVersion {
        match self {
            Self::V2025_06_18 => ProtocolVersion::V_2025_06_18,
            Self::V2025_11_25 => ProtocolVersion::V_2025_11_25,
            Self::V2026_07_28 => ProtocolVersion::V_2026_07_28,
        }
    }
}

impl fmt::Display for WalkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoToken(user) => write!(f, "there is no token for {user}"),
            Self::Connect { user, error } => write!(f, "{user} can't connect: {error}"),
            Self::Revision { asked } => write!(f, "the server does not speak revision {}", asked.version()),
        }
    }
}

impl std::error::Error for WalkError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Connect { error, .. } => Some(error),
            _ => None,
        }
    }
}
