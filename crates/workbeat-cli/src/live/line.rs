//! What the local server tells of an activity, line by line.

use serde::Deserialize;
use serde_json::Value;

use crate::history::{Event, TypeName};

/// Which activity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ActivityKey {
    run_id: String,
    scheduled_event_id: u64,
}

/// The names of an activity, which are in every line about it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Names {
    pub(crate) region: String,
    pub(crate) domain: String,
    pub(crate) workflow_id: String,
    pub(crate) run_id: String,
    scheduled_event_id: u64,
    pub(crate) activity_id: String,
    pub(crate) activity_type: TypeName,
}

impl Names {
    /// Whether they are of this domain. Each region is an SWF of its own.
    pub(super) fn are_in(&self, region: &str, domain: &str) -> bool {
        self.region == region && self.domain == domain
    }

    /// Which activity it is.
    pub(crate) fn key(&self) -> ActivityKey {
        ActivityKey {
            run_id: self.run_id.clone(),
            scheduled_event_id: self.scheduled_event_id,
        }
    }
}

/// A line of `/_workbeat/events`.
#[derive(Clone, Debug)]
pub(crate) enum Line {
    /// From here on nothing is missed.
    Following,
    /// The reader was too slow: lines are missing.
    Missed,
    /// Something about an activity; what it was, and the line itself.
    Activity(Box<ActivityLine>),
}

/// Something happened to an activity.
#[derive(Clone, Debug)]
pub(crate) struct ActivityLine {
    pub(crate) names: Names,
    pub(crate) what: What,
    /// The line as it came.
    pub(crate) json: Value,
}

/// What happened to an activity.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A worker took it.
    Started {
        /// Who.
        identity: Option<String>,
    },
    /// A heartbeat came.
    Heartbeat {
        /// What it carried.
        details: Option<String>,
        /// What it was answered.
        cancel_requested: bool,
    },
    /// It ended with this event.
    Closed(Event),
}

impl Line {
    /// Reads a line; `None` if it is of a kind that is newer than this program.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let json: Value = serde_json::from_slice(text).ok()?;
        let optional = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
        let what = match json.get("event")?.as_str()? {
            "following" => return Some(Self::Following),
            "missed" => return Some(Self::Missed),
            "started" => What::Started {
                identity: optional("identity"),
            },
            "heartbeat" => What::Heartbeat {
                details: optional("details"),
                cancel_requested: json.get("cancelRequested") == Some(&Value::Bool(true)),
            },
            "closed" => What::Closed(Event::new(json.get("historyEvent")?.clone())),
            _ => return None,
        };
        let names = Names::deserialize(&json).ok()?;
        Some(Self::Activity(Box::new(ActivityLine { names, what, json })))
    }
}

/// An open activity, as `/_workbeat/activities` tells it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenActivity {
    #[serde(flatten)]
    pub(crate) names: Names,
    pub(crate) task_list: String,
    pub(crate) started_at: Option<f64>,
    pub(crate) cancel_requested: bool,
    pub(crate) details: Option<String>,
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// A line about an activity of workflow `job-7`.
    pub(crate) fn line(event: &str, more: Value) -> ActivityLine {
        let mut json = json!({
            "event": event, "at": 1_700_000_000.5, "region": "us-east-1", "domain": "workbeat",
            "workflowId": "job-7", "runId": "r", "scheduledEventId": 5, "activityId": "activity",
            "activityType": {"name": "resize", "version": "1.0"},
        });
        let members = json.as_object_mut().unwrap();
        let Value::Object(more) = more else {
            panic!("{more} is no object");
        };
        members.extend(more);
        match Line::read(json.to_string().as_bytes()) {
            Some(Line::Activity(line)) => *line,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn lines_are_read_and_unknown_ones_passed_over() {
        let started = line("started", json!({"identity": "worker-1"}));
        assert!(matches!(started.what, What::Started { identity: Some(who) } if who == "worker-1"));
        let beat = line("heartbeat", json!({"cancelRequested": true}));
        let told = What::Heartbeat {
            details: None,
            cancel_requested: true,
        };
        assert_eq!(format!("{:?}", beat.what), format!("{told:?}"));
        assert!(matches!(
            Line::read(b"{\"event\":\"following\"}"),
            Some(Line::Following)
        ));
        for unknown in [
            "{\"event\":\"paused\"}",
            "<html>",
            "{}",
            "{\"event\":\"started\"}",
        ] {
            assert!(Line::read(unknown.as_bytes()).is_none(), "{unknown}");
        }
    }

    #[test]
    fn open_activities_are_read() {
        let json = json!({
            "region": "us-east-1", "domain": "workbeat", "workflowId": "job-7", "runId": "r",
            "scheduledEventId": 5, "activityId": "activity",
            "activityType": {"name": "resize", "version": "1.0"}, "taskList": "images",
            "state": "scheduled", "cancelRequested": false, "scheduledAt": 1.5, "timeouts": {},
        });
        let activity: OpenActivity = serde_json::from_value(json).unwrap();
        assert_eq!(activity.task_list, "images");
        assert_eq!((activity.started_at, activity.details), (None, None));
    }
}
