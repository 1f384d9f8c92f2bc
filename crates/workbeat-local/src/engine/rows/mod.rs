//! The state of an engine as rows that somebody else keeps: what has changed, and how an
//! engine comes back from them.
//!
//! Each thing is a row of its own, so a heartbeat or an event writes what it changes and no
//! more. Only what cannot be told from other rows has one: places in task lists, deadlines
//! and the indexes by name are built again from them.

mod changes;
mod restore;
mod row;

pub use changes::Change;
pub(super) use changes::Changes;
pub use restore::{RestoreError, RestoreErrorKind};
pub(super) use row::Row;
