//! Whatever is not a PERMIT with every obligation fulfilled is a denial.

mod decision;
mod fields;
mod identity;
mod limits;
mod methods;
mod refused;
mod rules;
mod scopes;
mod transport;
mod unlisted;
