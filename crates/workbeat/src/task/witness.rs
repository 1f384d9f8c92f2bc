//! Who is shown the reports of an activity under test.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

/// Is shown each report, where it is made.
pub(crate) trait Witness: Send + Sync {
    /// A report was made. `details` is what a heartbeat would carry from now on, which is not the
    /// report if it did not fit.
    fn reported(&self, details: Option<String>, fitted: bool);
}

/// The witness of a worker's tasks, if there is one.
#[derive(Default)]
pub(crate) struct WitnessCell(OnceLock<Weak<dyn Witness>>);

impl WitnessCell {
    pub(crate) fn set(&self, witness: Weak<dyn Witness>) {
        // A worker under test has one.
        let _ = self.0.set(witness);
    }

    /// Takes down what is to be shown, under the lock that it is read under.
    pub(super) fn look(&self, details: Option<&str>) -> Shown {
        let witness = self.0.get().and_then(Weak::upgrade);
        Shown(witness.map(|witness| (witness, details.map(str::to_owned))))
    }
}

/// A report to be shown.
#[must_use]
pub(super) struct Shown(Option<(Arc<dyn Witness>, Option<String>)>);

impl Shown {
    /// Shows it, under no lock: what it sets off may look at the task.
    pub(super) fn show(self, fitted: bool) {
        if let Some((witness, details)) = self.0 {
            witness.reported(details, fitted);
        }
    }
}

impl fmt::Debug for WitnessCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WitnessCell")
            .field(&self.0.get().is_some())
            .finish()
    }
}
