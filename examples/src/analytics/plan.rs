//! Who walks through a server, and what for.

use std::fmt;

use super::{Matrix, Row, User};

/// What the walk does with a server: it makes the request of each row as each user.
#[derive(Debug)]
pub struct Plan {
    /// The users, in the order of the columns.
    pub users: &'static [User],
    /// The rows, each with what has to come of it for each user.
    pub rows: Vec<Row>,
}

/// There is no user of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownUser {
    name: String,
    users: &'static [User],
}

impl Plan {
    /// The matrix as it has to be.
    pub fn expected(&'static self) -> Matrix {
        Matrix::expected_of(self)
    }

    /// The user of this name.
    ///
    /// # Errors
    /// There is none; the error names those that there are.
    pub fn user(&self, name: &str) -> Result<User, UnknownUser> {
        let mut users = self.users.iter().copied();
        users.find(|user| user.name() == name).ok_or_else(|| UnknownUser {
            name: name.to_owned(),
            users: self.users,
        })
    }
}

/// Plans are the same when they are the very same.
impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Plan {}

impl fmt::Display for UnknownUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.users.iter().map(|user| user.name()).collect();
        write!(
            f,
            "there is no user `{}`: the users are {}",
            self.name,
            names.join(", ")
        )
    }
}

impl std::error::Error for UnknownUser {}
