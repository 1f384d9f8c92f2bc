//! Where a test meets the activity: what the test does to it, and what it sees of it.

use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::task::TaskTracker;

use super::service::OneTask;
use super::{Progress, When};
use crate::heartbeat::Pacemaker;
use crate::middleware::Around;
use crate::service::ServiceErrorKind;
use crate::task::{StopReason, TaskRecord, Witness};
use crate::time::bounded;
use crate::worker::{ErasedActivity, Supervised, WorkerHandle};

/// What a test does to its activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Stop(StopReason),
    Drain,
}

/// Shared by the test, the activity and the worker around it.
pub(super) struct Stage {
    pub(super) service: Arc<OneTask>,
    plan: Vec<(When, Action)>,
    state: Mutex<State>,
    /// What a test can wait for.
    seen: watch::Sender<Seen>,
}

/// How far the activity has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) begun: bool,
    pub(super) reports: usize,
    pub(super) over: bool,
}

#[derive(Default)]
struct State {
    worker: Option<WorkerHandle>,
    task: Option<Begun>,
    /// What was done before it began.
    early: Vec<Action>,
    told: Vec<(Action, Instant)>,
    progress: Vec<Progress>,
    over: Option<Instant>,
}

/// The task, when the worker has taken it.
#[derive(Clone)]
struct Begun {
    record: Arc<TaskRecord>,
    pacemaker: Pacemaker,
}

impl Stage {
    pub(super) fn new(service: Arc<OneTask>, plan: Vec<(When, Action)>) -> Self {
        Self {
            service,
            plan,
            state: Mutex::default(),
            seen: watch::Sender::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_worker(&self, worker: WorkerHandle) {
        self.state().worker = Some(worker);
    }

    /// How far it has come, and waiting for more.
    pub(super) fn seen(&self) -> watch::Receiver<Seen> {
        self.seen.subscribe()
    }

    pub(super) fn over(&self) {
        self.state().over = Some(Instant::now());
        self.seen.send_modify(|seen| seen.over = true);
    }

    pub(super) fn progress(&self) -> Vec<Progress> {
        self.state().progress.clone()
    }

    /// When it was over.
    pub(super) fn over_at(&self) -> Option<Instant> {
        self.state().over
    }

    /// What was done to it, and when.
    pub(super) fn told(&self) -> Vec<(Action, Instant)> {
        self.state().told.clone()
    }

    pub(super) fn record(&self) -> Option<Arc<TaskRecord>> {
        let state = self.state();
        state.task.as_ref().map(|task| Arc::clone(&task.record))
    }

    /// Does something to the activity, at once; or when it begins.
    pub(super) fn act(&self, action: Action) {
        let mut state = self.state();
        let Some(task) = state.task.clone() else {
            state.early.push(action);
            return;
        };
        let again = state.told.iter().any(|(told, _)| *told == action);
        let (false, Some(worker)) = (again || task.record.is_claimed(), state.worker.clone())
        else {
            return;
        };
        state.told.push((action, Instant::now()));
        // What a token sets off is not run under the lock.
        drop(state);
        match action {
            Action::Stop(reason) => self.stop(&task, &worker, reason),
            Action::Drain => {
                // The worker does it too, when its loop comes round.
                task.record.worker.draining.cancel();
                worker.drain();
            }
        }
    }

    fn stop(&self, task: &Begun, worker: &WorkerHandle, reason: StopReason) {
        match reason {
            StopReason::CancelRequested => self.service.request_cancel(),
            StopReason::TaskClosed => self.service.close(ServiceErrorKind::TaskClosed),
            StopReason::WorkflowClosed => self.service.close(ServiceErrorKind::WorkflowClosed),
            // Presumptions of the worker's own: it does nothing but this.
            StopReason::HeartbeatLost | StopReason::TimedOut => return task.record.fire(reason),
            StopReason::WorkerStopping => {
                // As the worker does when its loop comes round: from here nothing is sent.
                if task.record.claim() {
                    task.record.fire(reason);
                    worker.stop();
                }
                return;
            }
        }
        task.pacemaker.hear(&task.record, &self.service.answer());
    }

    /// Does what is planned for this moment.
    fn reach(&self, moment: When) {
        for (_, action) in self.plan.iter().filter(|(when, _)| *when == moment) {
            self.act(*action);
        }
    }

    /// Does what is planned for a time.
    pub(super) async fn keep_time(&self) -> Infallible {
        let mut seen = self.seen();
        // The sender is this stage's.
        let _ = seen.wait_for(|seen| seen.begun).await;
        let started = self
            .record()
            .map_or_else(Instant::now, |record| record.started());
        let mut timed: Vec<_> = self
            .plan
            .iter()
            .filter_map(|(when, action)| match when {
                When::Elapsed(after) => Some((*after, *action)),
                When::Progress(_) => None,
            })
            .collect();
        timed.sort_by_key(|(after, _)| *after);
        for (after, action) in timed {
            sleep_until(started + bounded(after)).await;
            self.act(action);
        }
        pending().await
    }

    fn begins(&self, record: &Arc<TaskRecord>, pacemaker: &Pacemaker) {
        let mut state = self.state();
        state.task = Some(Begun {
            record: Arc::clone(record),
            pacemaker: pacemaker.clone(),
        });
        let early = std::mem::take(&mut state.early);
        drop(state);
        for action in early {
            self.act(action);
        }
        self.reach(When::Progress(0));
        self.seen.send_modify(|seen| seen.begun = true);
    }
}

impl Witness for Stage {
    fn reported(&self, details: Option<String>, fitted: bool) {
        let mut state = self.state();
        let Some(task) = &state.task else { return };
        let after = task.record.age(Instant::now());
        state.progress.push(Progress::new(after, details, fitted));
        let reports = state.progress.len();
        drop(state);
        self.reach(When::Progress(reports));
        // Another thread may have reported since.
        let later = |seen: &mut Seen| seen.reports = seen.reports.max(reports);
        self.seen.send_modify(later);
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage")
            .field("plan", &self.plan)
            .field("seen", &*self.seen.borrow())
            .finish_non_exhaustive()
    }
}

/// An activity whose task is shown to the stage before it begins.
pub(super) struct Staged {
    pub(super) activity: Arc<dyn ErasedActivity>,
    pub(super) stage: Arc<Stage>,
}

impl ErasedActivity for Staged {
    fn start(
        self: Arc<Self>,
        task: Supervised,
        input: Option<String>,
        around: Option<Arc<Around>>,
        tasks: &TaskTracker,
    ) {
        let witness: Weak<dyn Witness> = Arc::downgrade(&self.stage) as _;
        task.record.worker.witness.set(witness);
        self.stage.begins(&task.record, &task.supervisor.pacemaker);
        Arc::clone(&self.activity).start(task, input, around, tasks);
    }
}
