//! Attributes: values that policies ask for and that change while a decision is in force.
//!
//! `<library.name(arguments)>` asks the finder of a library for an attribute of the environment, `value.<library.name>`
//! for one of that value. `time`, and with the feature `crypto` also `jwt` and `x509`, are always there; a host adds its own
//! finders by [`EmbeddedPdp::with_attribute_finder`](crate::EmbeddedPdp::with_attribute_finder).
//!
//! - Who asks for the same attribute of the same value with the same arguments, options, variables and secrets shares one
//!   stream. It is dropped when nobody listens any more; nothing of it runs in between. Who comes late is told what it has by
//!   then, however long ago the others have looked at it.
//! - A finder that has no value after [`AttributeOptions::initial_timeout`], or that ends without one, makes the attribute
//!   undefined until there is one. A stream that ends is asked for again after
//!   [`AttributeOptions::poll_interval`], its last value stays till then.
//! - `|<…>` takes the first value and stays with it.
//! - An attribute that no finder knows is undefined. A finder that panics makes it an error, and is asked again later.
//!
//! ```
//! use futures_util::{StreamExt as _, stream};
//! use sapl_base::{AuthorizationSubscription, Decision, PolicyDecisionPoint as _};
//! use sapl_pdp::EmbeddedPdp;
//! use sapl_pdp::attribute::finder_fn;
//! use sapl_pdp::value::Value;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shifts = finder_fn("shift", |call| match (call.name(), call.entity()) {
//!     ("onDuty", Some(person)) => {
//!         let on_duty = person.as_text() == Some("mara");
//!         Some(stream::once(async move { Value::from(on_duty) }).boxed())
//!     }
//!     _ => None,
//! });
//! let policy = r#"policy "on duty" permit subject.<shift.onDuty>;"#;
//! let pdp = EmbeddedPdp::from_texts(None, [("duty.sapl", policy)])?.with_attribute_finder(shifts)?;
//! let subscription = AuthorizationSubscription::new("mara", "read", "report");
//! assert_eq!(pdp.decide_once(&subscription).await.decision, Decision::Permit);
//! # Ok(())
//! # }
//! ```

pub use crate::value::{Array, ErrorKind, Number, Object, Text, Value};
pub use call::AttributeCall;
pub use clock::{Clock, SystemClock, timestamp};
pub use finder::{AttributeFinder, AttributeStream, FinderFn, finder_fn};
#[cfg(feature = "http")]
pub use http::{HTTP_ATTRIBUTE_TIMEOUT, HttpAttributes};
#[cfg(all(feature = "crypto", feature = "http"))]
pub use jwt::{JWT_KEY_INTERVAL, JWT_KEY_TIMEOUT, MAX_JWT_KEY_BYTES, MAX_UNKNOWN_JWT_KEYS};
pub use library::LibraryTaken;
pub use options::{AttributeOptions, MIN_BACKOFF};
pub use size::{MAX_VALUE_DEPTH, MAX_VALUE_SIZE};
pub use table::MAX_ATTRIBUTES;

pub(crate) use call::{Context, Surroundings};
pub(crate) use library::{Attributes, missing_feature};
pub(crate) use table::{Settled, Table};

mod call;
mod clock;
mod feed;
mod finder;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "crypto")]
mod jwt;
mod library;
mod options;
mod size;
mod steps;
mod table;
#[cfg(test)]
mod tests;
mod time;
mod wakers;
#[cfg(feature = "crypto")]
mod x509;
