//! Ends a task from elsewhere: another process, hours later, by its token.

mod attempts;
mod client;
mod error;

pub use client::CompletionClient;
pub use error::{CompletionError, CompletionErrorKind};
