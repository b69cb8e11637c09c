mod listing;
mod manual;
mod misuse;
mod resolution;
mod stages;
mod support;
mod typed;
