//! The people of the demos.

use std::fmt;

/// A user of one of the servers. Whoever has no token is none of them.
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
    /// An administrator of the gated server.
    Dora,
    /// A user of the gated server.
    Udo,
}

impl User {
    /// All users of the analytics server, in the order of its matrix.
    pub const ALL: [Self; 4] = [Self::Mara, Self::Felix, Self::Diana, Self::Sam];

    /// All users of the gated server, in the order of its matrix.
    pub const GATED: [Self; 2] = [Self::Dora, Self::Udo];

    /// The name, as in the claim `preferred_username`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mara => "mara",
            Self::Felix => "felix",
            Self::Diana => "diana",
            Self::Sam => "sam",
            Self::Dora => "dora",
            Self::Udo => "udo",
        }
    }

    /// The one role, as in the claim `realm_access.roles`.
    pub const fn role(self) -> &'static str {
        match self {
            Self::Mara => "ANALYST",
            Self::Felix => "ENGINEER",
            Self::Diana => "COMPLIANCE",
            Self::Sam => "INTERN",
            Self::Dora => "ADMIN",
            Self::Udo => "USER",
        }
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
