//! A matrix for people to read.

mod changes;
mod palette;
mod table;

use super::{Difference, User};
pub use changes::changes;
pub use palette::Palette;
pub use table::matrix_table;

/// One line for each cell that is not as it has to be.
pub fn wrong_cells(differences: &[Difference]) -> Vec<String> {
    let line = |it: &Difference| {
        let user = it.user.map_or("nobody", User::name);
        format!(
            "{user}, {}: expected {:#}, got {:#}",
            it.row, it.expected, it.found
        )
    };
    differences.iter().map(line).collect()
}
