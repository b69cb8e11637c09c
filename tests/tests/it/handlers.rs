//! The seven kinds of constraint handlers: when they run, what they see and change, and what their failure does.

mod before;
mod denied;
mod errors;
mod failing;
mod output;
