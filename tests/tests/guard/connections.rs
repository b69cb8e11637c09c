//! Connections, rounds and tasks.
