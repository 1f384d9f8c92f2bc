//! The real worker against the real engine, through a network that does its worst.
//!
//! A seed stands for a whole run: which activities there are, what is done to them, how workers
//! live and end, and what the network does with each call. A run takes place in tokio's paused
//! time on one thread, so the same seed is the same run, to the last line of its timeline.
//! Afterwards a [judge](Check) compares what the worker promises with what the *service* saw.
//!
//! ```
//! let outcome = workbeat_simulation::simulate(7);
//! assert!(outcome.verdict.violations.is_empty());
//! assert_eq!(workbeat_simulation::simulate(7).timeline(), outcome.timeline());
//! ```

mod activities;
mod fleet;
mod judge;
mod log;
mod network;
mod panics;
mod plan;
mod run;
mod timeline;

pub use fleet::simulate_all;
pub use judge::{Check, Tally, Verdict, Violation};

/// What came of a seed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// What the judge says.
    pub verdict: Verdict,
    record: run::Record,
}

impl Outcome {
    /// Everything that happened, a line each, without any payload.
    #[must_use]
    pub fn timeline(&self) -> String {
        timeline::timeline(&self.record)
    }
}

/// Runs a seed to its end and judges it.
#[must_use]
pub fn simulate(seed: u64) -> Outcome {
    panics::quiet();
    let record = run::run(seed);
    Outcome {
        seed,
        verdict: judge::judge(&record),
        record,
    }
}
