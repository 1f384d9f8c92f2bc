//! What the server offers beside SWF's own operations, under `/_workbeat/`.

mod activities;
mod advance;
mod events;
mod reset;

pub(crate) use activities::activities;
pub(crate) use advance::advance;
pub(crate) use events::{EventLines, events};
pub(crate) use reset::reset;
