//! Activities as they go on: what only the local server tells, since SWF shows no heartbeats.

mod activity;
mod client;
mod line;

pub(crate) use activity::{Activity, Change, End};
pub(crate) use client::{Live, open, open_activities};
pub(crate) use line::{ActivityKey, ActivityLine, Line, What};

#[cfg(test)]
pub(crate) use line::tests;
