//! What the decider sees and decides, in words.

use workbeat_local::engine::{
    Decision, DecisionTask, EventAttributes as Event, EventId, HistoryEvent,
};

use crate::history::History;

/// Prints what is new in a history, and what was decided.
pub(crate) fn decided(task: &DecisionTask, decisions: &[Decision]) {
    let history = History::of(&task.events);
    let seen = task.previous_started_event_id;
    let new = task.events.iter().filter(|event| event.event_id > seen);
    let news: Vec<_> = new.filter_map(|event| news(event, &history)).collect();
    let decisions: Vec<_> = decisions.iter().map(decision).collect();
    println!("  {:<28} -> {}", news.join(", "), decisions.join(", "));
}

fn news(event: &HistoryEvent, history: &History<'_>) -> Option<String> {
    let name = |scheduled: EventId| history.scheduled(scheduled).unwrap_or("an activity");
    match &event.attributes {
        Event::WorkflowExecutionStarted(_) => Some("the order is there".to_owned()),
        Event::ActivityTaskCompleted(ended) => {
            Some(format!("{} completed", name(ended.scheduled_event_id)))
        }
        Event::ActivityTaskFailed(ended) => {
            let reason = ended.reason.as_deref().unwrap_or_default();
            Some(format!(
                "{} failed: {reason}",
                name(ended.scheduled_event_id)
            ))
        }
        Event::ActivityTaskTimedOut(ended) => {
            Some(format!("{} timed out", name(ended.scheduled_event_id)))
        }
        Event::TimerFired(timer) => Some(format!("{} may go on", timer.timer_id)),
        _ => None,
    }
}

/// A decision, in words.
pub(crate) fn decision(decision: &Decision) -> String {
    match decision {
        Decision::ScheduleActivityTask(schedule) => format!("schedule {}", schedule.activity_id),
        Decision::StartTimer(timer) => {
            let wait = timer.start_to_fire_timeout.duration().unwrap_or_default();
            format!("{} again in {wait:?}", timer.timer_id)
        }
        Decision::CompleteWorkflowExecution(_) => "complete the workflow".to_owned(),
        Decision::FailWorkflowExecution(failed) => {
            let reason = failed.reason.as_deref().unwrap_or_default();
            format!("fail the workflow: {reason}")
        }
        _ => "something else".to_owned(),
    }
}
