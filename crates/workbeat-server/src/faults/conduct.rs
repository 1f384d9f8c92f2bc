//! How the server behaves at present: what it denies, and what goes wrong.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use serde_json::Value;

use super::denial::{Denial, Denials};
use super::dice::{Dice, Fate};
use super::rates::Faults;

/// What can be changed while the server runs.
#[derive(Debug)]
pub(crate) struct Conduct {
    dice: Mutex<Dice>,
    /// Whether there is anything to roll for.
    faulty: AtomicBool,
    denials: RwLock<Denials>,
}

impl Conduct {
    pub(crate) fn new(faults: Faults, denials: Vec<Denial>, seed: u64) -> Self {
        Self {
            dice: Mutex::new(Dice::new(faults, seed)),
            faulty: AtomicBool::new(!faults.is_none()),
            denials: RwLock::new(Denials::new(denials)),
        }
    }

    /// What becomes of the next call, and how late its answer is.
    pub(crate) fn roll(&self) -> (Fate, Duration) {
        if self.is_faulty() {
            self.dice().roll()
        } else {
            (Fate::Answered, Duration::ZERO)
        }
    }

    /// Whether the next poll whose client goes away keeps its place.
    pub(crate) fn phantom(&self) -> bool {
        self.is_faulty() && self.dice().phantom()
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        self.dice().set(faults);
        self.faulty.store(!faults.is_none(), Ordering::Release);
    }

    /// Why a call is not permitted, if it is not.
    pub(crate) fn refusal(&self, operation: &str, input: &Value) -> Option<String> {
        let denials = self.denials.read().unwrap_or_else(PoisonError::into_inner);
        denials.refusal(operation, input)
    }

    pub(crate) fn deny(&self, denial: Denial) {
        let mut denials = self.denials.write().unwrap_or_else(PoisonError::into_inner);
        denials.deny(denial);
    }

    /// Takes a denial back; answers whether it was there.
    pub(crate) fn allow(&self, denial: &Denial) -> bool {
        let mut denials = self.denials.write().unwrap_or_else(PoisonError::into_inner);
        denials.allow(denial)
    }

    fn is_faulty(&self) -> bool {
        self.faulty.load(Ordering::Acquire)
    }

    fn dice(&self) -> MutexGuard<'_, Dice> {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
