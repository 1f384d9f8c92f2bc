//! How SWF's JSON shows what this crate keeps in better types.
//!
//! A module of a name is for `#[serde(with = "…")]`: timeouts and priorities are strings,
//! and a task list is an object with a name.

mod shapes;
mod tasks;
pub(super) mod timeout;

pub(super) use shapes::{
    activity_type, optional_task_list, optional_workflow_execution, priority, required_timeout,
    task_list, workflow_execution,
};
pub use tasks::{activity_task_text, decision_task_text};
pub use timeout::timeout_text;
pub(super) use timeout::{parse_timeout, rounded};

/// How a message begins that says what is wrong with a value and not with its type.
///
/// serde has one sort of error only; by this the engine tells a `ValidationException` from a
/// `SerializationException`.
pub(super) const BROKEN: &str = "1 validation error detected: ";

/// What serde is told of a text that its member cannot have. It does not show the text.
fn refused<E: serde::de::Error>(what: &str) -> E {
    E::custom(format!("{BROKEN}{what}"))
}
