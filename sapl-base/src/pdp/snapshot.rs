//! Policies as they were at one time.

use std::{any::Any, fmt, sync::Arc};

/// The policies of a decision point as they were at one time, in whatever form it has them.
///
/// ```
/// use sapl_base::PolicySnapshot;
///
/// let snapshot = PolicySnapshot::new(std::sync::Arc::new(7_u64));
/// assert_eq!(snapshot.downcast_ref(), Some(&7_u64));
/// assert_eq!(snapshot.downcast_ref::<String>(), None);
/// ```
#[derive(Clone)]
pub struct PolicySnapshot(Arc<dyn Any + Send + Sync>);

impl PolicySnapshot {
    /// A snapshot in the decision point's own form.
    pub fn new<T: Any + Send + Sync>(policies: Arc<T>) -> Self {
        Self(policies)
    }

    /// The decision point's own form, if it is this one.
    pub fn downcast_ref<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for PolicySnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PolicySnapshot")
    }
}
