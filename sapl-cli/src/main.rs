//! The command `sapl`.

fn main() {}
