//! SWF's protocol, AWS JSON 1.0, over HTTP/1.1.

mod accept;
mod answer;
mod body;
mod connection;
mod origin;
mod page;
mod refusal;
mod region;
mod request_id;
mod room;
mod route;
mod socket;
mod swf;
mod target;

pub(crate) use accept::accept;
pub(crate) use answer::{Answer, json, lines};
#[cfg(fuzzing)]
pub(crate) use connection::serve;
pub(crate) use refusal::Refusal;
pub(crate) use room::Room;

#[cfg(test)]
mod stream_tests;
