//! Who finds attributes.

use std::fmt;
use std::sync::Arc;

use futures_core::stream::BoxStream;

use super::AttributeCall;
use crate::value::Value;

/// The values of an attribute, each replacing the one before. Polled by whoever listens; dropped when nobody does.
pub type AttributeStream = BoxStream<'static, Value<'static>>;

/// Finds the attributes of a library.
///
/// What goes wrong is a value too: [`ErrorKind::Attribute`](crate::value::ErrorKind::Attribute) with a fixed text, so that no
/// secret gets into it. A policy whose condition needs such an attribute is INDETERMINATE.
///
/// See the [module](super) for an example.
pub trait AttributeFinder: Send + Sync + 'static {
    /// The library: what stands before the dot in `<library.name>`. Letters and digits, the first a letter.
    fn library(&self) -> &str;

    /// The values of an attribute; `None` when the library has none of that name for such an entity and so many arguments.
    ///
    /// Called while a decision is made, so it must not block: what takes time belongs into the stream.
    fn find(&self, call: Arc<AttributeCall>) -> Option<AttributeStream>;
}

/// A finder made of a closure: see [`finder_fn`].
pub struct FinderFn<F> {
    library: String,
    find: F,
}

/// Makes an attribute finder of a library's name and a closure.
pub fn finder_fn<F>(library: impl Into<String>, find: F) -> FinderFn<F>
where
    F: Fn(Arc<AttributeCall>) -> Option<AttributeStream> + Send + Sync + 'static,
{
    FinderFn {
        library: library.into(),
        find,
    }
}

impl<F> AttributeFinder for FinderFn<F>
where
    F: Fn(Arc<AttributeCall>) -> Option<AttributeStream> + Send + Sync + 'static,
{
    fn library(&self) -> &str {
        &self.library
    }

    fn find(&self, call: Arc<AttributeCall>) -> Option<AttributeStream> {
        (self.find)(call)
    }
}

impl<F> fmt::Debug for FinderFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinderFn")
            .field("library", &self.library)
            .finish_non_exhaustive()
    }
}
