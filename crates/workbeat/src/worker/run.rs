//! The worker's own loop: polls and tasks.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::task::{JoinError, JoinSet, yield_now};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tracing::field;

use super::control::{Control, EndGuard, Phase, Shutdown, Steering};
use super::drain::Drain;
use super::polls::{Meaning, NextPoll, PollPlan, Polled};
use super::registration::register;
use super::registry::{Registered, Registry};
use super::report::{DrainReport, Mistake, RunError, RunErrorKind, Unanswered};
use super::settings::{Settings, UnknownType};
use super::supervisor::{Supervised, Supervisor};
use super::task_source::{Opened, SourceSettings};
use super::under_way::PollUnderWay;
use super::{Worker, live::Live};
use crate::activity::{ActivityOptions, FailureCode};
use crate::heartbeat::Pacemaker;
use crate::metrics::WorkerMetrics;
use crate::outcome::{Outcome, Responder, draining};
use crate::panic::{discard, message};
use crate::service::{ActivityTask, Loggable, PollRequest, ServiceError, caught};
use crate::span::{WalledSpan, Within};
use crate::task::{Random, Source, TaskKey, TaskList, TaskRecord, WorkerFacts};
use crate::told::{debug, error, info, warn};

/// How long the worker's loop rests after a panic.
const PAUSE: Duration = Duration::from_millis(200);

/// How long a run starts up: as long as Amazon SWF holds a poll, so that each service that is there
/// has said its first word. What it refuses then is a mistake in the settings, which who deploys must
/// hear of; later it may be one service's trouble, and no reason to end what works.
const START_UP: Duration = Duration::from_secs(60);

/// How much the worker's loop does between two waits.
const MOST_AT_ONCE: u32 = 32;

/// A poll that came back.
pub(super) struct PollEnd {
    list: usize,
    began: Instant,
    ended: Instant,
    slot: OwnedSemaphorePermit,
    answer: Result<Option<ActivityTask>, ServiceError>,
}

impl PollEnd {
    /// The task that it brought, if it did, and the number of its task list.
    pub(super) fn task(self) -> Option<(ActivityTask, usize)> {
        Some((self.answer.ok().flatten()?, self.list))
    }
}

/// Which service learned of the activity types, and whether it took them.
type RegisteredTypes = (usize, Result<(), (RunErrorKind, ServiceError)>);

/// A worker that runs. Dropping it fires every token and aborts everything.
pub(crate) struct Running {
    sources: Vec<(Arc<Source>, SourceSettings)>,
    /// Those of all sources, by the numbers of the plan.
    pub(super) task_lists: Vec<Arc<TaskList>>,
    /// Services that learn of the activity types just now.
    pub(super) registering: FuturesUnordered<BoxFuture<'static, RegisteredTypes>>,
    registry: Registry,
    pub(super) settings: Settings,
    pub(super) steering: Arc<Steering>,
    control: watch::Receiver<Control>,
    pub(super) facts: Arc<WorkerFacts>,
    pub(super) supervisor: Arc<Supervisor>,
    /// Sends the heartbeats.
    driver: AbortOnDropHandle<()>,
    /// Where it runs, if that is not where the worker runs.
    beats_elsewhere: Option<Handle>,
    /// The runtime of the worker shuts down, and nothing runs in it any more.
    pub(super) runtime_ended: bool,
    plan: PollPlan,
    /// Not spawned: what a poll brings is dealt with here, and a task for each would have to be
    /// woken, and wake this one, for every one of them.
    pub(super) polls: FuturesUnordered<PollUnderWay>,
    /// Those that run activities, and see that their outcomes are sent.
    pub(super) tasks: TaskTracker,
    /// Those that send outcomes in which the activity has no say.
    pub(super) senders: JoinSet<()>,
    next_key: u64,
    pub(super) drain: Option<Drain>,
    started: Instant,
    /// A mistake that only start-up can show.
    pub(super) mistake: Option<Mistake>,
    _ended: EndGuard,
}

impl Running {
    pub(crate) fn new(worker: Worker) -> Self {
        let Worker {
            sources,
            registry,
            settings,
            steering,
            ended,
        } = worker;
        let random = Random::new(settings.seed);
        let Opened {
            sources,
            task_lists,
        } = Opened::of(sources);
        let label = |(source, _): &(Arc<Source>, SourceSettings)| source.label.clone();
        let first = sources.first().and_then(label);
        let others = sources.iter().skip(1);
        let pacemaker = Pacemaker::new(
            settings.heartbeat_interval,
            (&settings.heartbeat_budget, first),
            others.map(|other| (&other.1.budget, label(other))),
            random.fork(),
        );
        if settings.seed.is_some() {
            pacemaker.ignore_clocks();
        }
        let supervisor = Arc::new(Supervisor {
            responder: Responder::new(pacemaker.clone()),
            pacemaker,
            live: Arc::clone(&steering.live),
        });
        let plan = PollPlan::new(
            task_lists.len(),
            settings.polls_each,
            settings.poll_backoff,
            random.fork(),
        );
        let services = sources.iter().map(|(source, _)| &**source);
        let metrics = WorkerMetrics::new(&registry, &settings, services, &task_lists);
        let runtime = Handle::current();
        let beating = settings.heartbeat_runtime.as_ref().unwrap_or(&runtime);
        Self {
            driver: supervisor.pacemaker.start(beating),
            beats_elsewhere: settings.heartbeat_runtime.clone(),
            runtime_ended: false,
            facts: Arc::new(WorkerFacts {
                codecs: registry.codecs().clone(),
                draining: CancellationToken::new(),
                hurry: CancellationToken::new(),
                runtime,
                random,
                metrics,
                previous_progress: settings.previous_progress,
                progress_in_failures: settings.progress_in_failures,
                #[cfg(feature = "testing")]
                witness: crate::task::WitnessCell::default(),
            }),
            control: steering.control.subscribe(),
            plan,
            polls: FuturesUnordered::new(),
            tasks: TaskTracker::new(),
            senders: JoinSet::new(),
            next_key: 0,
            drain: None,
            started: Instant::now(),
            mistake: None,
            sources,
            task_lists,
            registering: FuturesUnordered::new(),
            registry,
            settings,
            steering,
            supervisor,
            _ended: ended,
        }
    }

    pub(super) fn live(&self) -> &Live {
        &self.steering.live
    }

    /// Runs to the end. Then only its drop is left.
    pub(crate) async fn run(&mut self) -> Result<DrainReport, RunError> {
        self.steering.phase.send_replace(Phase::Starting);
        let identity = self
            .sources
            .first()
            .map(|(_, set)| field::display(&set.identity));
        info!(identity, task_lists = ?self.settings.task_lists, slots = self.settings.slots, "the worker starts");
        let polled = &self.settings.task_lists;
        for (activity_type, task_list) in self.registry.declared_elsewhere(polled) {
            warn!(%activity_type, task_list, "the activity type declares a task list that this worker does not poll; add `.task_list(...)` unless another worker does");
        }
        self.register().await;
        if self.mistake.is_none() {
            self.steering.phase.send_replace(Phase::Running);
        }
        let why = loop {
            let control = *self.control.borrow_and_update();
            if control.shutdown == Shutdown::Stop || self.runtime_ended {
                break Unanswered::StoppedAtOnce;
            }
            if control.shutdown == Shutdown::Drain {
                self.begin_drain();
            }
            let now = Instant::now();
            if self.is_over(now) {
                break Unanswered::DrainDeadline;
            }
            if self
                .drain
                .is_some_and(|drain| now >= drain.cutoff && !drain.cut)
            {
                self.cut_off();
                continue;
            }
            let step = AssertUnwindSafe(self.step(control.paused, now)).catch_unwind();
            if let Err(panic) = step.await {
                self.runtime_ended |= !survive(panic).await;
            }
        };
        self.end(why).await
    }

    /// Waits for one thing to happen and deals with it.
    async fn step(&mut self, paused: bool, now: Instant) {
        if !self.catch_up(paused, now) {
            // There is more, but what was begun must come to run.
            yield_now().await;
        }
        // Before the next look: the last task may end at any moment, and must not do so unseen.
        let ending = self.drain.is_some() && !self.tasks.is_empty();
        if self.is_over(now) {
            return;
        }
        let polling = self.may_poll(paused);
        let next = self.plan.next(now).filter(|_| polling);
        let wake = match self.drain {
            Some(drain) if drain.cut => Some(self.drain_end(drain)),
            Some(drain) => Some(drain.cutoff),
            None => self.plan.next_wake(now).filter(|_| polling),
        };
        let free_slots = next.map_or(1, |next| next.free_slots);
        let slots = Arc::clone(&self.steering.slots);
        tokio::select! {
            biased;
            // The sender lives in `self.steering`.
            _ = self.control.changed() => {}
            ended = &mut self.driver => self.driver_ended(ended),
            Some(sent) = self.senders.join_next() => if let Err(ended) = sent {
                self.aborted(&ended, "the sender of an outcome");
            },
            Some(ended) = self.polls.next() => self.poll_ended(ended),
            Some((source, registered)) = self.registering.next(), if !self.registering.is_empty() => {
                self.registered(source, registered);
            }
            () = self.tasks.wait(), if ending => {}
            Ok(slots) = slots.acquire_many_owned(u32::try_from(free_slots).unwrap_or(u32::MAX)), if next.is_some() => {
                if let Some(next) = next {
                    self.start_poll(next, slots, Instant::now());
                }
            }
            () = sleep_until(wake.unwrap_or(now)), if wake.is_some() => {}
        }
    }

    /// Whether there is nothing more to wait for.
    fn is_over(&self, now: Instant) -> bool {
        let idle = || {
            self.polls.is_empty()
                && self.tasks.is_empty()
                && self.senders.is_empty()
                && self.live().is_empty()
        };
        let drained = |drain: Drain| idle() || now >= self.drain_end(drain);
        self.runtime_ended || self.drain.is_some_and(drained)
    }

    /// Whether new polls may start.
    fn may_poll(&self, paused: bool) -> bool {
        self.drain.is_none() && !paused
    }

    /// Does what can be done without a wait, which looks at everything that can happen and so
    /// costs more than a short task does. False if there is more of it.
    fn catch_up(&mut self, paused: bool, now: Instant) -> bool {
        for _ in 0..MOST_AT_ONCE {
            if let Some(ended) = self.polls.next().now_or_never().flatten() {
                self.poll_ended(ended);
                continue;
            }
            let polling = self.may_poll(paused);
            let Some(next) = self.plan.next(now).filter(|_| polling) else {
                return true;
            };
            let free_slots = u32::try_from(next.free_slots).unwrap_or(u32::MAX);
            let slots = Arc::clone(&self.steering.slots).try_acquire_many_owned(free_slots);
            let Ok(slots) = slots else {
                return true;
            };
            self.start_poll(next, slots, now);
        }
        false
    }

    fn driver_ended(&mut self, ended: Result<(), JoinError>) {
        let panicked = match ended {
            Err(ended) if ended.is_cancelled() && self.beats_elsewhere.is_none() => {
                return self.aborted(&ended, "the heartbeats");
            }
            Err(ended) => ended.is_panic(),
            Ok(()) => false,
        };
        if panicked {
            error!("the task of the heartbeats panicked; they go on in another");
        } else {
            self.beats_elsewhere = None;
            error!("the runtime of the heartbeats has ended; they go on from the worker's own");
        }
        let runtime = self.beats_elsewhere.as_ref().unwrap_or(&self.facts.runtime);
        self.driver = self.supervisor.pacemaker.start(runtime);
    }

    /// Makes the activity types known to the services. It waits for the first that knows them; a
    /// shutdown ends the wait.
    async fn register(&mut self) {
        for (source, set) in &self.sources {
            if !set.register_types {
                continue;
            }
            let registrations = self.registry.registrations();
            let random = self.facts.random.fork();
            let backoff = self.settings.poll_backoff;
            let source = Arc::clone(source);
            self.registering.push(Box::pin(async move {
                let (service, label) = (&*source.service, source.label.as_deref());
                let registering = register(service, label, &registrations, backoff, random);
                let registered = registering.await;
                (source.number, registered)
            }));
        }
        let waits = self.sources.len() == self.registering.len();
        for at in 0..self.sources.len() {
            let registers = self.sources.get(at);
            self.set_open(at, registers.is_some_and(|(_, set)| !set.register_types));
        }
        if !waits {
            return;
        }
        let registered = tokio::select! {
            biased;
            () = shutdown_requested(&mut self.control) => return,
            registered = self.registering.next() => registered,
        };
        if let Some((source, registered)) = registered {
            self.registered(source, registered);
        }
    }

    /// A service knows the types, or never will.
    fn registered(&mut self, source: usize, registered: Result<(), (RunErrorKind, ServiceError)>) {
        match registered {
            Ok(()) => self.set_open(source, true),
            Err((kind, error)) => {
                let refusing = self.sources.get(source);
                let service = refusing.and_then(|(source, _)| source.label.clone());
                let mut services = self.steering.services.iter();
                if self.starts_up() || !services.any(|other| other.open.load(Ordering::Relaxed)) {
                    return self.refused(kind, error, service);
                }
                let (service, kind, error) =
                    (service.as_deref(), error.kind().as_str(), Loggable(&error));
                error!(service, kind, %error, "the service refused an activity type and is not polled; mend what the error says and start the worker anew; it goes on with its other services");
            }
        }
    }

    /// Whether what is refused now is a mistake in the settings for certain.
    fn starts_up(&self) -> bool {
        self.started.elapsed() < START_UP
    }

    /// Polls the task lists of a service from now on, or not yet.
    fn set_open(&mut self, source: usize, open: bool) {
        if let Some(shown) = self.steering.services.get(source) {
            shown.open.store(open, Ordering::Relaxed);
        }
        for list in &self.task_lists {
            if list.source.number == source {
                self.plan.set_closed(list.number, !open);
            }
        }
    }

    fn start_poll(&mut self, next: NextPoll, mut slots: OwnedSemaphorePermit, began: Instant) {
        if slots.num_permits() > 1 {
            // The others only had to be free.
            drop(slots.split(slots.num_permits() - 1));
        }
        let slot = slots;
        let list = next.list;
        let Some(task_list) = self.task_lists.get(list) else {
            return;
        };
        let Some((_, set)) = self.sources.get(task_list.source.number) else {
            return;
        };
        let request = PollRequest {
            task_list: Arc::clone(&task_list.name),
            identity: Arc::clone(&set.identity),
            withdraw: self.facts.draining.clone(),
        };
        let service = Arc::clone(&task_list.source.service);
        let span = || tracing::debug_span!("poll", task_list = %request.task_list);
        let span = WalledSpan::new(span);
        let poll = async move {
            // A panic in an adapter's poll must touch nothing else.
            let answer = caught(async { (*service).poll(request).await }).await;
            // An empty poll has an empty token on the wire; an adapter may hand it on.
            let answer = answer.map(|task| task.filter(|task| !task.token.expose().is_empty()));
            PollEnd {
                list,
                began,
                ended: Instant::now(),
                slot,
                answer,
            }
        };
        self.plan.started(list);
        self.facts.metrics.poll_started();
        self.show_polls();
        let mut poll = PollUnderWay::new(span.around(poll));
        // One that is answered at once, as by a service in this process, is not kept.
        match (&mut poll).now_or_never() {
            Some(ended) => self.poll_ended(ended),
            None => self.polls.push(poll),
        }
    }

    fn show_polls(&self) {
        self.steering
            .polls
            .store(self.plan.under_way(), Ordering::Relaxed);
    }

    fn poll_ended(&mut self, ended: PollEnd) {
        let PollEnd {
            list,
            began,
            ended: now,
            slot,
            answer,
        } = ended;
        let Some(task_list) = self.task_lists.get(list).cloned() else {
            return;
        };
        let polled = match &answer {
            Ok(Some(_)) => Polled::Task,
            Ok(None) => Polled::Empty,
            Err(error) => Polled::Failed(error.kind()),
        };
        self.facts.metrics.poll_ended(list, polled);
        let meaning = self.plan.ended(list, polled, began, now);
        self.show_polls();
        match answer {
            Ok(task) => {
                if let Meaning::PolledAgain { after } = meaning
                    && self.drain.is_none()
                {
                    // A warning like those that it ends: who saw them must see this.
                    let service = task_list.source.label.as_deref();
                    warn!(task_list = %task_list.name, service, since_first_failure = ?after, "a poll succeeded again");
                }
                if let Some(task) = task {
                    self.take(task, task_list, slot, now);
                }
            }
            Err(error) => {
                self.say_failed(&task_list, &error, meaning);
                if meaning == Meaning::Refused {
                    self.poll_refused(list, &task_list, error);
                }
            }
        }
    }

    /// A service refused a task list of which no poll has succeeded.
    fn poll_refused(&mut self, list: usize, task_list: &TaskList, error: ServiceError) {
        if self.starts_up() || !self.plan.is_any_proven() {
            let service = task_list.source.label.clone();
            let task_list = task_list.name.to_string();
            return self.refused(RunErrorKind::Poll { task_list }, error, service);
        }
        self.plan.bear(list);
        if self.drain.is_some() {
            return;
        }
        let (service, task_list) = (task_list.source.label.as_deref(), &*task_list.name);
        let (kind, error) = (error.kind().as_str(), Loggable(&error));
        error!(service, task_list, kind, %error, "the task list is refused; check its name, the domain and the permissions; the worker goes on with the others and tries it again");
    }

    /// A mistake in the settings ends the run. The first is the one that is told.
    fn refused(&mut self, kind: RunErrorKind, source: ServiceError, service: Option<Arc<str>>) {
        self.mistake.get_or_insert(Mistake {
            kind,
            source,
            service,
        });
        self.begin_drain();
    }

    /// Says that a poll failed: once for all that fail together.
    fn say_failed(&self, task_list: &TaskList, error: &ServiceError, meaning: Meaning) {
        let (wait, together) = match meaning {
            Meaning::Failed { wait, together } => (Some(wait), together),
            _ => (None, false),
        };
        // A drain starts no polls.
        let wait = wait.filter(|_| self.drain.is_none()).map(field::debug);
        let (kind, error) = (error.kind().as_str(), Loggable(error));
        let service = task_list.source.label.as_deref();
        let task_list = &*task_list.name;
        if together {
            debug!(task_list, service, kind, %error, wait, "the poll failed");
        } else {
            warn!(task_list, service, kind, %error, wait, "the poll failed");
        }
    }

    /// Takes on a task that a poll brought.
    fn take(
        &mut self,
        mut task: ActivityTask,
        task_list: Arc<TaskList>,
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
            Some(slot),
            now,
        ));
        self.live().insert(&record);
        debug!(parent: &record.span, "the task begins");
        if self.drain.is_some_and(|drain| drain.cut) {
            return self.fail(record, draining(None));
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
            supervisor: Arc::clone(&self.supervisor),
            record,
            limit: registered.limit,
        };
        let Registered {
            activity, around, ..
        } = registered;
        activity.start(task, input, around, &self.tasks);
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
                warn!(parent: &record.span, %activity_type, "the worker does not know the type and leaves the task to others");
                record.release_slot();
                self.live().give_up(&record, Unanswered::LeftToOthers);
            }
        }
    }

    /// Sends an outcome for a task whose activity has no say in it, if it is not settled yet.
    pub(super) fn fail(&mut self, record: Arc<TaskRecord>, outcome: Outcome) {
        if !record.claim() {
            return;
        }
        let supervisor = Arc::clone(&self.supervisor);
        let send = {
            let record = Arc::clone(&record);
            async move {
                // Not in the worker's loop: a codec may be slow.
                let mut outcome = record.fit(outcome);
                supervisor.answer(&record, &mut outcome).await;
                if record.is_running() {
                    supervisor.live.run_on_too([record]);
                } else {
                    record.release_slot();
                }
            }
        };
        self.senders.spawn(Within::span_of(record, send));
    }

    /// Something of the worker's ended that no panic ends, because those are caught inside, and
    /// that nobody aborts but a runtime that shuts down. Nothing more can run in it.
    fn aborted(&mut self, ended: &JoinError, what: &'static str) {
        self.runtime_ended |= ended.is_cancelled();
        error!(%ended, what, "the runtime of the worker has aborted a part of it");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.abandon();
        for record in self.live().records() {
            self.live().give_up(&record, Unanswered::StoppedAtOnce);
        }
        self.live().forget_run_on();
        self.facts.draining.cancel();
        self.steering.polls.store(0, Ordering::Relaxed);
        // The activities are the application's values.
        discard(std::mem::take(&mut self.registry));
    }
}

/// Goes on after a panic of the worker's own loop, which is somebody else's code in it: what hears
/// its events, or what an adapter is asked for. One that comes again at once is no dead loop. False
/// if there is no going on, because the runtime shuts down and its time with it.
async fn survive(panic: Box<dyn Any + Send>) -> bool {
    let said = message(panic);
    discard(catch_unwind(|| {
        error!(said, "the worker's loop panicked and goes on");
    }));
    // Made outside: without time in the runtime the worker cannot run at all, and says so.
    let pause = sleep(PAUSE);
    AssertUnwindSafe(pause).catch_unwind().await.is_ok()
}

async fn shutdown_requested(control: &mut watch::Receiver<Control>) {
    // The sender lives as long as the worker.
    let _ = control
        .wait_for(|control| control.shutdown > Shutdown::No)
        .await;
}
