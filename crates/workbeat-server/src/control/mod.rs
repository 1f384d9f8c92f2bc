//! What the server offers beside SWF's own operations, under `/_workbeat/`.

mod activities;
mod advance;
mod cancel;
mod event_line;
mod events;
mod executions;
mod history;
mod names;
mod reset;

pub(crate) use activities::activities;
pub(crate) use advance::advance;
pub(crate) use cancel::cancel;
pub(crate) use event_line::event_line;
pub(crate) use events::{EventLines, KEPT, MOST_FOLLOWERS, MarkedLine, RESET_LINE, events};
pub(crate) use executions::executions;
pub(crate) use history::history;
pub(crate) use reset::reset;
