//! The timeouts in a workflow's history, found from its end.

use std::time::Duration;

use aws_sdk_swf::primitives::DateTime;
use aws_sdk_swf::types::{self, HistoryEvent};
use tracing::debug;
use workbeat::service::{ActivityTask, ServiceError, TaskTimeouts, Timeout};

use super::from_type::shortest;
use crate::operation::Operation;
use crate::seconds;
use crate::service::{Inner, incomplete};

/// How many events are asked for at once. A task that just began is near the end of its
/// history, and events can be large.
const PAGE: i32 = 200;

/// How many pages in a row may bring nothing earlier. Amazon SWF's own go on to the first event;
/// something else at the endpoint could go on for ever.
const BARREN: u32 = 3;

impl Inner {
    pub(crate) async fn timeouts_from_history(
        &self,
        task: &ActivityTask,
    ) -> Result<TaskTimeouts, ServiceError> {
        let execution = types::WorkflowExecution::builder()
            .workflow_id(&*task.workflow.workflow_id)
            .run_id(&*task.workflow.run_id)
            .build()
            .map_err(incomplete)?;
        let mut search = Search::new(task.started_event_id);
        let mut next_page = None;
        loop {
            let call = self
                .heartbeat_client
                .get_workflow_execution_history()
                .domain(&self.domain)
                .execution(execution.clone())
                .reverse_order(true)
                .maximum_page_size(PAGE)
                .set_next_page_token(next_page);
            let page = call.send().await;
            let page = page.map_err(|error| self.error(Operation::History, None, &error))?;
            if let Some(timeouts) = search.look(&page.events) {
                return Ok(timeouts);
            }
            next_page = page.next_page_token.filter(|token| !token.is_empty());
            if next_page.is_none() || search.is_over() {
                debug!(
                    started_event_id = task.started_event_id,
                    "the history does not hold the task's events"
                );
                return Ok(TaskTimeouts::default());
            }
        }
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
    /// How many pages came since that brought nothing earlier.
    barren: u32,
}

impl Search {
    fn new(started_event_id: i64) -> Self {
        Self {
            started_event_id,
            started: None,
            earliest: i64::MAX,
            barren: 0,
        }
    }

    /// Looks through the next page, and says what it found.
    fn look(&mut self, events: &[HistoryEvent]) -> Option<TaskTimeouts> {
        let first = events.iter().map(|event| event.event_id).min();
        if first.is_some_and(|first| first < self.earliest) {
            self.barren = 0;
        } else {
            self.barren = self.barren.saturating_add(1);
        }
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
        self.earliest <= wanted.max(1) || self.barren >= BARREN
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
