//! In place of the metrics where the feature is off: nothing, of no size.

use std::sync::Arc;
use std::time::Duration;

use crate::heartbeat::Beaten;
use crate::service::{ActivityType, ServiceErrorKind};
use crate::task::{Source, TaskList, TaskRecord};
use crate::worker::{DrainReport, Polled, Registry, Settings, TaskEnd};

/// The metrics of one worker: none.
#[derive(Debug, Default)]
pub(crate) struct WorkerMetrics {}

impl WorkerMetrics {
    pub(crate) fn new<'a>(
        _: &Registry,
        _: &Settings,
        _: impl Iterator<Item = &'a Source>,
        _: &[Arc<TaskList>],
    ) -> Self {
        Self {}
    }

    pub(crate) fn poll_started(&self) {}

    pub(crate) fn poll_ended(&self, _: usize, _: Polled) {}

    pub(crate) fn slot_freed(&self) {}

    pub(crate) fn waited(&self, _: &TaskList, _: Duration) {}

    pub(crate) fn executed(&self, _: &TaskRecord) {}

    pub(crate) fn ended(&self, _: &TaskRecord, _: TaskEnd) {}

    pub(crate) fn ended_polled(&self, _: &ActivityType, _: TaskEnd) {}

    pub(crate) fn heartbeat_sent(&self, _: &TaskRecord) {}

    pub(crate) fn heartbeat_answered(&self, _: &TaskRecord, _: Beaten) {}

    pub(crate) fn heartbeat_late(&self, _: &TaskRecord) {}

    pub(crate) fn heartbeat_lost(&self, _: &TaskRecord) {}

    pub(crate) fn heartbeat_let_go(&self, _: &TaskRecord) {}

    pub(crate) fn cancel_requested(&self, _: &TaskRecord) {}

    pub(crate) fn response_retried(&self, _: ServiceErrorKind) {}

    pub(crate) fn drain_began(&self) {}

    pub(crate) fn task_cut_off(&self) {}

    pub(crate) fn run_ended(&self, _: &DrainReport) {}
}
