//! One activity that runs.

use serde::Serialize;
use workbeat::activity::ReportedProgress;
use workbeat::worker::RunningActivity;

use super::{cut, seconds};

/// An activity that runs. Neither its task token nor its input is here.
#[derive(Debug, Serialize)]
pub(crate) struct ActivitySnapshot {
    name: String,
    version: String,
    activity_id: String,
    workflow_id: String,
    run_id: String,
    task_list: String,
    /// Where it came from, if the worker has several services.
    service: Option<String>,
    running_seconds: f64,
    heartbeat_seconds: Option<f64>,
    left_seconds: Option<f64>,
    waits_for_limit: bool,
    let_go: bool,
    stop_reason: Option<&'static str>,
    progress: Option<ProgressSnapshot>,
}

/// What it last said of itself.
#[derive(Debug, Serialize)]
struct ProgressSnapshot {
    fraction: Option<f64>,
    text: String,
}

impl ActivitySnapshot {
    pub(super) fn of(running: RunningActivity, progress: bool) -> Self {
        let reported = running.last_progress.filter(|_| progress);
        Self {
            name: running.activity_type.name.to_string(),
            version: running.activity_type.version.to_string(),
            activity_id: running.activity_id,
            workflow_id: running.workflow.workflow_id.to_string(),
            run_id: running.workflow.run_id.to_string(),
            task_list: running.task_list,
            service: running.service,
            running_seconds: seconds(running.running_for),
            heartbeat_seconds: running.since_last_heartbeat.map(seconds),
            left_seconds: running.time_left.map(seconds),
            waits_for_limit: running.waits_for_limit,
            let_go: running.let_go,
            stop_reason: running.stop_reason.map(workbeat::StopReason::as_str),
            progress: reported.map(|details| {
                let reported = ReportedProgress::of(&details);
                ProgressSnapshot {
                    fraction: reported.fraction,
                    text: cut(reported.text),
                }
            }),
        }
    }
}
