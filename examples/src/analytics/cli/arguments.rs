//! The command line.

use std::{ffi::OsString, fmt, path::PathBuf};

use crate::analytics::{HostOptions, UnknownUser, User, policy_folder};

/// How the program is used.
pub(super) const USAGE: &str = "\
usage: analytics_demo [--policies DIR]
           walk through the server as every user, and print who may do what
       analytics_demo serve [--port N] [--policies DIR] [--sessions]
           keep serving on loopback, until Ctrl-C
       analytics_demo token USER
           print a token for mara, felix, diana or sam
       analytics_demo tokens
           print the tokens of all users as one JSON object";

/// What is to be done.
#[derive(Debug)]
pub(super) enum Command {
    Help,
    Walk { policies: PathBuf },
    Serve { policies: PathBuf, options: HostOptions },
    Token { user: User },
    Tokens,
}

/// What is wrong with the command line.
#[derive(Debug)]
pub(super) enum ArgumentError {
    Unknown(OsString),
    Missing(&'static str),
    Port(OsString),
    User(UnknownUser),
}

impl Command {
    pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, ArgumentError> {
        let mut arguments = arguments.into_iter().peekable();
        let first = arguments
            .peek()
            .and_then(|argument| argument.to_str())
            .unwrap_or_default()
            .to_owned();
        match first.as_str() {
            "-h" | "--help" | "help" => Ok(Self::Help),
            "serve" => serve(arguments.skip(1)),
            "token" => {
                let mut rest = arguments.skip(1);
                let name = rest.next().ok_or(ArgumentError::Missing("a user"))?;
                nothing_more(rest)?;
                let user = name.to_string_lossy().parse().map_err(ArgumentError::User)?;
                Ok(Self::Token { user })
            }
            "tokens" => nothing_more(arguments.skip(1)).map(|()| Self::Tokens),
            _ => walk(arguments),
        }
    }
}

fn walk(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, ArgumentError> {
    let mut policies = policy_folder().to_owned();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--policies") => policies = folder(&mut arguments)?,
            _ => return Err(ArgumentError::Unknown(argument)),
        }
    }
    Ok(Command::Walk { policies })
}

fn serve(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, ArgumentError> {
    let mut policies = policy_folder().to_owned();
    let mut options = HostOptions::default();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--port") => options.port = port(&mut arguments)?,
            Some("--policies") => policies = folder(&mut arguments)?,
            Some("--sessions") => options.sessions = true,
            _ => return Err(ArgumentError::Unknown(argument)),
        }
    }
    Ok(Command::Serve { policies, options })
}

fn folder(arguments: &mut impl Iterator<Item = OsString>) -> Result<PathBuf, ArgumentError> {
    arguments
        .next()
        .map(PathBuf::from)
        .ok_or(ArgumentError::Missing("a folder behind `--policies`"))
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
            Self::Port(port) => write!(f, "`{}` is not a port", port.display()),
            Self::User(error) => error.fmt(f),
        }
    }
}
