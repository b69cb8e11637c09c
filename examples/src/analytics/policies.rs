//! Where the demo's policies are.

use std::path::Path;

/// The folder of the demo's own policies, wherever the program is run from.
pub fn policy_folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/policies/analytics"))
}
