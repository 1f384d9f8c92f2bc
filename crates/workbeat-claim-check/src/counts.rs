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
    /// How often a task had no use any more for a payload that was stored for it: progress that newer
    /// progress took the place of, or whose task has ended without it, and outcomes that the service
    /// did not take. It is counted when the service has definitely said so, so there may be more. Each
    /// is logged at DEBUG, by its digest. That is no list of what can be deleted: another task may
    /// have stored the same payload. They stay in the store until its own rule deletes them.
    pub unused: u64,
    /// Heartbeats that went out without the newest progress, because that was not stored yet: one for
    /// each new progress that is large, and more while the store is slow or down.
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
