//! What the server has acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A heartbeat or an outcome, as far as its sender knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) token: Value,
    pub(crate) run: String,
    pub(crate) started_event_id: Value,
    /// The details that may be the last: the acknowledged ones, and any sent after them.
    pub(crate) details: Vec<String>,
}

impl Held {
    /// The event that scheduled it.
    pub(crate) fn scheduled(&self, history: &[Value]) -> Value {
        let started = history
            .iter()
            .find(|it| it["eventId"] == self.started_event_id);
        let started = started.expect("the event of a task that was handed out");
        started["activityTaskStartedEventAttributes"]["scheduledEventId"].clone()
    }

    /// Whether its history says that it is closed.
    pub(crate) fn is_closed(&self, history: &[Value]) -> bool {
        self.scheduled(history);
        let ends = |event: &Value| {
            ["Completed", "Failed", "TimedOut", "Canceled"]
                .iter()
                .any(|end| {
                    let attributes = &event[format!("activityTask{end}EventAttributes")];
                    attributes["startedEventId"] == self.started_event_id
                })
        };
        let last = history
            .last()
            .map(|it| it["eventType"].as_str().unwrap_or_default());
        let over = last.is_some_and(|name| {
            name.starts_with("WorkflowExecution")
                && !name.ends_with("Signaled")
                && !name.ends_with("CancelRequested")
                && !name.ends_with("Started")
        });
        over || history.iter().any(ends)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Every run that was ever heard of, with its workflow id.
    pub(crate) runs: BTreeMap<String, String>,
    /// The runs that a start was answered with.
    given: BTreeSet<String>,
    /// The longest beginning of each history that somebody has seen.
    pub(crate) seen: BTreeMap<String, Vec<Value>>,
    /// Texts that must be in a run's history, because what carried them was acknowledged.
    pub(crate) texts: BTreeMap<String, BTreeSet<String>>,
    /// Runs that were acknowledged to be closed.
    pub(crate) closed: BTreeSet<String>,
    /// Activity tasks that were handed out and have no acknowledged outcome.
    pub(crate) held: Vec<Held>,
    pub(crate) types: BTreeSet<String>,
    /// The last value of a domain's tag that was acknowledged, and those sent after it.
    ///
    /// Taken out by whoever sends another one.
    pub(crate) tag: Option<Vec<String>>,
    /// How often something was acknowledged.
    pub(crate) acknowledged: usize,
}

impl Facts {
    /// A run id that was given just now.
    pub(crate) fn started(&mut self, workflow_id: &str, run: &str) {
        assert!(
            self.given.insert(run.to_owned()),
            "the run id {run} was given twice"
        );
        self.heard_of(workflow_id, run);
        self.acknowledged += 1;
    }

    /// A run that somebody has seen.
    pub(crate) fn heard_of(&mut self, workflow_id: &str, run: &str) {
        let before = self.runs.insert(run.to_owned(), workflow_id.to_owned());
        assert!(
            before.is_none_or(|before| before == workflow_id),
            "{run} is of another workflow"
        );
    }

    /// A text that was acknowledged as part of a run.
    pub(crate) fn told(&mut self, run: &str, text: &str) {
        self.texts
            .entry(run.to_owned())
            .or_default()
            .insert(text.to_owned());
        self.acknowledged += 1;
    }

    /// The first events of a history, as they were seen.
    pub(crate) fn saw(&mut self, run: &str, events: &[Value]) {
        for (event, id) in events.iter().zip(1..) {
            assert_eq!(event["eventId"], id, "event ids are dense");
        }
        let known = self.seen.entry(run.to_owned()).or_default();
        let both = known.len().min(events.len());
        assert_eq!(
            known[..both],
            events[..both],
            "the past of {run} was changed"
        );
        if events.len() > known.len() {
            events.clone_into(known);
        }
        self.acknowledged += 1;
    }

    /// Checks the whole history of a run, as it is after a kill.
    pub(crate) fn check(&mut self, run: &str, events: &[Value], open: bool) {
        let seen = self.seen.get(run).map_or(0, Vec::len);
        assert!(events.len() >= seen, "{run} has lost events");
        self.saw(run, events);
        let text = serde_json::to_string(events).expect("JSON");
        for wanted in self.texts.get(run).into_iter().flatten() {
            assert!(text.contains(wanted), "{wanted} is missing in {run}");
        }
        assert!(!(open && self.closed.contains(run)), "{run} is open again");
        let times: Vec<_> = events
            .iter()
            .map(|it| it["eventTimestamp"].as_f64())
            .collect();
        assert!(times.is_sorted(), "time went back in {run}");
        let ends = |event: &Value| {
            let name = event["eventType"].as_str().unwrap_or_default();
            [
                "Completed",
                "Failed",
                "TimedOut",
                "Canceled",
                "Terminated",
                "ContinuedAsNew",
            ]
            .iter()
            .any(|end| name == format!("WorkflowExecution{end}"))
        };
        let end = events.iter().position(ends);
        let expected = (!open).then(|| events.len() - 1);
        assert_eq!(
            end, expected,
            "an end is the last event, and an open run has none"
        );
    }
}
