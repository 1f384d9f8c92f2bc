//! Everything the worker knows of one task that it holds.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::field::Empty;

use super::progress::{Progress, Reported};
use super::{Abort, Source, StopReason, StopState, TaskList};
use crate::codec::{Codecs, fit_encoded};
#[cfg(feature = "metrics")]
use crate::metrics::TaskMetrics;
use crate::metrics::WorkerMetrics;
use crate::middleware::Extensions;
use crate::moment::Moment;
use crate::outcome::{Outcome, with_progress};
use crate::service::{ActivityTask, Timeout};
use crate::span::{Spanned, WalledSpan};
use crate::time::bounded;
use crate::told::{debug, info, warn};

/// Names a task inside one worker. Two tasks with the same activity id do not share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TaskKey(pub(crate) u64);

/// What all tasks of a worker have in common.
#[derive(Debug)]
pub(crate) struct WorkerFacts {
    /// What is between outcomes and the service.
    pub(crate) codecs: Codecs,
    /// Fires when the worker begins to drain.
    pub(crate) draining: CancellationToken,
    /// Fires when the drain has little time left: what waits to be sent again is sent now.
    pub(crate) hurry: CancellationToken,
    /// The runtime that the worker runs in, for waiting from a thread outside of it.
    pub(crate) runtime: Handle,
    /// Where all that is random in the worker comes from.
    pub(crate) random: Random,
    pub(crate) metrics: WorkerMetrics,
    /// Whether activities may ask for the progress of earlier attempts.
    pub(crate) previous_progress: bool,
    /// Whether the progress goes into the details of failures.
    pub(crate) progress_in_failures: bool,
    /// Who is shown the reports of the one activity under test.
    #[cfg(feature = "testing")]
    pub(crate) witness: super::WitnessCell,
}

/// Randomness that many can draw from. With a seed everybody's is the same in every run, as
/// long as they ask in the same order.
#[derive(Debug)]
pub(crate) struct Random(Mutex<fastrand::Rng>);

impl Random {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        let random = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Self(Mutex::new(random))
    }

    /// A generator of one's own.
    pub(crate) fn fork(&self) -> fastrand::Rng {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fork()
    }
}

/// One task in the worker: shared by its supervisor, the pacemaker, its context and the drain.
pub(crate) struct TaskRecord {
    pub(crate) key: TaskKey,
    /// The task as polled, without its input.
    pub(crate) task: ActivityTask,
    task_list: Arc<TaskList>,
    pub(crate) worker: Arc<WorkerFacts>,
    started: Moment,
    pub(crate) span: WalledSpan,
    pub(crate) abort: Abort,
    /// Made when somebody first asks for it: most activities end without.
    token: OnceLock<CancellationToken>,
    /// The spawned task that runs the activity.
    running: OnceLock<AbortHandle>,
    stop: StopState,
    claimed: AtomicBool,
    /// The budget has no room for its heartbeats.
    let_go: AtomicBool,
    /// It waits for a permit of the limit of its type.
    waits: AtomicBool,
    /// Where the pacemaker has it, since it entered there.
    whereabouts: AtomicU32,
    body: AtomicBool,
    blocking: AtomicU32,
    #[cfg(feature = "metrics")]
    pub(crate) metrics: TaskMetrics,
    state: Mutex<State>,
}

/// No place: more tasks than that fit into no memory.
const NOWHERE: u32 = u32::MAX;

#[derive(Default)]
struct State {
    progress: Progress,
    /// A report that was cut, too large or did not serialize is warned about once a task.
    warned: bool,
    deadline: Option<Moment>,
    last_heartbeat: Option<Moment>,
    /// Held for as long as anything of the task runs.
    slot: Option<OwnedSemaphorePermit>,
    /// Of the limit of its type, where there is one.
    limit_permit: Option<OwnedSemaphorePermit>,
    /// Slot and permit are given back when no blocking code runs any more.
    released: bool,
    /// Made when somebody first keeps a value there.
    extensions: Option<Box<Extensions>>,
}

impl TaskRecord {
    pub(crate) fn new(
        key: TaskKey,
        task: ActivityTask,
        task_list: Arc<TaskList>,
        worker: Arc<WorkerFacts>,
        slot: Option<OwnedSemaphorePermit>,
        now: Instant,
    ) -> Self {
        // At the level of what is said in it, so that a warning names its task in every filter.
        let span = || {
            tracing::warn_span!(
                "activity",
                activity_type = %task.activity_type.name,
                version = %task.activity_type.version,
                activity_id = %task.activity_id,
                workflow_id = %task.workflow.workflow_id,
                run_id = %task.workflow.run_id,
                task_token = ?task.token,
                outcome = Empty,
                stop_reason = Empty,
                otel.status_code = Empty,
            )
        };
        let span = WalledSpan::new(span);
        #[cfg(feature = "metrics")]
        let metrics = worker.metrics.task(&task.activity_type);
        Self {
            key,
            task,
            task_list,
            worker,
            started: now.into(),
            span,
            abort: Abort::default(),
            token: OnceLock::new(),
            running: OnceLock::new(),
            stop: StopState::default(),
            claimed: AtomicBool::new(false),
            let_go: AtomicBool::new(false),
            waits: AtomicBool::new(false),
            whereabouts: AtomicU32::new(NOWHERE),
            body: AtomicBool::new(false),
            blocking: AtomicU32::new(0),
            #[cfg(feature = "metrics")]
            metrics,
            state: Mutex::new(State {
                slot,
                ..State::default()
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The task list that brought it.
    pub(crate) fn task_list(&self) -> &TaskList {
        &self.task_list
    }

    /// Where it came from: all that is said of it goes there.
    pub(crate) fn source(&self) -> &Source {
        &self.task_list.source
    }

    pub(crate) fn token(&self) -> &CancellationToken {
        self.token.get_or_init(CancellationToken::new)
    }

    /// Whether the token has fired.
    pub(crate) fn has_fired(&self) -> bool {
        self.token
            .get()
            .is_some_and(CancellationToken::is_cancelled)
    }

    pub(crate) fn stop(&self) -> &StopState {
        &self.stop
    }

    /// Fires the token for `reason`, or notes that the reason grew worse.
    pub(crate) fn fire(&self, reason: StopReason) {
        if self.stop.note(reason) {
            info!(parent: &self.span, reason = reason.as_str(), "the activity is told to stop");
        }
        self.token().cancel();
    }

    /// Claims the one outcome of the task. Only the first caller gets it.
    pub(crate) fn claim(&self) -> bool {
        !self.claimed.swap(true, Ordering::AcqRel)
    }

    /// Whether somebody has claimed it.
    pub(crate) fn is_claimed(&self) -> bool {
        self.claimed.load(Ordering::Acquire)
    }

    /// Takes over serialized progress.
    pub(crate) fn report_json(&self, json: String) {
        let limit = self.source().limits.heartbeat_details;
        let mut state = self.state();
        let reported = state.progress.json(json, limit);
        #[cfg(feature = "testing")]
        let shown = self.worker.witness.look(state.progress.details());
        self.warn_about(state, reported, limit);
        #[cfg(feature = "testing")]
        shown.show(reported == Reported::Kept);
    }

    /// Takes over progress in plain text.
    pub(crate) fn report_text(&self, text: String) {
        let limit = self.source().limits.heartbeat_details;
        let mut state = self.state();
        let reported = state.progress.text(text, limit);
        #[cfg(feature = "testing")]
        let shown = self.worker.witness.look(state.progress.details());
        self.warn_about(state, reported, limit);
        #[cfg(feature = "testing")]
        shown.show(reported == Reported::Kept);
    }

    fn warn_about(&self, mut state: MutexGuard<'_, State>, reported: Reported, limit: usize) {
        let (length, what) = match reported {
            Reported::Kept => return,
            Reported::Cut { length } => (length, "the progress is too long and was cut"),
            Reported::TooLarge { length } => (
                length,
                "the progress is too large; the last that fitted is sent, or a note that it was too large",
            ),
        };
        let warned = std::mem::replace(&mut state.warned, true);
        // A subscriber may look at the worker's status.
        drop(state);
        if warned {
            debug!(parent: &self.span, length, limit, "{what}");
        } else {
            warn!(parent: &self.span, length, limit, "{what}");
        }
    }

    /// Says that a report did not serialize. The details of the error may hold the report.
    pub(crate) fn report_failed(&self) {
        let warned = std::mem::replace(&mut self.state().warned, true);
        if !warned {
            warn!(parent: &self.span, "the progress did not serialize and is not sent");
        }
        #[cfg(feature = "testing")]
        {
            let state = self.state();
            let shown = self.worker.witness.look(state.progress.details());
            drop(state);
            shown.show(false);
        }
    }

    /// The details of the next heartbeat.
    pub(crate) fn details(&self) -> Option<String> {
        self.state().progress.details().map(str::to_owned)
    }

    /// Forgets the report that went out as these details, because the service rejected it. A newer
    /// one stays.
    pub(crate) fn clear_details(&self, details: &str) {
        self.state().progress.clear(details);
    }

    /// Keeps a value of the application's; gives back what was there of its type.
    pub(crate) fn set_extension<T: Send + Sync + 'static>(
        &self,
        value: Arc<T>,
    ) -> Option<Arc<dyn Any + Send + Sync>> {
        self.state()
            .extensions
            .get_or_insert_default()
            .insert(value)
    }

    pub(crate) fn extension<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.state().extensions.as_ref()?.get()
    }

    /// The outcome as it is sent: encoded, and within the service's limits.
    pub(crate) fn fit(&self, outcome: Outcome) -> Outcome {
        let codec = self.worker.codecs.of(&self.task.activity_type);
        let limits = &self.source().limits;
        let outcome = fit_encoded(codec.map(|codec| &**codec), outcome, limits);
        // Where no attempt can ask for it, it would be in the way of who reads the details.
        let is_read = self.source().capabilities.previous_attempts;
        if !self.worker.progress_in_failures || !is_read {
            return outcome;
        }
        let progress = self.state().progress.report().map(str::to_owned);
        let (outcome, dropped) = with_progress(outcome, progress, limits);
        if let Some(length) = dropped {
            warn!(parent: &self.span, length, limit = limits.details, "the progress does not fit into the details of the failure and is left out");
        }
        outcome
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.state().deadline.map(Moment::instant)
    }

    /// Notes a start-to-close timeout, and says when it passes, if ever.
    pub(crate) fn expect_close(&self, timeout: Timeout) -> Option<Instant> {
        let limit = timeout.duration();
        let deadline = limit.map(|limit| self.started() + bounded(limit));
        self.state().deadline = deadline.map(Moment::from);
        deadline
    }

    pub(crate) fn last_heartbeat(&self) -> Option<Instant> {
        self.state().last_heartbeat.map(Moment::instant)
    }

    pub(crate) fn set_last_heartbeat(&self, at: Instant) {
        self.state().last_heartbeat = Some(at.into());
    }

    /// When it came into the worker.
    pub(crate) fn started(&self) -> Instant {
        self.started.instant()
    }

    /// The same, as what is counted with.
    pub(crate) fn began(&self) -> Moment {
        self.started
    }

    /// Writes into the span how the task ended.
    pub(crate) fn write_end(&self, outcome: &'static str, is_error: bool) {
        self.span.record("outcome", outcome);
        if let Some(reason) = self.stop.worst() {
            self.span.record("stop_reason", reason.as_str());
        }
        // That all went well is not for a library to say.
        if is_error {
            self.span.record("otel.status_code", "ERROR");
        }
    }

    /// Where the pacemaker has it, in its own words, if it ever entered there.
    pub(crate) fn whereabouts(&self) -> Option<u32> {
        let place = self.whereabouts.load(Ordering::Acquire);
        (place != NOWHERE).then_some(place)
    }

    pub(crate) fn set_whereabouts(&self, place: u32) {
        self.whereabouts.store(place, Ordering::Release);
    }

    pub(crate) fn let_go(&self) -> bool {
        self.let_go.load(Ordering::Relaxed)
    }

    pub(crate) fn set_let_go(&self, let_go: bool) {
        self.let_go.store(let_go, Ordering::Relaxed);
    }

    /// Whether it waits for a permit of the limit of its type.
    pub(crate) fn waits_for_limit(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    pub(crate) fn set_waits_for_limit(&self, waits: bool) {
        self.waits.store(waits, Ordering::Relaxed);
    }

    /// How long the task has been in the worker.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        Moment::from(now).saturating_since(self.started)
    }

    /// Takes a permit of the limit of the task's type.
    pub(crate) fn set_limit_permit(&self, permit: OwnedSemaphorePermit) {
        self.state().limit_permit = Some(permit);
    }

    /// Gives slot and permit back, once no blocking code holds them.
    pub(crate) fn release_slot(&self) {
        let mut state = self.state();
        state.released = true;
        self.give_back(state);
    }

    fn give_back(&self, mut state: MutexGuard<'_, State>) {
        if !state.released || self.blocking.load(Ordering::Acquire) > 0 {
            return;
        }
        let held = (state.slot.take(), state.limit_permit.take());
        drop(state);
        let had_slot = held.0.is_some();
        drop(held);
        if had_slot {
            self.worker.metrics.slot_freed();
        }
    }

    /// Notes which spawned task runs the activity.
    pub(crate) fn set_running(&self, running: AbortHandle) {
        // There is one for each task.
        let _ = self.running.set(running);
    }

    /// Ends the spawned task that runs the activity, wherever it stands.
    pub(crate) fn kill(&self) {
        if let Some(running) = self.running.get() {
            running.abort();
        }
    }

    /// Notes whether the activity's future exists.
    pub(crate) fn set_body(&self, exists: bool) {
        self.body.store(exists, Ordering::Release);
    }

    /// Whether anything of the activity still runs.
    pub(crate) fn is_running(&self) -> bool {
        self.body.load(Ordering::Acquire) || self.blocking.load(Ordering::Acquire) > 0
    }

    /// Whether blocking code runs, which cannot be aborted.
    #[cfg(feature = "testing")]
    pub(crate) fn is_blocking(&self) -> bool {
        self.blocking.load(Ordering::Acquire) > 0
    }

    /// Notes that blocking code runs until the guard is dropped. It keeps the slot.
    pub(crate) fn enter_blocking(self: &Arc<Self>) -> BlockingGuard {
        let state = self.state();
        self.blocking.fetch_add(1, Ordering::AcqRel);
        drop(state);
        BlockingGuard {
            record: Arc::clone(self),
        }
    }
}

impl Spanned for Arc<TaskRecord> {
    fn span(&self) -> &WalledSpan {
        &self.span
    }
}

impl fmt::Debug for TaskRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskRecord")
            .field("key", &self.key)
            .field("task", &self.task)
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}

/// Counts one piece of blocking code, which cannot be aborted.
pub(crate) struct BlockingGuard {
    record: Arc<TaskRecord>,
}

impl Drop for BlockingGuard {
    fn drop(&mut self) {
        let state = self.record.state();
        // The count first: who sees the slot free must not see the code running.
        self.record.blocking.fetch_sub(1, Ordering::AcqRel);
        self.record.give_back(state);
    }
}
