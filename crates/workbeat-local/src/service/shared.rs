//! What all handles of one service share: the engine, and who waits for it.

use std::collections::HashMap;
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast, oneshot, watch};
use tokio::time::sleep_until;
use workbeat::service::ActivityTask;

use super::clock::Clock;
use super::heartbeats::{Beat, KEPT};
use super::outcome::ActivityOutcome;
use super::unpolled::{Unpolled, Waiting};
use crate::engine::{
    ActivityKey, CountPendingActivityTasks, Engine, HistoryEvent, Notice, PollId, Timestamp,
};

/// One service.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) domain: String,
    /// Whether a poll that is dropped keeps its place.
    pub(super) phantom_polls: bool,
    clock: Clock,
    state: Mutex<State>,
    /// When those who wait wake up to let the engine's time pass.
    ///
    /// There is no task that drives the engine: whoever waits for something drives it, so
    /// time passes whenever somebody could notice. Each one has a timer of its own. A single
    /// driver among them would be cheaper, but a future that is kept and not polled could
    /// then hold up all others.
    armed: Mutex<Option<Timestamp>>,
    /// Says that `armed` changed, in the order in which they came: a `watch` wakes its receivers
    /// in a random one, and a run in paused time would not be repeatable.
    rearmed: Notify,
}

/// The engine, and who waits for what.
#[derive(Debug)]
pub(super) struct State {
    pub(super) engine: Engine,
    polls: HashMap<PollId, oneshot::Sender<Option<Box<ActivityTask>>>>,
    activities: HashMap<ActivityKey, Watched>,
    /// Counts up for names that the caller left to the service.
    named: u64,
    unpolled: Unpolled,
}

/// Who follows an open activity.
#[derive(Debug)]
struct Watched {
    outcome: watch::Sender<Option<ActivityOutcome>>,
    // Made for the first follower: most activities have none.
    heartbeats: Option<broadcast::Sender<Beat>>,
}

impl Shared {
    pub(super) fn new(
        domain: String,
        phantom_polls: bool,
        engine: Engine,
        start: Timestamp,
    ) -> Self {
        let (polls, activities) = (HashMap::new(), HashMap::new());
        Self {
            domain,
            phantom_polls,
            clock: Clock::new(start),
            state: Mutex::new(State {
                engine,
                polls,
                activities,
                named: 0,
                unpolled: Unpolled::default(),
            }),
            armed: Mutex::new(None),
            rearmed: Notify::new(),
        }
    }

    /// Uses the engine at the present time, and passes on what came of it.
    pub(super) fn with<R>(&self, use_engine: impl FnOnce(&mut State, Timestamp) -> R) -> R {
        let (answer, notices, neglected) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let now = self.clock.now();
            state.engine.advance(now);
            let answer = use_engine(&mut state, now);
            let mut notices = state.engine.take_notices();
            notices.iter_mut().for_each(|notice| state.deliver(notice));
            let neglected = state.neglected(&self.domain, now);
            let next = [state.engine.next_deadline(), state.unpolled.next()];
            self.arm(next.into_iter().flatten().min(), now);
            (answer, notices, neglected)
        };
        // Outside the lock: a subscriber is somebody else's code.
        notices.iter().for_each(trace);
        neglected.iter().for_each(Neglected::warn);
        answer
    }

    /// Waits for `answer`, and lets the engine's time pass meanwhile.
    pub(super) async fn drive<T>(&self, answer: impl Future<Output = T>) -> T {
        let mut answer = pin!(answer);
        loop {
            // Made before the look, so that no change between the two is missed.
            let rearmed = self.rearmed.notified();
            let next = *self.armed();
            let due = async {
                match next {
                    Some(at) => sleep_until(self.clock.instant(at)).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = due => self.with(|_, _| ()),
                () = rearmed => {}
            }
        }
    }

    /// The history of a run; empty if there is none such.
    pub(super) fn history(&self, run_id: &str) -> Vec<HistoryEvent> {
        let history = |state: &mut State, _| state.engine.history(run_id).map(<[_]>::to_vec);
        self.with(history).unwrap_or_default()
    }

    /// Wakes those who wait if they would wake too late, or have nothing to wake for.
    ///
    /// A deadline that moves away, as each heartbeat makes one, wakes nobody: they wake
    /// once in vain at the old time and go on from there.
    fn arm(&self, next: Option<Timestamp>, now: Timestamp) {
        let mut armed = self.armed();
        let stale = match (*armed, next) {
            (Some(armed), Some(next)) => next < armed || armed <= now,
            (Some(armed), None) => armed <= now,
            (None, next) => next.is_some(),
        };
        if stale {
            *armed = next;
            drop(armed);
            self.rearmed.notify_waiters();
        }
    }

    fn armed(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A name that this service has not made up before.
    pub(super) fn next_name(&mut self, what: &str) -> String {
        self.named = self.named.wrapping_add(1);
        format!("{what}-{}", self.named)
    }

    /// A workflow id that no open execution has.
    pub(super) fn free_workflow_id(&mut self, domain: &str) -> String {
        loop {
            let workflow_id = self.next_name("workflow");
            if self.engine.open_run(domain, &workflow_id).is_none() {
                return workflow_id;
            }
        }
    }

    /// Registers who waits for a parked poll.
    pub(super) fn await_poll(
        &mut self,
        poll: PollId,
    ) -> oneshot::Receiver<Option<Box<ActivityTask>>> {
        let (sender, receiver) = oneshot::channel();
        self.polls.insert(poll, sender);
        receiver
    }

    /// Forgets who waited for a parked poll.
    pub(super) fn forget_poll(&mut self, poll: PollId) {
        self.polls.remove(&poll);
    }

    /// A list is polled.
    pub(super) fn polled(&mut self, task_list: &str) {
        self.unpolled.polled(task_list);
    }

    /// What has waited for long in a list that nobody polls.
    fn neglected(&mut self, domain: &str, now: Timestamp) -> Vec<Neglected> {
        let mut neglected = Vec::new();
        while let Some(waiting) = self.unpolled.pop_due(now) {
            let count = CountPendingActivityTasks {
                domain: domain.to_owned(),
                task_list: waiting.task_list.to_string(),
            };
            match self.engine.apply(count, now) {
                Ok(pending) if pending.count > 0 => neglected.push(Neglected {
                    waiting,
                    pending: pending.count,
                    polled: self.unpolled.told(),
                }),
                // Closed meanwhile.
                _ => self.unpolled.forget(&waiting.task_list),
            }
        }
        neglected
    }

    /// Registers who waits for an activity that was just scheduled.
    pub(super) fn watch(
        &mut self,
        activity: ActivityKey,
        now: Timestamp,
    ) -> watch::Receiver<Option<ActivityOutcome>> {
        if let Some((task_list, activity_type)) = self.engine.waits_in(&activity) {
            self.unpolled.scheduled(task_list, activity_type, now);
        }
        let (outcome, receiver) = watch::channel(None);
        self.activities.insert(
            activity,
            Watched {
                outcome,
                heartbeats: None,
            },
        );
        receiver
    }

    /// Follows the heartbeats of an activity, if it is still open.
    pub(super) fn follow(&mut self, activity: &ActivityKey) -> Option<broadcast::Receiver<Beat>> {
        let watched = self.activities.get_mut(activity)?;
        let sender = watched
            .heartbeats
            .get_or_insert_with(|| broadcast::Sender::new(KEPT));
        Some(sender.subscribe())
    }

    /// Gives a notice to whoever waits for it. None of this blocks.
    fn deliver(&mut self, notice: &mut Notice) {
        match notice {
            Notice::PollAnswered { poll, task } => {
                if let Some(waiting) = self.polls.remove(poll) {
                    // A poll that is dropped takes itself out first, so somebody is there.
                    let _ = waiting.send(task.take());
                }
            }
            // The decider is the built-in one, which does not poll.
            Notice::DecisionPollAnswered { .. } | Notice::ActivityStarted { .. } => {}
            Notice::HeartbeatRecorded {
                activity,
                at,
                details,
                cancel_requested,
            } => {
                let watched = self.activities.get(activity);
                if let Some(followers) = watched.and_then(|watched| watched.heartbeats.as_ref()) {
                    let (at, cancel_requested) = (*at, *cancel_requested);
                    // An error says only that all followers have gone.
                    let _ = followers.send(Beat {
                        at,
                        details: details.clone(),
                        cancel_requested,
                    });
                }
            }
            Notice::ActivityClosed {
                activity, event, ..
            } => {
                if let Some(watched) = self.activities.remove(activity) {
                    watched
                        .outcome
                        .send_replace(Some(ActivityOutcome::of(event)));
                }
            }
        }
    }
}

/// A list in which activities wait and that nobody polls.
#[derive(Debug)]
struct Neglected {
    waiting: Waiting,
    pending: usize,
    polled: String,
}

impl Neglected {
    fn warn(&self) {
        let Waiting {
            task_list,
            activity_type,
            ..
        } = &self.waiting;
        tracing::warn!(
            parent: None,
            %task_list,
            %activity_type,
            waiting = self.pending,
            polled = %self.polled,
            "an activity waits in a task list that nobody polls: no worker has named it; `polled` \
             are the lists that workers have"
        );
    }
}

/// What happened, in the field's words and without payloads. It belongs to no span: whoever
/// lets time pass sees what it does to others.
fn trace(notice: &Notice) {
    match notice {
        Notice::PollAnswered { poll, .. } | Notice::DecisionPollAnswered { poll, .. } => {
            tracing::trace!(parent: None, ?poll, "poll answered");
        }
        Notice::ActivityStarted { activity, .. } => tracing::trace!(
            parent: None,
            run_id = %activity.run_id,
            scheduled_event_id = activity.scheduled_event_id,
            "activity started"
        ),
        Notice::HeartbeatRecorded {
            activity,
            cancel_requested,
            ..
        } => tracing::trace!(
            parent: None,
            run_id = %activity.run_id,
            scheduled_event_id = activity.scheduled_event_id,
            cancel_requested,
            "heartbeat recorded"
        ),
        Notice::ActivityClosed {
            activity, event, ..
        } => tracing::debug!(
            parent: None,
            run_id = %activity.run_id,
            scheduled_event_id = activity.scheduled_event_id,
            event = event.event_type(),
            "activity closed"
        ),
    }
}
