//! Repeated questions are answered from live streams, and never from one that is not alive.
#![cfg(feature = "http")]

mod following;
mod limits;
mod scripted;
