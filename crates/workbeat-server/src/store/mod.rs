//! The data file: what an answer acknowledged is in it before the answer is sent.
//!
//! Every use of an engine appends what it changed to the [`Journal`], in the order of the
//! uses, and gets a mark. One thread takes what has queued up and commits it in one
//! transaction; what waits for a mark goes on once its transaction is on the disk.

mod database;
mod journal;
mod schema;

pub(crate) use database::{Database, Kept};
pub(crate) use journal::{Journal, NotKept};
pub(crate) use schema::Write;
