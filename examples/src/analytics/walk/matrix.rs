//! Who can do what.

use super::Outcome;
use crate::analytics::{Plan, Row, User, plan};

/// The outcome of every row for every user, and what becomes of whoever has no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    plan: &'static Plan,
    /// By user, and for each in the order of the rows.
    columns: Vec<Vec<Outcome>>,
    nobody: Outcome,
    challenge: Option<String>,
}

/// A cell that two matrices disagree about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The name of the row.
    pub row: &'static str,
    /// The user; none for whoever has no token.
    pub user: Option<User>,
    /// What was expected.
    pub expected: Outcome,
    /// What was found.
    pub found: Outcome,
}

impl Matrix {
    /// The matrix of the analytics server as it has to be.
    pub fn expected() -> Self {
        Self::expected_of(plan())
    }

    /// The matrix of a plan as it has to be.
    pub(in crate::analytics) fn expected_of(plan: &'static Plan) -> Self {
        let column = |index: usize| {
            let outcomes = plan
                .rows
                .iter()
                .filter_map(|row| row.expected.get(index).cloned());
            outcomes.collect()
        };
        let columns = (0..plan.users.len()).map(column).collect();
        Self::new(plan, columns, Outcome::Unauthorized, None)
    }

    pub(super) const fn new(
        plan: &'static Plan,
        columns: Vec<Vec<Outcome>>,
        nobody: Outcome,
        challenge: Option<String>,
    ) -> Self {
        Self {
            plan,
            columns,
            nobody,
            challenge,
        }
    }

    /// The outcome of the row of this name, if there is one.
    pub fn outcome(&self, row: &str, user: User) -> Option<&Outcome> {
        let row = self.plan.rows.iter().position(|known| known.name == row)?;
        let column = self.plan.users.iter().position(|known| *known == user)?;
        self.columns.get(column)?.get(row)
    }

    /// Whose matrix of what it is.
    pub const fn plan(&self) -> &'static Plan {
        self.plan
    }

    /// What became of whoever has no token.
    pub const fn nobody(&self) -> &Outcome {
        &self.nobody
    }

    /// The `WWW-Authenticate` that whoever has no token was sent.
    pub fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    /// All cells, row by row.
    pub fn cells(&self) -> impl Iterator<Item = (&'static Row, User, &Outcome)> {
        self.plan.rows.iter().enumerate().flat_map(move |(index, row)| {
            let columns = self.plan.users.iter().copied().zip(&self.columns);
            columns.filter_map(move |(user, column)| Some((row, user, column.get(index)?)))
        })
    }

    /// The cells in which this matrix is not as `expected`.
    pub fn differences(&self, expected: &Self) -> Vec<Difference> {
        let mut differences: Vec<Difference> = self
            .cells()
            .zip(expected.cells())
            .filter(|((_, _, found), (_, _, expected))| found != expected)
            .map(|((row, user, found), (_, _, expected))| Difference {
                row: row.name,
                user: Some(user),
                expected: expected.clone(),
                found: found.clone(),
            })
            .collect();
        if self.nobody != expected.nobody {
            differences.push(Difference {
                row: "connect",
                user: None,
                expected: expected.nobody.clone(),
                found: self.nobody.clone(),
            });
        }
        differences
    }

    /// How many cells there are, the one of whoever has no token included.
    pub fn cell_count(&self) -> usize {
        self.cells().count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::rows;

    #[test]
    fn every_cell_that_differs_is_told() {
        let expected = Matrix::expected();
        assert_eq!(expected.differences(&expected), []);
        assert_eq!(expected.cell_count(), rows().len() * 4 + 1);

        let mut found = expected.clone();
        found.columns[3][0] = Outcome::Denied;
        found.nobody = Outcome::Ok;
        let differences = found.differences(&expected);
        let cells: Vec<_> = differences
            .iter()
            .map(|it| (it.row, it.user, &it.found))
            .collect();
        assert_eq!(
            cells,
            [
                ("query_public_data", Some(User::Sam), &Outcome::Denied),
                ("connect", None, &Outcome::Ok)
            ]
        );
        assert_eq!(
            found.outcome("query_public_data", User::Sam),
            Some(&Outcome::Denied)
        );
        assert_eq!(found.outcome("no such row", User::Sam), None);
    }

    #[test]
    fn rows_have_names_of_their_own() {
        let mut names: Vec<_> = rows().iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), rows().len());
    }
}
