//! What was last sent as the progress of each task, where that was a reference.

use std::sync::{Mutex, MutexGuard, PoisonError};

use workbeat::service::TaskToken;

use crate::recent::Recent;
use crate::reference::Reference;

/// How many tasks are remembered. One that is forgotten sends a heartbeat without progress if its
/// newest is still on its way; the next one carries it.
const REMEMBERED: usize = 16_384;

/// The references that stand for progress, by task.
#[derive(Debug)]
pub(crate) struct Sent(Mutex<Recent<TaskToken, Reference>>);

impl Sent {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Recent::new(REMEMBERED)))
    }

    fn state(&self) -> MutexGuard<'_, Recent<TaskToken, Reference>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was last sent for a task.
    pub(crate) fn last(&self, token: &TaskToken) -> Option<Reference> {
        self.state().get(token).cloned()
    }

    /// Notes what is sent now, and gives what it takes the place of.
    pub(crate) fn sends(&self, token: &TaskToken, reference: &Reference) -> Option<Reference> {
        let before = self.state().set(token.clone(), reference.clone());
        before.filter(|before| before.digest != reference.digest)
    }

    /// Notes that the task has ended, or sends something small: what was sent before, if anything.
    pub(crate) fn ends(&self, token: &TaskToken) -> Option<Reference> {
        self.state().remove(token)
    }
}
