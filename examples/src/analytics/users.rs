//! The people of the demo.

use std::{fmt, str::FromStr};

/// One of the four users. Whoever has no token is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum User {
    /// An analyst.
    Mara,
    /// An engineer.
    Felix,
    /// A compliance officer.
    Diana,
    /// An intern.
    Sam,
}

/// There is no user of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownUser(String);

impl User {
    /// All of them, in the order of the matrix.
    pub const ALL: [Self; 4] = [Self::Mara, Self::Felix, Self::Diana, Self::Sam];

    /// The name, as in the claim `preferred_username`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mara => "mara",
            Self::Felix => "felix",
            Self::Diana => "diana",
            Self::Sam => "sam",
        }
    }

    /// The one role, as in the claim `realm_access.roles`.
    pub const fn role(self) -> &'static str {
        match self {
            Self::Mara => "ANALYST",
            Self::Felix => "ENGINEER",
            Self::Diana => "COMPLIANCE",
            Self::Sam => "INTERN",
        }
    }
}

impl FromStr for User {
    type Err = UnknownUser;

    fn from_str(name: &str) -> Result<Self, UnknownUser> {
        Self::ALL
            .into_iter()
            .find(|user| user.name() == name)
            .ok_or_else(|| UnknownUser(name.to_owned()))
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for UnknownUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = User::ALL.map(User::name).join(", ");
        write!(f, "there is no user `{}`: the users are {names}", self.0)
    }
}

impl std::error::Error for UnknownUser {}
