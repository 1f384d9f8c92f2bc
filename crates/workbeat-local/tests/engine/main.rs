//! The engine by itself: SWF's rules, one after another, and then all at once.

mod any_input;
mod cancel;
mod client;
mod conformance;
mod constraints;
mod contract;
mod decide;
mod domains;
mod events;
mod kit;
mod late;
mod limits;
mod looks;
mod poll;
mod properties;
mod redaction;
mod registration;
mod restore;
mod steps;
mod timeout;
mod types;
mod visibility;
mod watch;
mod wire;
