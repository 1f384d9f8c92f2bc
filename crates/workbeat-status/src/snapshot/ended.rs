//! One activity that has ended.

use serde::Serialize;
use workbeat::worker::EndedActivity;

use super::seconds;

/// An activity that has ended, without its result.
#[derive(Debug, Serialize)]
pub(crate) struct EndedSnapshot {
    name: String,
    version: String,
    activity_id: String,
    workflow_id: String,
    run_id: String,
    service: Option<String>,
    end: &'static str,
    took_seconds: f64,
    ago_seconds: f64,
}

impl EndedSnapshot {
    pub(super) fn of(ended: &EndedActivity) -> Self {
        Self {
            name: ended.activity_type.name.to_string(),
            version: ended.activity_type.version.to_string(),
            activity_id: ended.activity_id.to_string(),
            workflow_id: ended.workflow.workflow_id.to_string(),
            run_id: ended.workflow.run_id.to_string(),
            service: ended.service.as_deref().map(str::to_owned),
            end: ended.end.as_str(),
            took_seconds: seconds(ended.took),
            ago_seconds: seconds(ended.ago),
        }
    }
}
