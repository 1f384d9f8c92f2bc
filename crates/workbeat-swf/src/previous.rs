//! How the last attempt of an activity ended, by its run's history.

use std::ops::ControlFlow;

use aws_sdk_swf::types::HistoryEvent;
use workbeat::service::{
    ActivityTask, AttemptEvent, PreviousAttempt, PreviousAttemptSearch, ServiceError,
    ServiceErrorKind,
};

use crate::history::{Looked, Pages};
use crate::operation::Operation;
use crate::service::Inner;

/// How many events are asked for at once: the most that Amazon SWF gives.
const PAGE: i32 = 1_000;

/// The longest history of Amazon SWF, which is of 25,000 events, has 25 such pages; but a page may be
/// shorter than what is asked for.
const PAGES: usize = 100;

impl Inner {
    pub(crate) async fn previous_attempt_of(
        &self,
        task: &ActivityTask,
    ) -> Result<Option<PreviousAttempt>, ServiceError> {
        let mut search = PreviousAttemptSearch::new(task);
        // The activity asks, in its own runtime.
        let pages = Pages {
            client: &self.client,
            operation: Operation::PreviousAttempt,
            size: PAGE,
            most: PAGES,
            patient: true,
        };
        let look = |events: &[HistoryEvent]| {
            for event in events {
                if let Some(said) = said(event) {
                    search.look(event.event_id, said)?;
                }
            }
            ControlFlow::Continue(())
        };
        let looked = self.look_back(task, pages, look).await?;
        if !search.has_begun() {
            let message =
                "the history does not show yet that this task has begun; asked again, it will";
            return Err(ServiceError::new(ServiceErrorKind::Unavailable, message));
        }
        match looked {
            Looked::Found(attempt) => Ok(attempt),
            Looked::NotThere => Ok(None),
            Looked::GaveUp => {
                let message =
                    "the history goes on and on, as none of Amazon SWF does; check the endpoint";
                Err(ServiceError::new(ServiceErrorKind::Invalid, message))
            }
        }
    }
}

/// What an event says of an attempt, if it is about one.
fn said(event: &HistoryEvent) -> Option<AttemptEvent<'_>> {
    if let Some(scheduled) = &event.activity_task_scheduled_event_attributes {
        let activity_type = scheduled.activity_type.as_ref()?;
        return Some(AttemptEvent::Scheduled {
            activity_id: &scheduled.activity_id,
            name: &activity_type.name,
            version: &activity_type.version,
        });
    }
    if let Some(started) = &event.activity_task_started_event_attributes {
        let scheduled_event_id = started.scheduled_event_id;
        return Some(AttemptEvent::Started { scheduled_event_id });
    }
    if let Some(timed_out) = &event.activity_task_timed_out_event_attributes {
        return Some(AttemptEvent::TimedOut {
            scheduled_event_id: timed_out.scheduled_event_id,
            details: timed_out.details.as_deref(),
        });
    }
    if let Some(failed) = &event.activity_task_failed_event_attributes {
        return Some(AttemptEvent::Failed {
            scheduled_event_id: failed.scheduled_event_id,
            reason: failed.reason.as_deref(),
            details: failed.details.as_deref(),
        });
    }
    let completed = event.activity_task_completed_event_attributes.as_ref();
    let canceled = event.activity_task_canceled_event_attributes.as_ref();
    let scheduled_event_id = completed
        .map(|completed| completed.scheduled_event_id)
        .or_else(|| canceled.map(|canceled| canceled.scheduled_event_id))?;
    Some(AttemptEvent::Done { scheduled_event_id })
}
