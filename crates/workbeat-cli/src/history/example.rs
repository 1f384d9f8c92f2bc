//! Histories of an activity as `workbeat start` makes them, for tests.

use serde_json::{Value, json};

use super::Event;
use crate::decider::Plan;
use crate::history::TypeName;

/// Grows a history event by event, as SWF would write it.
#[derive(Clone, Debug, Default)]
pub(crate) struct History(Vec<Event>);

impl History {
    /// An execution that `workbeat start` began.
    pub(crate) fn started() -> Self {
        let plan = Plan::new(TypeName::new("resize", "1.0"), Some("{\"width\":640}"));
        Self::default().event(
            "WorkflowExecutionStarted",
            json!({"input": plan.to_text(), "workflowType": {"name": "workbeat.start", "version": "1"}}),
        )
    }

    /// One whose activity is scheduled, as event 2.
    pub(crate) fn scheduled() -> Self {
        Self::started().event(
            "ActivityTaskScheduled",
            json!({
                "activityId": "activity",
                "activityType": {"name": "resize", "version": "1.0"},
                "taskList": {"name": "images"},
            }),
        )
    }

    /// One whose activity runs.
    pub(crate) fn running() -> Self {
        Self::scheduled().event(
            "ActivityTaskStarted",
            json!({"scheduledEventId": 2, "identity": "worker-1"}),
        )
    }

    /// One more event.
    pub(crate) fn event(mut self, kind: &str, attributes: Value) -> Self {
        let mut name = kind.to_owned();
        name[..1].make_ascii_lowercase();
        name.push_str("EventAttributes");
        let id = self.0.len() as u64 + 1;
        let mut event = json!({
            "eventId": id,
            "eventTimestamp": 1_700_000_000.5 + id as f64,
            "eventType": kind,
        });
        event[name] = attributes;
        self.0.push(Event::new(event));
        self
    }

    /// The same event, without attributes.
    pub(crate) fn plain(self, kind: &str) -> Self {
        self.event(kind, json!({}))
    }

    /// The end of the activity.
    pub(crate) fn activity(self, end: &str, attributes: Value) -> Self {
        let mut attributes = attributes;
        attributes["scheduledEventId"] = json!(2);
        self.event(&format!("ActivityTask{end}"), attributes)
    }

    /// The events.
    pub(crate) fn events(&self) -> &[Event] {
        &self.0
    }
}
