//! Every metric, once: what is registered, described and documented is made from here.

use super::label::{
    ACTIVITY_TYPE, DRAIN_END, HEARTBEAT_OUTCOME, Label, POLL_OUTCOME, RETRY_KIND, SERVICE,
    SLOT_STATE, TASK_LIST, TASK_OUTCOME, VERSION,
};

/// One metric of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metric {
    /// Its name, as Prometheus has it.
    pub name: &'static str,
    /// What it does.
    pub kind: MetricKind,
    /// What it counts in.
    pub unit: MetricUnit,
    /// Its labels.
    pub labels: &'static [Label],
    /// What it means, in a sentence.
    pub description: &'static str,
}

/// What a [`Metric`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetricKind {
    /// It only goes up.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It gathers values.
    Histogram,
}

impl MetricKind {
    /// Its name in the documentation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// What a [`Metric`] counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetricUnit {
    /// A number of things.
    Count,
    /// Seconds.
    Seconds,
}

impl MetricUnit {
    /// Its name in the documentation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Seconds => "seconds",
        }
    }
}

macro_rules! table {
    ($($id:ident = $name:literal, $kind:ident of $unit:ident, [$($label:ident),*], $description:literal;)*) => {
        $(pub(super) const $id: Metric = Metric {
            name: $name,
            kind: MetricKind::$kind,
            unit: MetricUnit::$unit,
            labels: &[$($label),*],
            description: $description,
        };)*

        /// Every metric that a worker has.
        ///
        /// ```
        /// use workbeat::metrics::{ALL, MetricKind};
        ///
        /// // Those that an exporter needs buckets for.
        /// let histograms = ALL.iter().filter(|metric| metric.kind == MetricKind::Histogram);
        /// assert!(histograms.clone().all(|metric| metric.name.ends_with("_seconds")));
        /// assert!(histograms.count() > 2);
        /// ```
        pub const ALL: &[Metric] = &[$($id),*];
    };
}

table! {
    POLLS = "workbeat_polls_total", Counter of Count, [TASK_LIST, SERVICE, POLL_OUTCOME],
        "Polls that came back. An empty one is no error: there was no work.";
    POLLS_GIVEN_UP = "workbeat_polls_given_up_total", Counter of Count, [],
        "Polls that were still under way when a run had to end. A service may hand a task to such a poll, where nobody works on it.";
    SLOTS = "workbeat_slots", Gauge of Count, [SLOT_STATE],
        "Slots, by what holds them. Their sum is how many activities can run at once.";
    TASKS = "workbeat_tasks_total", Counter of Count, [ACTIVITY_TYPE, VERSION, TASK_OUTCOME],
        "Tasks that left the worker, by what became of them.";
    EXECUTION = "workbeat_execution_seconds", Histogram of Seconds, [ACTIVITY_TYPE, VERSION],
        "From when a task came into the worker until its activity ended: with what it waited for the limit of its type, without the sending of its outcome.";
    SCHEDULE_TO_START = "workbeat_schedule_to_start_seconds", Histogram of Seconds, [TASK_LIST, SERVICE],
        "How long a task waited in its task list, where the service can tell.";
    HEARTBEATS_SENT = "workbeat_heartbeats_sent_total", Counter of Count, [SERVICE],
        "Heartbeats that went out.";
    HEARTBEATS_ANSWERED = "workbeat_heartbeats_answered_total", Counter of Count, [SERVICE, HEARTBEAT_OUTCOME],
        "What came of them. One whose task ended meanwhile is not counted.";
    HEARTBEATS_LATE = "workbeat_heartbeats_late_total", Counter of Count, [SERVICE],
        "Heartbeats that went out more than a second behind their time, because nothing ran: an activity blocks the runtime's threads, or the machine is overloaded.";
    HEARTBEATS_LOST = "workbeat_heartbeats_lost_total", Counter of Count, [ACTIVITY_TYPE, VERSION, SERVICE],
        "How often no heartbeat of a task was accepted for a whole heartbeat timeout: the service has probably given the task up.";
    HEARTBEATS_LET_GO = "workbeat_heartbeats_let_go_total", Counter of Count, [SERVICE],
        "How often the heartbeat budget had no room for a task.";
    CANCELLATIONS_REQUESTED = "workbeat_cancellations_requested_total", Counter of Count, [ACTIVITY_TYPE, VERSION],
        "Tasks whose cancellation the service asked for.";
    CANCELLATIONS_ACKNOWLEDGED = "workbeat_cancellations_acknowledged_total", Counter of Count, [ACTIVITY_TYPE, VERSION],
        "Those of them that ended as canceled. Others complete or fail all the same.";
    CANCELLATION = "workbeat_cancellation_seconds", Histogram of Seconds, [ACTIVITY_TYPE, VERSION],
        "From when the worker heard of the request until the service accepted the acknowledgement.";
    RESPONSES_RETRIED = "workbeat_responses_retried_total", Counter of Count, [RETRY_KIND],
        "Tries of an outcome that the service did not accept, after each of which it is sent again.";
    WORKERS_DRAINING = "workbeat_workers_draining", Gauge of Count, [],
        "Workers that take no new tasks and wait for those that run.";
    DRAIN = "workbeat_drain_seconds", Histogram of Seconds, [DRAIN_END],
        "How long a drain took, to the end of the run.";
    TASKS_CUT_OFF = "workbeat_tasks_cut_off_total", Counter of Count, [],
        "Tasks that were failed and dropped because the drain deadline was near.";
}
