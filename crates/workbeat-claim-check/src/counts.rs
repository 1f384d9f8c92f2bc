//! What a claim check did, in figures.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a [`ClaimCheck`](crate::ClaimCheck) did since it was made, in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// References that were sent in the place of an outcome's payload, or of new progress.
    pub referred: u64,
    /// Payloads that were fetched: inputs, and what earlier attempts left.
    pub fetched: u64,
    /// Payloads that were stored, and that nothing in a history leads to any more: progress that newer
    /// progress took the place of, or whose task has ended without it, and outcomes that the service
    /// did not take. They stay in the store until its own rule deletes them. Each is logged at DEBUG,
    /// by its digest.
    pub unused: u64,
    /// Heartbeats that went out without the newest progress, because that was not stored yet.
    pub progress_late: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) referred: AtomicU64,
    pub(crate) fetched: AtomicU64,
    pub(crate) unused: AtomicU64,
    pub(crate) progress_late: AtomicU64,
}

impl Counters {
    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            referred: read(&self.referred),
            fetched: read(&self.fetched),
            unused: read(&self.unused),
            progress_late: read(&self.progress_late),
        }
    }
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
