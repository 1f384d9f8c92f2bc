//! How the last attempt of an activity ended, by its run's history.

use std::ops::ControlFlow;

use workbeat::service::{ActivityTask, AttemptEvent, PreviousAttempt, PreviousAttemptSearch};

use crate::engine::{EventAttributes, HistoryEvent, Payload};

/// The attempt before that of `task`.
pub(super) fn previous_attempt(
    history: &[HistoryEvent],
    task: &ActivityTask,
) -> Option<PreviousAttempt> {
    let mut search = PreviousAttemptSearch::new(task);
    for event in history.iter().rev() {
        let Some(said) = said(&event.attributes) else {
            continue;
        };
        if let ControlFlow::Break(found) = search.look(event.event_id, said) {
            return found;
        }
    }
    None
}

/// What an event says of an attempt, if it is about one.
fn said(attributes: &EventAttributes) -> Option<AttemptEvent<'_>> {
    Some(match attributes {
        EventAttributes::ActivityTaskScheduled(event) => AttemptEvent::Scheduled {
            activity_id: &event.activity_id,
            name: &event.activity_type.name,
            version: &event.activity_type.version,
        },
        EventAttributes::ActivityTaskStarted(event) => AttemptEvent::Started {
            scheduled_event_id: event.scheduled_event_id,
        },
        EventAttributes::ActivityTaskTimedOut(event) => AttemptEvent::TimedOut {
            scheduled_event_id: event.scheduled_event_id,
            details: event.details.as_ref().map(Payload::as_str),
        },
        EventAttributes::ActivityTaskFailed(event) => AttemptEvent::Failed {
            scheduled_event_id: event.scheduled_event_id,
            reason: event.reason.as_deref(),
            details: event.details.as_ref().map(Payload::as_str),
        },
        EventAttributes::ActivityTaskCompleted(event) => AttemptEvent::Done {
            scheduled_event_id: event.scheduled_event_id,
        },
        EventAttributes::ActivityTaskCanceled(event) => AttemptEvent::Done {
            scheduled_event_id: event.scheduled_event_id,
        },
        _ => return None,
    })
}
