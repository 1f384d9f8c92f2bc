//! What one worker tells, with the handles that it took when it began to run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ::metrics::Label;
use tokio::time::Instant;

use super::instrument::{Counter, Each, Gauge, Histogram, describe_all};
use super::label::{
    ACTIVITY_TYPE, DRAIN_END, HEARTBEAT_OUTCOME, POLL_OUTCOME, RETRY_KIND, SERVICE, TASK_LIST,
    TASK_OUTCOME, UNKNOWN, UNTYPED, VERSION,
};
use super::slots::Slots;
use super::table;
use super::task::TaskMetrics;
use super::values::{DrainEnd, HeartbeatOutcome, PollOutcome, RetryKind, SlotState, TaskOutcome};
use crate::heartbeat::Beaten;
use crate::service::{ActivityType, ServiceErrorKind};
use crate::task::{Source, TaskList, TaskRecord};
use crate::worker::{DrainReport, Polled, Registry, Settings, TaskEnd};

type Counters<V> = Each<V, ::metrics::Counter>;
type Histograms<V> = Each<V, ::metrics::Histogram>;

/// The metrics of one worker.
#[derive(Default)]
pub(crate) struct WorkerMetrics {
    slots: Slots,
    /// By the number of the task list among those that the worker polls.
    task_lists: Vec<OfTaskList>,
    /// The last is for all types that are not registered.
    types: Vec<OfType>,
    numbers: BTreeMap<ActivityType, u32>,
    /// By the number of the service among those of the worker.
    services: Vec<OfService>,
    responses_retried: Counters<RetryKind>,
    polls_given_up: Counter,
    draining: Gauge,
    is_draining: AtomicBool,
    drain: Histograms<DrainEnd>,
    drain_began: OnceLock<Instant>,
    tasks_cut_off: Counter,
}

struct OfTaskList {
    polls: Counters<PollOutcome>,
    schedule_to_start: Histogram,
}

struct OfService {
    heartbeats_sent: Counter,
    heartbeats_answered: Counters<HeartbeatOutcome>,
    heartbeats_late: Counter,
    heartbeats_let_go: Counter,
}

struct OfType {
    tasks: Counters<TaskOutcome>,
    execution: Histogram,
    /// By the number of the service.
    heartbeats_lost: Vec<Counter>,
    cancellations_requested: Counter,
    cancellations_acknowledged: Counter,
    cancellation: Histogram,
}

impl WorkerMetrics {
    /// Takes the handles of a worker that begins to run.
    pub(crate) fn new<'a>(
        registry: &Registry,
        settings: &Settings,
        services: impl Iterator<Item = &'a Source> + Clone,
        task_lists: &[Arc<TaskList>],
    ) -> Self {
        describe_all();
        let others = if registry.has_untyped() {
            UNTYPED
        } else {
            UNKNOWN
        };
        let typed = registry
            .types()
            .map(|of| OfType::new(&of.name, &of.version, services.clone()));
        let mut types: Vec<_> = typed.collect();
        types.push(OfType::new(others, "", services.clone()));
        Self {
            slots: Slots::new(settings.slots),
            task_lists: task_lists.iter().map(|of| OfTaskList::new(of)).collect(),
            types,
            numbers: registry.types().cloned().zip(0..).collect(),
            services: services.map(OfService::new).collect(),
            responses_retried: Each::new(|kind| {
                table::RESPONSES_RETRIED.counter(vec![RETRY_KIND.is(kind)])
            }),
            polls_given_up: table::POLLS_GIVEN_UP.counter(vec![]),
            draining: table::WORKERS_DRAINING.gauge(vec![]),
            is_draining: AtomicBool::new(false),
            drain: Each::new(|outcome| table::DRAIN.histogram(vec![DRAIN_END.is(outcome)])),
            drain_began: OnceLock::new(),
            tasks_cut_off: table::TASKS_CUT_OFF.counter(vec![]),
        }
    }

    /// What is kept of a task of this type.
    pub(crate) fn task(&self, activity_type: &ActivityType) -> TaskMetrics {
        TaskMetrics::new(self.number(activity_type))
    }

    fn number(&self, activity_type: &ActivityType) -> u32 {
        let others = || u32::try_from(self.types.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let number = self.numbers.get(activity_type);
        number.copied().unwrap_or_else(others)
    }

    fn of_type(&self, number: u32) -> Option<&OfType> {
        self.types.get(usize::try_from(number).ok()?)
    }

    fn of(&self, record: &TaskRecord) -> Option<&OfType> {
        self.of_type(record.metrics.of_type)
    }

    fn of_service(&self, record: &TaskRecord) -> Option<&OfService> {
        self.services.get(record.source().number)
    }

    pub(crate) fn poll_started(&self) {
        self.slots.pass(SlotState::Free, SlotState::Poll);
    }

    /// A poll of a task list came back. What it brought keeps its slot.
    pub(crate) fn poll_ended(&self, list: usize, polled: Polled) {
        let next = match polled {
            Polled::Task => SlotState::Task,
            Polled::Empty | Polled::Failed(_) => SlotState::Free,
        };
        self.slots.pass(SlotState::Poll, next);
        if let Some(task_list) = self.task_lists.get(list) {
            task_list.polls.of(polled.into(), |polls| polls.add(1));
        }
    }

    /// A task has given its slot back.
    pub(crate) fn slot_freed(&self) {
        self.slots.pass(SlotState::Task, SlotState::Free);
    }

    /// The service told how long a task waited in its task list.
    pub(crate) fn waited(&self, task_list: &TaskList, waited: Duration) {
        if let Some(of) = self.task_lists.get(task_list.number) {
            of.schedule_to_start.record(waited);
        }
    }

    /// The activity of a task has ended.
    pub(crate) fn executed(&self, record: &TaskRecord) {
        if let Some(of) = self.of(record) {
            of.execution.record(record.age(Instant::now()));
        }
    }

    /// A task left the worker.
    pub(crate) fn ended(&self, record: &TaskRecord, end: TaskEnd) {
        let Some(of) = self.of(record) else { return };
        of.tasks.of(end.into(), |tasks| tasks.add(1));
        if end == TaskEnd::Canceled {
            of.cancellations_acknowledged.add(1);
            if let Some(since) = record.metrics.since_request(record.age(Instant::now())) {
                of.cancellation.record(since);
            }
        }
    }

    /// A task that came too late to be held ends.
    pub(crate) fn ended_polled(&self, activity_type: &ActivityType, end: TaskEnd) {
        if let Some(of) = self.of_type(self.number(activity_type)) {
            of.tasks.of(end.into(), |tasks| tasks.add(1));
        }
    }

    pub(crate) fn heartbeat_sent(&self, record: &TaskRecord) {
        if let Some(of) = self.of_service(record) {
            of.heartbeats_sent.add(1);
        }
    }

    pub(crate) fn heartbeat_answered(&self, record: &TaskRecord, beaten: Beaten) {
        if let Some(of) = self.of_service(record) {
            of.heartbeats_answered
                .of(beaten.into(), |answered| answered.add(1));
        }
    }

    pub(crate) fn heartbeat_late(&self, record: &TaskRecord) {
        if let Some(of) = self.of_service(record) {
            of.heartbeats_late.add(1);
        }
    }

    pub(crate) fn heartbeat_lost(&self, record: &TaskRecord) {
        let of = self.of(record);
        if let Some(lost) = of.and_then(|of| of.heartbeats_lost.get(record.source().number)) {
            lost.add(1);
        }
    }

    pub(crate) fn heartbeat_let_go(&self, record: &TaskRecord) {
        if let Some(of) = self.of_service(record) {
            of.heartbeats_let_go.add(1);
        }
    }

    pub(crate) fn cancel_requested(&self, record: &TaskRecord) {
        record.metrics.note_request(record.age(Instant::now()));
        if let Some(of) = self.of(record) {
            of.cancellations_requested.add(1);
        }
    }

    /// An outcome was not accepted, and is sent again.
    pub(crate) fn response_retried(&self, kind: ServiceErrorKind) {
        if let Some(kind) = RetryKind::of(kind) {
            self.responses_retried.of(kind, |retried| retried.add(1));
        }
    }

    pub(crate) fn drain_began(&self) {
        let _ = self.drain_began.set(Instant::now());
        if !self.is_draining.swap(true, Ordering::Relaxed) {
            self.draining.add(1);
        }
    }

    fn drain_is_over(&self) {
        if self.is_draining.swap(false, Ordering::Relaxed) {
            self.draining.add(-1);
        }
    }

    pub(crate) fn task_cut_off(&self) {
        self.tasks_cut_off.add(1);
    }

    /// The run has ended with this report.
    pub(crate) fn run_ended(&self, report: &DrainReport) {
        self.polls_given_up.add(report.polls_given_up as u64);
        self.drain_is_over();
        if let Some(began) = self.drain_began.get() {
            let clean = report.is_clean();
            let end = if clean {
                DrainEnd::Clean
            } else {
                DrainEnd::Unclean
            };
            self.drain.of(end, |drain| drain.record(began.elapsed()));
        }
    }
}

impl Drop for WorkerMetrics {
    fn drop(&mut self) {
        self.drain_is_over();
    }
}

/// These labels and that of the service, which there is only where a worker has several.
fn with_service(mut labels: Vec<Label>, service: &Source) -> Vec<Label> {
    labels.extend(service.label.as_deref().map(|name| SERVICE.is(name)));
    labels
}

impl OfTaskList {
    fn new(task_list: &TaskList) -> Self {
        let labels = || with_service(vec![TASK_LIST.is(&task_list.name)], &task_list.source);
        Self {
            polls: Each::new(|outcome| {
                let mut labels = labels();
                labels.push(POLL_OUTCOME.is(outcome));
                table::POLLS.counter(labels)
            }),
            schedule_to_start: table::SCHEDULE_TO_START.histogram(labels()),
        }
    }
}

impl OfService {
    fn new(service: &Source) -> Self {
        let labels = || with_service(vec![], service);
        Self {
            heartbeats_sent: table::HEARTBEATS_SENT.counter(labels()),
            heartbeats_answered: Each::new(|outcome| {
                let mut labels = labels();
                labels.push(HEARTBEAT_OUTCOME.is(outcome));
                table::HEARTBEATS_ANSWERED.counter(labels)
            }),
            heartbeats_late: table::HEARTBEATS_LATE.counter(labels()),
            heartbeats_let_go: table::HEARTBEATS_LET_GO.counter(labels()),
        }
    }
}

impl OfType {
    fn new<'a>(name: &str, version: &str, services: impl Iterator<Item = &'a Source>) -> Self {
        let labels = || vec![ACTIVITY_TYPE.is(name), VERSION.is(version)];
        Self {
            tasks: Each::new(|outcome| {
                let mut labels = labels();
                labels.push(TASK_OUTCOME.is(outcome));
                table::TASKS.counter(labels)
            }),
            execution: table::EXECUTION.histogram(labels()),
            heartbeats_lost: services
                .map(|service| table::HEARTBEATS_LOST.counter(with_service(labels(), service)))
                .collect(),
            cancellations_requested: table::CANCELLATIONS_REQUESTED.counter(labels()),
            cancellations_acknowledged: table::CANCELLATIONS_ACKNOWLEDGED.counter(labels()),
            cancellation: table::CANCELLATION.histogram(labels()),
        }
    }
}

impl fmt::Debug for WorkerMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerMetrics").finish_non_exhaustive()
    }
}
