//! Why a configuration is refused.

use std::error::Error;
use std::path::PathBuf;
use std::{fmt, io};

use crate::syntax::Diagnostic;

/// Why a configuration is refused. What is wrong within a text prints its file, line and column, the source line and a
/// caret.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// A file or folder can't be read.
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file or the whole folder is larger than the limit.
    TooLarge {
        /// Which one.
        path: PathBuf,
        /// The limit in bytes.
        maximum: u64,
    },
    /// A file is not UTF-8.
    NotUtf8 {
        /// Which one.
        path: PathBuf,
        /// How many bytes of it are UTF-8.
        valid_up_to: usize,
    },
    /// There are more documents than allowed.
    TooManyDocuments {
        /// How many there are.
        found: usize,
        /// How many are allowed.
        maximum: usize,
    },
    /// The folder changed each time that it was read.
    Changing {
        /// Which one.
        path: PathBuf,
    },
    /// There is no thread to watch the folder.
    Unwatched {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Loading the policies panicked.
    Panicked,
    /// A source of policies that is no folder has failed.
    Source(Box<dyn Error + Send + Sync>),
    /// Something is wrong within a text.
    Invalid(Box<Diagnostic>),
}

impl ConfigurationError {
    /// The problem and its place, when it is one within a text.
    #[must_use]
    pub fn diagnostic(&self) -> Option<&Diagnostic> {
        match self {
            Self::Invalid(problem) => Some(problem),
            _ => None,
        }
    }
}

impl From<Diagnostic> for ConfigurationError {
    fn from(problem: Diagnostic) -> Self {
        Self::Invalid(Box::new(problem))
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, error } => write!(f, "can't read `{}`: {error}", path.display()),
            Self::TooLarge { path, maximum } => {
                write!(f, "`{}` is larger than {maximum} bytes", path.display())
            }
            Self::NotUtf8 { path, valid_up_to } => {
                write!(
                    f,
                    "`{}` is not UTF-8: the byte at offset {valid_up_to} does not fit",
                    path.display()
                )
            }
            Self::TooManyDocuments { found, maximum } => {
                write!(f, "there are {found} documents, at most {maximum} are allowed")
            }
            Self::Changing { path } => {
                write!(f, "`{}` changes all the time while it is read", path.display())
            }
            Self::Unwatched { path, error } => write!(f, "can't watch `{}`: {error}", path.display()),
            Self::Panicked => f.write_str("loading the policies panicked"),
            Self::Source(error) => write!(f, "no policies come from their source: {error}"),
            Self::Invalid(problem) => problem.fmt(f),
        }
    }
}

impl Error for ConfigurationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } | Self::Unwatched { error, .. } => Some(error),
            Self::Source(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
