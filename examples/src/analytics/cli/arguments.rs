//! The command line.

use std::{ffi::OsString, fmt, path::PathBuf};

use super::DecisionPoint;
use crate::analytics::{Demo, HostOptions, UnknownUser, User};

/// How the program is used.
pub(super) fn usage<D: Demo>() -> String {
    let demo = D::NAME;
    let users: Vec<&str> = D::plan().users.iter().map(|user| user.name()).collect();
    let users = users.join(", ");
    format!(
        "\
usage: {demo} [DECISIONS]
           walk through the server as every user, and print who may do what
       {demo} serve [--port N] [--sessions] [DECISIONS]
           keep serving on loopback, until Ctrl-C
       {demo} token USER
           print a token for one of {users}
       {demo} tokens
           print the tokens of all users as one JSON object

DECISIONS are made in the process by the demo's policies, if nothing else is said:
       --policies DIR
           in the process, by the policies in this folder; `serve` follows changes of its files
       --pdp URL [--cached]
           by the SAPL Node there (`http` only on this machine), which has the demo's policies;
           SAPL_PDP_TOKEN holds its API key; `--cached` keeps a stream for what is asked often"
    )
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Command {
    Help,
    Walk {
        decisions: DecisionPoint,
    },
    Serve {
        decisions: DecisionPoint,
        options: HostOptions,
    },
    Token {
        user: User,
    },
    Tokens,
}

/// What is wrong with the command line.
#[derive(Debug)]
pub(super) enum ArgumentError {
    Unknown(OsString),
    Missing(&'static str),
    Exclusive,
    Url(OsString),
    Port(OsString),
    User(UnknownUser),
}

impl Command {
    pub(super) fn parse<D: Demo>(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, ArgumentError> {
        let mut arguments = arguments.into_iter().peekable();
        let first = arguments
            .peek()
            .and_then(|argument| argument.to_str())
            .unwrap_or_default()
            .to_owned();
        match first.as_str() {
            "-h" | "--help" | "help" => Ok(Self::Help),
            "serve" => serve::<D>(arguments.skip(1)),
            "token" => {
                let mut rest = arguments.skip(1);
                let name = rest.next().ok_or(ArgumentError::Missing("a user"))?;
                nothing_more(rest)?;
                let user = D::plan()
                    .user(&name.to_string_lossy())
                    .map_err(ArgumentError::User)?;
                Ok(Self::Token { user })
            }
            "tokens" => nothing_more(arguments.skip(1)).map(|()| Self::Tokens),
            _ => walk::<D>(arguments),
        }
    }
}

fn walk<D: Demo>(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, ArgumentError> {
    let mut decisions = Decisions::default();
    while let Some(argument) = arguments.next() {
        decisions.take(argument, &mut arguments)?;
    }
    Ok(Command::Walk {
        decisions: decisions.chosen::<D>()?,
    })
}

fn serve<D: Demo>(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, ArgumentError> {
    let mut decisions = Decisions::default();
    let mut options = HostOptions::default();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--port") => options.port = port(&mut arguments)?,
            Some("--sessions") => options.sessions = true,
            _ => decisions.take(argument, &mut arguments)?,
        }
    }
    Ok(Command::Serve {
        decisions: decisions.chosen::<D>()?,
        options,
    })
}

/// Who is to decide, as far as it has been said.
#[derive(Default)]
struct Decisions {
    policies: Option<PathBuf>,
    pdp: Option<String>,
    cached: bool,
}

impl Decisions {
    fn take(
        &mut self,
        argument: OsString,
        rest: &mut impl Iterator<Item = OsString>,
    ) -> Result<(), ArgumentError> {
        match argument.to_str() {
            Some("--policies") => {
                let folder = rest
                    .next()
                    .ok_or(ArgumentError::Missing("a folder behind `--policies`"))?;
                self.policies = Some(folder.into());
            }
            Some("--pdp") => {
                let url = rest
                    .next()
                    .ok_or(ArgumentError::Missing("a URL behind `--pdp`"))?;
                self.pdp = Some(url.into_string().map_err(ArgumentError::Url)?);
            }
            Some("--cached") => self.cached = true,
            _ => return Err(ArgumentError::Unknown(argument)),
        }
        Ok(())
    }

    fn chosen<D: Demo>(self) -> Result<DecisionPoint, ArgumentError> {
        match (self.policies, self.pdp) {
            (Some(_), Some(_)) => Err(ArgumentError::Exclusive),
            (None, Some(url)) => Ok(DecisionPoint::Remote {
                url,
                cached: self.cached,
            }),
            _ if self.cached => Err(ArgumentError::Missing("`--pdp URL` beside `--cached`")),
            (folder, None) => Ok(DecisionPoint::Embedded {
                folder: folder.unwrap_or_else(|| D::policy_folder().to_owned()),
            }),
        }
    }
}

fn port(arguments: &mut impl Iterator<Item = OsString>) -> Result<u16, ArgumentError> {
    let port = arguments
        .next()
        .ok_or(ArgumentError::Missing("a port behind `--port`"))?;
    port.to_str()
        .and_then(|port| port.parse().ok())
        .ok_or(ArgumentError::Port(port))
}

fn nothing_more(mut arguments: impl Iterator<Item = OsString>) -> Result<(), ArgumentError> {
    arguments
        .next()
        .map_or(Ok(()), |argument| Err(ArgumentError::Unknown(argument)))
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(argument) => write!(f, "unknown argument `{}`", argument.display()),
            Self::Missing(what) => write!(f, "{what} is missing"),
            Self::Exclusive => f.write_str("`--policies` and `--pdp` exclude each other"),
            Self::Url(url) => write!(f, "`{}` is not a URL", url.display()),
            Self::Port(port) => write!(f, "`{}` is not a port", port.display()),
            Self::User(error) => error.fmt(f),
        }
    }
}
