//! The server as bytes on a socket see it: the edges of the protocol that no SDK reaches.

#![allow(clippy::unwrap_used, reason = "a helper of a test may unwrap too")]

mod browsers;
mod client;
mod connections;
mod control;
mod data;
mod hostile;
mod page;
mod requests;
