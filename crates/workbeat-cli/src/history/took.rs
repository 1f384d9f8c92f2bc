//! How long an activity took.

use std::time::Duration;

use super::Event;
use crate::decider;

/// How long the activity ran, from when a worker took it to its end. An execution is open longer:
/// before, a worker is waited for, and after, whoever closes it, who may come late.
///
/// Of an activity that no worker took, and of a workflow of another decider, it is how long the
/// execution was open.
pub(crate) fn took(history: &[Event]) -> Duration {
    let at = |found: Option<&Event>| found.map(Event::timestamp);
    let ran = || {
        let started = history
            .iter()
            .find(|event| event.kind() == "ActivityTaskStarted");
        let ended = history.iter().find(|event| {
            matches!(
                event.kind(),
                "ActivityTaskCompleted"
                    | "ActivityTaskFailed"
                    | "ActivityTaskTimedOut"
                    | "ActivityTaskCanceled"
            )
        });
        at(started).zip(at(ended))
    };
    let ran = decider::is_ours(history).then(ran).flatten();
    let open = || at(history.first()).zip(at(history.last()));
    let (from, to) = ran.or_else(open).unwrap_or_default();
    Duration::try_from_secs_f64(to - from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::history::example::History;

    #[test]
    fn what_was_closed_late_took_no_longer() {
        let history = History::running()
            .activity("Completed", json!({}))
            .plain("DecisionTaskScheduled")
            .plain("DecisionTaskStarted")
            .plain("WorkflowExecutionCompleted");
        assert_eq!(took(history.events()), Duration::from_secs(1));
    }

    #[test]
    fn without_a_run_it_is_the_executions_time() {
        let canceled = History::scheduled()
            .activity("Canceled", json!({}))
            .plain("WorkflowExecutionCanceled");
        assert_eq!(took(canceled.events()), Duration::from_secs(3));
        let other = History::default()
            .plain("WorkflowExecutionStarted")
            .plain("ActivityTaskStarted")
            .plain("ActivityTaskCompleted")
            .plain("ActivityTaskStarted")
            .plain("WorkflowExecutionCompleted");
        assert_eq!(took(other.events()), Duration::from_secs(4));
        assert_eq!(took(&[]), Duration::ZERO);
    }
}
