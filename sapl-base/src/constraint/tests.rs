mod listing;
mod misuse;
mod resolution;
mod stages;
mod support;
mod typed;
