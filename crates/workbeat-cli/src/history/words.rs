//! An event in plain words.

use serde_json::Value;

use super::{Event, TypeName};
use crate::output::{cut, escape, seconds_text};

/// How much of an input, a result or details a table shows.
const PAYLOAD_COLUMNS: usize = 120;

/// An event's type as words, and what is worth knowing of it. There is no control character in
/// it, whatever the history holds.
pub(crate) fn describe(event: &Event) -> (String, String) {
    (escape(&words(event.kind())), facts(event).join(", "))
}

/// `ActivityTaskTimedOut` as `Activity task timed out`.
fn words(kind: &str) -> String {
    let mut words = String::with_capacity(kind.len() + 8);
    for (index, character) in kind.char_indices() {
        if index > 0 && character.is_uppercase() {
            words.push(' ');
            words.extend(character.to_lowercase());
        } else {
            words.push(character);
        }
    }
    words
}

/// What of an attribute is shown, and how. The order is that of the words.
enum Fact {
    /// A type's name and version.
    Type,
    /// A name of something.
    Named(&'static str),
    /// Text that this service or a person wrote.
    Text(&'static str),
    /// Text of any length and content.
    Payload(&'static str),
    /// A timeout.
    Timeout(&'static str),
}

const FACTS: [(&str, Fact); 29] = [
    ("activityType", Fact::Type),
    ("workflowType", Fact::Type),
    ("name", Fact::Text("")),
    ("activityId", Fact::Text("id")),
    ("timerId", Fact::Text("timer")),
    ("signalName", Fact::Text("signal")),
    ("markerName", Fact::Text("marker")),
    ("workflowId", Fact::Text("workflow")),
    ("workflowExecution", Fact::Named("workflow")),
    ("externalWorkflowExecution", Fact::Named("workflow")),
    ("taskList", Fact::Named("task list")),
    ("taskPriority", Fact::Text("priority")),
    ("identity", Fact::Text("by")),
    ("timeoutType", Fact::Text("timeout")),
    ("cause", Fact::Text("cause")),
    ("reason", Fact::Payload("reason")),
    ("result", Fact::Payload("result")),
    ("output", Fact::Payload("output")),
    ("details", Fact::Payload("details")),
    ("control", Fact::Payload("control")),
    ("input", Fact::Payload("input")),
    ("newExecutionRunId", Fact::Text("new run")),
    ("childPolicy", Fact::Text("child policy")),
    ("heartbeatTimeout", Fact::Timeout("heartbeat timeout")),
    ("scheduleToStartTimeout", Fact::Timeout("schedule-to-start")),
    ("scheduleToCloseTimeout", Fact::Timeout("schedule-to-close")),
    ("startToCloseTimeout", Fact::Timeout("start-to-close")),
    ("startToFireTimeout", Fact::Timeout("fires after")),
    ("executionStartToCloseTimeout", Fact::Timeout("timeout")),
];

fn facts(event: &Event) -> Vec<String> {
    let fact = |(name, fact): &(&str, Fact)| {
        let value = event.attribute(name)?;
        let label = |label: &str, text: &str| {
            let text = escape(text);
            if label.is_empty() {
                text
            } else {
                format!("{label} {text}")
            }
        };
        match fact {
            Fact::Type => {
                let TypeName { name, version } = event.type_name(name)?;
                Some(escape(&format!("{name}/{version}")))
            }
            Fact::Named(word) => {
                let name = value.get("name").or_else(|| value.get("workflowId"))?;
                Some(label(word, name.as_str()?))
            }
            Fact::Text(word) => event.text(name).map(|text| label(word, text)),
            Fact::Payload(word) => event.text(name).map(|text| label(word, &short(text))),
            Fact::Timeout(word) => value
                .as_str()
                .filter(|timeout| *timeout != "NONE")
                .map(|timeout| label(word, &seconds_text(timeout))),
        }
    };
    let mut facts: Vec<_> = FACTS.iter().filter_map(fact).collect();
    let tags = event.attribute("tagList").and_then(Value::as_array);
    if let Some(tags) = tags.filter(|tags| !tags.is_empty()) {
        let tags: Vec<_> = tags.iter().filter_map(Value::as_str).map(escape).collect();
        facts.push(format!("tags {}", tags.join(" ")));
    }
    facts
}

fn short(payload: &str) -> String {
    cut(&escape(payload), PAYLOAD_COLUMNS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::history::example::History;

    fn last(history: &History) -> (String, String) {
        describe(history.events().last().unwrap())
    }

    #[test]
    fn events_read_as_words() {
        let scheduled = History::default().event(
            "ActivityTaskScheduled",
            json!({
                "activityId": "activity",
                "activityType": {"name": "resize", "version": "1.0"},
                "decisionTaskCompletedEventId": 4,
                "heartbeatTimeout": "30",
                "input": "{\"width\":640}",
                "scheduleToCloseTimeout": "NONE",
                "startToCloseTimeout": "3600",
                "taskList": {"name": "images"},
            }),
        );
        let facts = "resize/1.0, id activity, task list images, input {\"width\":640}, \
                     heartbeat timeout 30s, start-to-close 1h";
        let expected = ("Activity task scheduled".to_owned(), facts.to_owned());
        assert_eq!(last(&scheduled), expected);

        let timed_out = History::running().activity(
            "TimedOut",
            json!({"timeoutType": "HEARTBEAT", "details": "[1,2]"}),
        );
        let expected = (
            "Activity task timed out",
            "timeout HEARTBEAT, details [1,2]",
        );
        let found = last(&timed_out);
        assert_eq!((found.0.as_str(), found.1.as_str()), expected);

        let signaled = History::default().event(
            "WorkflowExecutionSignaled",
            json!({"signalName": "go", "externalWorkflowExecution": {"workflowId": "w", "runId": "r"}}),
        );
        assert_eq!(last(&signaled).1, "signal go, workflow w");
    }

    #[test]
    fn a_hostile_history_is_harmless() {
        let history = History::default().event(
            "New\u{1b}Event",
            json!({"reason": "\u{1b}[2J", "taskList": {"name": "a\nb"}, "tagList": ["\u{9b}"]}),
        );
        let (kind, facts) = last(&history);
        assert_eq!(kind, "New\\u001b event");
        assert!(!facts.contains(char::is_control), "{facts}");
    }

    #[test]
    fn a_long_payload_is_cut() {
        let history = History::default().event(
            "ActivityTaskCompleted",
            json!({"result": "x".repeat(9_000)}),
        );
        let (_, facts) = last(&history);
        assert!(facts.len() < 200 && facts.ends_with('…'), "{facts}");
    }
}
