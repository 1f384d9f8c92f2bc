//! The worker's own loop: polls, tasks and the drain.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, debug, error, info, warn};

use super::control::{Control, Phase, Shutdown, Steering};
use super::polls::{NextPoll, PollPlan, Polled};
use super::registry::{Registered, Registry};
use super::report::{DrainReport, RunError, RunErrorKind, RunningOn, Unanswered};
use super::settings::{Settings, UnknownType};
use super::supervisor::{Finished, Supervised, Supervisor};
use super::{Worker, live::Live};
use crate::activity::{ActivityOptions, FailureCode};
use crate::heartbeat::Pacemaker;
use crate::outcome::{Outcome, Responder, draining};
use crate::service::{
    ActivityService, ActivityTask, Loggable, PollRequest, ServiceError, ServiceErrorKind,
};
use crate::task::{AbortReason, StopReason, TaskKey, TaskRecord, WorkerFacts};
use crate::time::bounded;

/// A poll that came back.
struct PollEnd {
    source: usize,
    began: Instant,
    slot: OwnedSemaphorePermit,
    answer: Result<Option<ActivityTask>, ServiceError>,
}

/// Where a drain stands.
#[derive(Clone, Copy, Debug)]
struct Drain {
    /// When what is left is failed and aborted.
    cutoff: Instant,
    /// When the run ends.
    deadline: Instant,
    /// Whether the cutoff has passed.
    cut: bool,
}

/// A worker that runs. Dropping it fires every token and aborts everything.
pub(crate) struct Running {
    service: Arc<dyn ActivityService>,
    registry: Registry,
    settings: Settings,
    steering: Arc<Steering>,
    control: watch::Receiver<Control>,
    facts: Arc<WorkerFacts>,
    identity: Arc<str>,
    supervisor: Supervisor,
    plan: PollPlan,
    polls: JoinSet<PollEnd>,
    tasks: JoinSet<Finished>,
    next_key: u64,
    drain: Option<Drain>,
    /// A mistake that only start-up can show.
    mistake: Option<(RunErrorKind, ServiceError)>,
    /// Tasks whose outcome is settled while something of them may still run.
    run_on: Vec<Arc<TaskRecord>>,
}

impl Running {
    pub(crate) fn new(worker: Worker) -> Self {
        let Worker {
            service,
            registry,
            settings,
            steering,
        } = worker;
        let pacemaker = Pacemaker::new(
            Arc::clone(&service),
            settings.heartbeat_interval,
            fastrand::Rng::new(),
        );
        let supervisor = Supervisor {
            responder: Responder::new(Arc::clone(&service), pacemaker.clone()),
            pacemaker,
            live: Arc::clone(&steering.live),
        };
        Self {
            facts: Arc::new(WorkerFacts {
                limits: service.limits(),
                draining: CancellationToken::new(),
                runtime: Handle::current(),
            }),
            control: steering.control.subscribe(),
            identity: settings.identity.as_str().into(),
            plan: PollPlan::new(
                &settings.task_lists,
                settings.polls_each,
                settings.poll_backoff,
                fastrand::Rng::new(),
            ),
            polls: JoinSet::new(),
            tasks: JoinSet::new(),
            next_key: 0,
            drain: None,
            mistake: None,
            run_on: Vec::new(),
            service,
            registry,
            settings,
            steering,
            supervisor,
        }
    }

    fn live(&self) -> &Live {
        &self.steering.live
    }

    pub(crate) async fn run(mut self) -> Result<DrainReport, RunError> {
        let _pacemaker = self.supervisor.pacemaker.start();
        self.steering.phase.send_replace(Phase::Starting);
        info!(identity = %self.identity, task_lists = ?self.settings.task_lists, slots = self.settings.slots, "the worker starts");
        if self.settings.register_types {
            self.register().await;
        }
        self.steering.phase.send_replace(Phase::Running);
        let why = loop {
            let control = *self.control.borrow_and_update();
            if control.shutdown == Shutdown::Stop {
                break Unanswered::StoppedAtOnce;
            }
            if control.shutdown == Shutdown::Drain {
                self.begin_drain();
            }
            let now = Instant::now();
            if let Some(drain) = self.drain {
                let idle = self.polls.is_empty() && self.tasks.is_empty() && self.live().is_empty();
                if idle || now >= drain.deadline {
                    break Unanswered::DrainDeadline;
                }
                if now >= drain.cutoff && !drain.cut {
                    self.cut_off();
                    continue;
                }
            }
            self.step(control.paused, now).await;
        };
        self.end(why)
    }

    /// Waits for one thing to happen and deals with it.
    async fn step(&mut self, paused: bool, now: Instant) {
        let polling = self.drain.is_none() && !paused;
        let next = self.plan.next(now).filter(|_| polling);
        let wake = match self.drain {
            Some(drain) if drain.cut => Some(drain.deadline),
            Some(drain) => Some(drain.cutoff),
            None => self.plan.next_wake(now).filter(|_| polling),
        };
        let free_slots = next.map_or(1, |next| next.free_slots);
        let slots = Arc::clone(&self.steering.slots);
        tokio::select! {
            biased;
            // The sender lives in `self.steering`.
            _ = self.control.changed() => {}
            Some(ended) = self.polls.join_next() => self.poll_ended(ended),
            Some(finished) = self.tasks.join_next() => self.task_finished(finished),
            Ok(slots) = slots.acquire_many_owned(u32::try_from(free_slots).unwrap_or(u32::MAX)), if next.is_some() => {
                if let Some(next) = next {
                    self.start_poll(next, slots);
                }
            }
            () = sleep_until(wake.unwrap_or(now)), if wake.is_some() => {}
        }
    }

    /// Makes the activity types known to the service; a shutdown ends the wait.
    async fn register(&mut self) {
        for registration in self.registry.registrations() {
            let mut delays = self.settings.poll_backoff.delays();
            let mut random = fastrand::Rng::new();
            loop {
                let answer = tokio::select! {
                    answer = self.service.register(&registration) => answer,
                    () = shutdown_requested(&mut self.control) => return,
                };
                let Err(error) = answer else { break };
                let activity_type = &registration.activity_type;
                if !error.kind().is_transient() {
                    let kind = RunErrorKind::Registration(activity_type.clone());
                    self.mistake = Some((kind, error));
                    return self.begin_drain();
                }
                let wait = delays.next(&mut random);
                warn!(%activity_type, kind = error.kind().as_str(), error = %Loggable(&error), ?wait, "the activity type is not registered yet");
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = shutdown_requested(&mut self.control) => return,
                }
            }
        }
    }

    fn start_poll(&mut self, next: NextPoll, mut slots: OwnedSemaphorePermit) {
        // The others only had to be free.
        let Some(slot) = slots.split(1) else { return };
        drop(slots);
        let source = next.source;
        self.plan.started(source);
        let request = PollRequest::new(
            Arc::clone(self.plan.task_list(source)),
            Arc::clone(&self.identity),
        )
        .withdraw(self.facts.draining.clone());
        let service = Arc::clone(&self.service);
        let span = tracing::debug_span!("poll", task_list = %request.task_list);
        let began = Instant::now();
        let poll = async move {
            // A panic in an adapter's poll must touch nothing else.
            let answer = AssertUnwindSafe(service.poll(request)).catch_unwind().await;
            let answer = answer.unwrap_or_else(|_| {
                let message = "the service's poll panicked";
                Err(ServiceError::new(ServiceErrorKind::Unavailable, message))
            });
            PollEnd {
                source,
                began,
                slot,
                answer,
            }
        };
        self.polls.spawn(poll.instrument(span));
        self.show_polls();
    }

    fn show_polls(&self) {
        self.steering
            .polls
            .store(self.plan.under_way(), Ordering::Relaxed);
    }

    fn poll_ended(&mut self, ended: Result<PollEnd, JoinError>) {
        let PollEnd {
            source,
            began,
            slot,
            answer,
        } = match ended {
            Ok(end) => end,
            // Its panics are caught, and nobody aborts it but a runtime that shuts down.
            Err(join_error) => return error!(%join_error, "a poll was aborted"),
        };
        let now = Instant::now();
        let task_list = Arc::clone(self.plan.task_list(source));
        let polled = match &answer {
            Ok(Some(_)) => Polled::Task,
            Ok(None) => Polled::Empty,
            Err(error) => Polled::Failed(error.kind()),
        };
        let refused = self.plan.ended(source, polled, began, now);
        self.show_polls();
        match answer {
            Ok(Some(task)) => self.take(task, task_list, slot, now),
            Ok(None) => {}
            Err(error) => {
                let kind = error.kind();
                warn!(%task_list, kind = kind.as_str(), error = %Loggable(&error), "the poll failed");
                if refused && self.mistake.is_none() {
                    let task_list = task_list.to_string();
                    self.mistake = Some((RunErrorKind::Poll { task_list }, error));
                    self.begin_drain();
                }
            }
        }
    }

    /// Takes on a task that a poll brought.
    fn take(
        &mut self,
        mut task: ActivityTask,
        task_list: Arc<str>,
        slot: OwnedSemaphorePermit,
        now: Instant,
    ) {
        let input = task.input.take();
        self.next_key += 1;
        let record = Arc::new(TaskRecord::new(
            TaskKey(self.next_key),
            task,
            task_list,
            Arc::clone(&self.facts),
            Some(Arc::new(slot)),
            now,
        ));
        debug!(parent: &record.span, "the task begins");
        self.live().insert(&record);
        if self.drain.is_some_and(|drain| drain.cut) {
            return self.fail(record, draining());
        }
        match self.registry.get(&record.task.activity_type).cloned() {
            Some(registered) => self.start(record, registered, input),
            None => self.take_unknown(record),
        }
    }

    fn start(&mut self, record: Arc<TaskRecord>, registered: Registered, input: Option<String>) {
        self.supervisor
            .pacemaker
            .enter(&record, &registered.options);
        let task = Supervised {
            supervisor: self.supervisor.clone(),
            record,
            limit: registered.limit,
        };
        registered.activity.start(task, input, &mut self.tasks);
    }

    fn take_unknown(&mut self, record: Arc<TaskRecord>) {
        let activity_type = &record.task.activity_type;
        match self.settings.unknown_type {
            UnknownType::Fail => {
                let sentence = format_args!("the worker does not know `{activity_type}`");
                let outcome = Outcome::Failed {
                    reason: FailureCode::UnknownActivityType.reason(sentence),
                    details: Some(self.registry.list()),
                };
                // So that the task lives for as long as the answer needs.
                let options = Arc::new(ActivityOptions::default());
                self.supervisor.pacemaker.enter(&record, &options);
                self.fail(record, outcome);
            }
            UnknownType::LeaveToOthers => {
                warn!(%activity_type, "the worker does not know the type and leaves the task to others");
                record.release_slot();
                self.live().give_up(&record, Unanswered::LeftToOthers);
            }
        }
    }

    /// Sends an outcome for a task whose activity has no say in it, if it is not settled yet.
    fn fail(&mut self, record: Arc<TaskRecord>, outcome: Outcome) {
        if !record.claim() {
            return;
        }
        let supervisor = self.supervisor.clone();
        let span = record.span.clone();
        let send = async move {
            supervisor.answer(&record, outcome).await;
            if !record.is_running() {
                record.release_slot();
            }
            Finished { record }
        };
        self.tasks.spawn(send.instrument(span));
    }

    fn task_finished(&mut self, finished: Result<Finished, JoinError>) {
        self.run_on.retain(|record| record.is_running());
        match finished {
            Ok(Finished { record }) if record.is_running() => self.run_on.push(record),
            Ok(_) => {}
            // Panics of activities and adapters are caught inside.
            Err(join_error) => error!(%join_error, "a supervisor was aborted"),
        }
    }

    fn begin_drain(&mut self) {
        if self.drain.is_some() {
            return;
        }
        let now = Instant::now();
        let deadline = now + bounded(self.settings.drain_deadline);
        self.drain = Some(Drain {
            cutoff: deadline - self.settings.drain_reserve(),
            deadline,
            cut: false,
        });
        info!(deadline = ?self.settings.drain_deadline, polls = self.polls.len(), tasks = self.tasks.len(), "the worker drains");
        self.facts.draining.cancel();
    }

    /// Fails what the drain cannot wait for, and drops its futures.
    fn cut_off(&mut self) {
        if let Some(drain) = &mut self.drain {
            drain.cut = true;
        }
        for record in self.live().records() {
            warn!(parent: &record.span, "the drain deadline comes before the activity ended");
            record.fire(StopReason::WorkerStopping);
            self.fail(Arc::clone(&record), draining());
            record.abort.order(AbortReason::Draining);
            self.run_on.push(record);
        }
    }

    fn end(mut self, why: Unanswered) -> Result<DrainReport, RunError> {
        for record in self.live().records() {
            record.fire(StopReason::WorkerStopping);
            self.live().give_up(&record, why);
            self.run_on.push(record);
        }
        self.run_on.sort_by_key(|record| record.key);
        self.run_on.dedup_by_key(|record| record.key);
        // What can be aborted is gone when its task is; only blocking code stays.
        let still_running = self
            .run_on
            .iter()
            .filter(|record| record.is_running())
            .map(|record| RunningOn::new(&record.task))
            .collect();
        let unanswered = self.live().unanswered();
        let report = DrainReport {
            outcomes: self.live().counts(),
            unanswered: unanswered.named,
            unanswered_omitted: unanswered.omitted,
            still_running,
            polls_given_up: self.polls.len(),
        };
        info!(%report, "the worker ends");
        match self.mistake.take() {
            Some((kind, source)) => Err(RunError::new(kind, source, report)),
            None => Ok(report),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Bodies on blocking threads outlive the join sets; let them know.
        for record in self.live().records() {
            record.fire(StopReason::WorkerStopping);
            self.live().give_up(&record, Unanswered::StoppedAtOnce);
        }
        self.facts.draining.cancel();
        self.steering.polls.store(0, Ordering::Relaxed);
        self.steering.phase.send_replace(Phase::Ended);
    }
}

async fn shutdown_requested(control: &mut watch::Receiver<Control>) {
    // The sender lives as long as the worker.
    let _ = control
        .wait_for(|control| control.shutdown > Shutdown::No)
        .await;
}
