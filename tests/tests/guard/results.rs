//! What a caller gets of what a tool gave.
