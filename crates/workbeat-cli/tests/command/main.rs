//! The command as people and scripts run it: processes against a server.
#![allow(clippy::unwrap_used, reason = "in a test it is how one fails")]

mod kit;

mod cancel;
mod list;
mod plan;
mod refusals;
mod server;
mod start;
mod wait;
mod watch;
