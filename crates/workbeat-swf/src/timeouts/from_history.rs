//! The timeouts in a workflow's history, found from its end.

use std::ops::ControlFlow;
use std::time::Duration;

use aws_sdk_swf::primitives::DateTime;
use aws_sdk_swf::types::HistoryEvent;
use tracing::debug;
use workbeat::service::{ActivityTask, ServiceError, TaskTimeouts, Timeout};

use super::from_type::shortest;
use crate::history::{Looked, Pages};
use crate::operation::Operation;
use crate::seconds;
use crate::service::Inner;

/// How many events are asked for at once. A task that just began is near the end of its
/// history, and events can be large.
const PAGE: i32 = 200;

impl Inner {
    pub(crate) async fn timeouts_from_history(
        &self,
        task: &ActivityTask,
    ) -> Result<TaskTimeouts, ServiceError> {
        let mut search = Search::new(task.started_event_id);
        let pages = Pages {
            client: &self.heartbeat_client,
            operation: Operation::History,
            size: PAGE,
            most: usize::MAX,
            patient: false,
        };
        let look = |events: &[HistoryEvent]| match search.look(events) {
            None if !search.is_over() => ControlFlow::Continue(()),
            found => ControlFlow::Break(found),
        };
        let found = match self.look_back(task, pages, look).await? {
            Looked::Found(found) => found,
            Looked::NotThere | Looked::GaveUp => None,
        };
        if found.is_none() {
            debug!(
                started_event_id = task.started_event_id,
                "the history does not hold the task's events"
            );
        }
        Ok(found.unwrap_or_default())
    }
}

/// Looks for a task's events, from the end of the history to its beginning. A pure structure.
#[derive(Debug)]
struct Search {
    started_event_id: i64,
    /// When the task started, and the event that scheduled it.
    started: Option<(DateTime, i64)>,
    /// The earliest event seen.
    earliest: i64,
}

impl Search {
    fn new(started_event_id: i64) -> Self {
        Self {
            started_event_id,
            started: None,
            earliest: i64::MAX,
        }
    }

    /// Looks through the next page, and says what it found.
    fn look(&mut self, events: &[HistoryEvent]) -> Option<TaskTimeouts> {
        for event in events {
            self.earliest = self.earliest.min(event.event_id);
            if event.event_id == self.started_event_id {
                let started = event.activity_task_started_event_attributes.as_ref()?;
                self.started = Some((event.event_timestamp, started.scheduled_event_id));
            }
            let Some((started_at, scheduled_event_id)) = self.started else {
                continue;
            };
            if event.event_id == scheduled_event_id {
                return timeouts(event, started_at);
            }
        }
        None
    }

    /// Whether what comes now is earlier than what is looked for.
    fn is_over(&self) -> bool {
        let wanted = self
            .started
            .map_or(self.started_event_id, |(_, scheduled)| scheduled);
        self.earliest <= wanted
    }
}

/// The timeouts that a task was scheduled with, which started at `started_at`.
fn timeouts(scheduled: &HistoryEvent, started_at: DateTime) -> Option<TaskTimeouts> {
    let attributes = scheduled
        .activity_task_scheduled_event_attributes
        .as_ref()?;
    let timeout = |text: Option<&str>| text.and_then(seconds::timeout);
    let waited = between(scheduled.event_timestamp, started_at);
    let left = timeout(attributes.schedule_to_close_timeout());
    let left = left.map(|whole| match whole.duration() {
        Some(whole) => Timeout::After(whole.saturating_sub(waited)),
        None => whole,
    });
    let mut found = TaskTimeouts::default();
    found.heartbeat = timeout(attributes.heartbeat_timeout());
    found.start_to_close = shortest([timeout(attributes.start_to_close_timeout()), left]);
    found.waited = Some(waited);
    Some(found)
}

fn between(earlier: DateTime, later: DateTime) -> Duration {
    let millis = |time: DateTime| time.to_millis().unwrap_or_default();
    let millis = millis(later).saturating_sub(millis(earlier));
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

#[cfg(test)]
#[path = "from_history_tests.rs"]
mod tests;
