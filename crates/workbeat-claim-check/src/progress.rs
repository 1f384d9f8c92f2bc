//! The progress of tasks: what heartbeats carry, and what is on its way into the store meanwhile.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;
use workbeat::service::TaskToken;

use crate::error::PayloadError;
use crate::payloads::Payloads;
use crate::recent::Recent;
use crate::reference::Reference;
use crate::uploads::FRESH;

/// How many tasks are remembered. One that is forgotten sends a heartbeat without progress if its
/// newest is not stored yet; the next one carries it.
const REMEMBERED: usize = 16_384;

/// How many uploads of progress there are at once, of all tasks together. Each holds its payload.
const AT_ONCE: usize = 64;

/// How long the store may take for progress. Newer progress of the task waits meanwhile.
const LIMIT: Duration = Duration::from_secs(60);

/// What is known of the progress of each task.
pub(crate) struct Progress {
    tasks: Mutex<Recent<TaskToken, Task>>,
    permits: Arc<Semaphore>,
    /// With a key of its own, so that nobody can make two texts alike.
    hasher: RandomState,
    /// Whether progress could not be stored last.
    down: AtomicBool,
}

#[derive(Default)]
struct Task {
    /// What the last heartbeat carried.
    sent: Option<Carried>,
    /// What the service has, as far as it said so, if that is a reference.
    accepted: Option<Reference>,
    /// The large progress that was stored last, if it is not older than what was sent.
    stored: Option<Stored>,
    /// Ends with the task.
    under_way: Option<AbortOnDropHandle<()>>,
    /// How often progress was sent that need not be stored. What began to be stored before is older.
    small: u64,
    /// Whether an outcome was sent that may have been applied.
    offered: bool,
}

/// What a heartbeat carries.
#[derive(Clone)]
pub(crate) struct Carried {
    pub(crate) text: Arc<str>,
    pub(crate) reference: Option<Reference>,
}

struct Stored {
    print: Print,
    reference: Reference,
    at: Instant,
}

/// By which a text is known again, at less cost than a digest.
type Print = (usize, u64);

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            tasks: Mutex::new(Recent::new(REMEMBERED)),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            hasher: RandomState::new(),
            down: AtomicBool::new(false),
        }
    }

    fn tasks(&self) -> MutexGuard<'_, Recent<TaskToken, Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to send for large progress now: the reference to it if it is stored, and else, with `true`
    /// for late, the one to what was stored last, or what was sent last if that is newer. If it is
    /// not stored, that begins, unless the task has an upload under way or there are too many: the
    /// next heartbeat asks again.
    pub(crate) fn large(
        self: &Arc<Self>,
        payloads: &Payloads,
        token: &TaskToken,
        details: &str,
    ) -> (Option<Carried>, bool) {
        let print = (details.len(), self.hasher.hash_one(details));
        let mut tasks = self.tasks();
        let task = tasks.touch(token);
        let stored = task.stored.as_ref();
        let late = stored.is_none_or(|stored| stored.print != print);
        let fresh = !late && stored.is_some_and(|stored| stored.at.elapsed() < FRESH);
        let carried = stored.map(|stored| Carried {
            text: stored.reference.to_text().into(),
            reference: Some(stored.reference.clone()),
        });
        let carried = carried.or_else(|| task.sent.clone());
        let idle = task
            .under_way
            .as_ref()
            .is_none_or(AbortOnDropHandle::is_finished);
        if !fresh
            && idle
            && let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned()
        {
            task.under_way = self.begin(payloads, token, details, print, task.small, permit);
        }
        (carried, late)
    }

    /// Notes that progress is sent that need not be stored, or none: what is stored, or on its way, is
    /// older.
    pub(crate) fn small(&self, token: &TaskToken) {
        if let Some(task) = self.tasks().get_mut(token) {
            task.small = task.small.wrapping_add(1);
            task.stored = None;
            task.under_way = None;
        }
    }

    fn begin(
        self: &Arc<Self>,
        payloads: &Payloads,
        token: &TaskToken,
        details: &str,
        print: Print,
        small: u64,
        permit: OwnedSemaphorePermit,
    ) -> Option<AbortOnDropHandle<()>> {
        let (payloads, progress) = (payloads.clone(), Arc::downgrade(self));
        let (token, details) = (token.clone(), details.to_owned());
        let upload = async move {
            let stored = payloads.store_within(details, LIMIT, permit).await;
            let Some(progress) = progress.upgrade() else {
                return;
            };
            progress.says(stored.as_ref().err());
            let mut tasks = progress.tasks();
            let task = tasks.get_mut(&token);
            let task = task.filter(|task| task.small == small);
            if let (Ok(reference), Some(task)) = (stored, task) {
                let at = Instant::now();
                task.stored = Some(Stored {
                    print,
                    reference,
                    at,
                });
            }
        };
        let runtime = Handle::try_current().ok()?;
        Some(AbortOnDropHandle::new(runtime.spawn(upload)))
    }

    /// Says once that the store is down, and once that it is not.
    fn says(&self, error: Option<&PayloadError>) {
        let down = self.down.swap(error.is_some(), Ordering::Relaxed);
        match error {
            Some(error) if !down => {
                let source = std::error::Error::source(error).map(tracing::field::display);
                warn!(%error, source, "progress cannot be stored; heartbeats carry the last that could");
            }
            None if down => warn!("progress is stored again"),
            _ => {}
        }
    }

    /// Notes what a heartbeat is about to carry, and gives what the last one carried.
    pub(crate) fn sends(&self, token: &TaskToken, carried: Option<Carried>) -> Option<Carried> {
        let mut tasks = self.tasks();
        if carried.is_none() && tasks.get(token).is_none() {
            return None;
        }
        std::mem::replace(&mut tasks.touch(token).sent, carried)
    }

    /// Notes that the service took what a heartbeat carried. Gives whether that is a new reference,
    /// and what it took the place of.
    pub(crate) fn accepted(
        &self,
        token: &TaskToken,
        carried: Option<&Carried>,
    ) -> (bool, Option<Reference>) {
        let mut tasks = self.tasks();
        let Some(task) = tasks.get_mut(token) else {
            return (false, None);
        };
        let reference = carried.and_then(|carried| carried.reference.clone());
        if task.accepted == reference {
            return (false, None);
        }
        let new = reference.is_some();
        (new, std::mem::replace(&mut task.accepted, reference))
    }

    /// Notes that the service would not have what the last heartbeat carried.
    pub(crate) fn rejected(&self, token: &TaskToken, before: Option<Carried>) {
        if let Some(task) = self.tasks().get_mut(token) {
            task.sent = before;
        }
    }

    /// Notes that an outcome is sent. Gives whether an earlier one may have been applied.
    pub(crate) fn offers(&self, token: &TaskToken) -> bool {
        std::mem::replace(&mut self.tasks().touch(token).offered, true)
    }

    /// Notes that no outcome was applied.
    pub(crate) fn refused(&self, token: &TaskToken) {
        if let Some(task) = self.tasks().get_mut(token) {
            task.offered = false;
        }
    }

    /// Notes that the task has ended: what is stored of its progress, as far as it is known.
    pub(crate) fn ends(&self, token: &TaskToken) -> Vec<Reference> {
        let ended = self.tasks().remove(token);
        let Some(task) = ended else {
            return Vec::new();
        };
        let mut references = Vec::from_iter(task.accepted);
        if let Some(stored) = task.stored
            && !references.contains(&stored.reference)
        {
            references.push(stored.reference);
        }
        references
    }
}
