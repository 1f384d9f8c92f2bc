//! In place of the metrics where the feature is off: nothing, of no size.

use std::time::Duration;

use crate::heartbeat::Beaten;
use crate::service::{ActivityType, ServiceErrorKind};
use crate::task::TaskRecord;
use crate::worker::{DrainReport, Polled, Registry, Settings, TaskEnd};

/// The metrics of one worker: none.
#[derive(Debug, Default)]
pub(crate) struct WorkerMetrics {}

impl WorkerMetrics {
    pub(crate) fn new(_: &Registry, _: &Settings) -> Self {
        Self {}
    }

    pub(crate) fn poll_started(&self) {}

    pub(crate) fn poll_ended(&self, _: usize, _: Polled) {}

    pub(crate) fn slot_freed(&self) {}

    pub(crate) fn waited(&self, _: &str, _: Duration) {}

    pub(crate) fn executed(&self, _: &TaskRecord) {}

    pub(crate) fn ended(&self, _: &TaskRecord, _: TaskEnd) {}

    pub(crate) fn ended_polled(&self, _: &ActivityType, _: TaskEnd) {}

    pub(crate) fn heartbeat_sent(&self) {}

    pub(crate) fn heartbeat_answered(&self, _: Beaten) {}

    pub(crate) fn heartbeat_late(&self) {}

    pub(crate) fn heartbeat_lost(&self, _: &TaskRecord) {}

    pub(crate) fn heartbeat_let_go(&self) {}

    pub(crate) fn cancel_requested(&self, _: &TaskRecord) {}

    pub(crate) fn response_retried(&self, _: ServiceErrorKind) {}

    pub(crate) fn drain_began(&self) {}

    pub(crate) fn task_cut_off(&self) {}

    pub(crate) fn run_ended(&self, _: &DrainReport) {}
}
