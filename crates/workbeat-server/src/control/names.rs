//! Which activity it is, for somebody who watches.

use serde::Serialize;
use workbeat::service::{ActivityType, WorkflowExecution};
use workbeat_local::engine::{
    ActivityKey, Engine, EventAttributes, EventId, HistoryEvent, OpenActivity,
};

/// An activity by all of its names.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Names<'a> {
    region: &'a str,
    domain: &'a str,
    workflow_id: &'a str,
    run_id: &'a str,
    scheduled_event_id: EventId,
    activity_id: &'a str,
    activity_type: TypeNames<'a>,
}

#[derive(Clone, Copy, Serialize)]
struct TypeNames<'a> {
    name: &'a str,
    version: &'a str,
}

impl<'a> Names<'a> {
    /// The names of an open activity.
    pub(super) fn of(region: &'a str, activity: &'a OpenActivity) -> Self {
        let (domain, workflow) = (activity.domain.as_str(), &activity.workflow);
        let scheduled = activity.key.scheduled_event_id;
        let (id, activity_type) = (&activity.activity_id, &activity.activity_type);
        Self::new(region, domain, workflow, scheduled, id, activity_type)
    }

    /// The names of any activity, open or closed.
    pub(super) fn find(region: &'a str, engine: &'a Engine, key: &ActivityKey) -> Option<Self> {
        let (domain, workflow) = engine.workflow(&key.run_id)?;
        let scheduled = key.scheduled_event_id;
        let at = usize::try_from(scheduled).ok()?.checked_sub(1)?;
        let event: &HistoryEvent = engine.history(&key.run_id)?.get(at)?;
        let EventAttributes::ActivityTaskScheduled(attributes) = &event.attributes else {
            return None;
        };
        let (id, activity_type) = (&attributes.activity_id, &attributes.activity_type);
        Some(Self::new(
            region,
            domain,
            workflow,
            scheduled,
            id,
            activity_type,
        ))
    }

    fn new(
        region: &'a str,
        domain: &'a str,
        workflow: &'a WorkflowExecution,
        scheduled_event_id: EventId,
        activity_id: &'a str,
        activity_type: &'a ActivityType,
    ) -> Self {
        Self {
            region,
            domain,
            workflow_id: &workflow.workflow_id,
            run_id: &workflow.run_id,
            scheduled_event_id,
            activity_id,
            activity_type: TypeNames {
                name: &activity_type.name,
                version: &activity_type.version,
            },
        }
    }
}
