//! Mistakes that can be put into the worker on purpose, to see that the simulation finds them.
//!
//! They exist only in a build with `--cfg workbeat_seeded_faults`, which nothing but that test
//! makes, and there only the one that is planted does anything.

use std::sync::atomic::{AtomicU8, Ordering};

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeededFault {
    /// An outcome that was accepted is offered again.
    OffersAgain = 1,
    /// An outcome is given up after a few tries, and counted as accepted.
    GivesUp,
    /// Heartbeats go on after the outcome was accepted.
    BeatsOn,
    /// The slot is free when the activity has ended, before its outcome was accepted.
    FreesSlotEarly,
    /// A task that gets no answer is not listed in the report.
    ForgetsTask,
    /// An activity that says that it was canceled is believed.
    BelievesCanceled,
    /// Intervals are four times as long as they should be.
    BeatsSlowly,
    /// An outcome that is not accepted yet is tried again after minutes.
    OffersLate,
    /// An activity is not aborted after its cancel grace.
    ForgetsGrace,
}

impl SeededFault {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::OffersAgain,
        Self::GivesUp,
        Self::BeatsOn,
        Self::FreesSlotEarly,
        Self::ForgetsTask,
        Self::BelievesCanceled,
        Self::BeatsSlowly,
        Self::OffersLate,
        Self::ForgetsGrace,
    ];

    /// Whether this one is planted.
    pub(crate) fn is_planted(self) -> bool {
        PLANTED.load(Ordering::Relaxed) == self as u8
    }
}

static PLANTED: AtomicU8 = AtomicU8::new(0);

/// Plants a mistake in all workers of the process, in place of the one before.
pub fn plant(fault: Option<SeededFault>) {
    PLANTED.store(fault.map_or(0, |fault| fault as u8), Ordering::Relaxed);
}
