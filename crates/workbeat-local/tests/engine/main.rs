//! The engine by itself: SWF's rules, one after another, and then all at once.

mod cancel;
mod constraints;
mod contract;
mod decide;
mod events;
mod kit;
mod late;
mod limits;
mod poll;
mod properties;
mod redaction;
mod timeout;
mod types;
mod watch;
mod wire;
