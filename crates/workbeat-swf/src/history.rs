//! Reads a workflow's history, from its end to its beginning.

use std::ops::ControlFlow;
use std::time::Duration;

use aws_sdk_swf::Client;
use aws_sdk_swf::operation::get_workflow_execution_history::GetWorkflowExecutionHistoryOutput;
use aws_sdk_swf::types::{self, HistoryEvent};
use tracing::debug;
use workbeat::service::{ActivityTask, ServiceError, ServiceErrorKind};

use crate::operation::Operation;
use crate::service::{Inner, incomplete};

/// How many pages in a row may bring nothing earlier. Amazon SWF's own go on to the first event;
/// something else at the endpoint could go on for ever.
const BARREN: u32 = 3;

/// How long to wait before a page is asked for again: the first time, and at most.
const WAITS: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

/// How a history is read.
pub(crate) struct Pages<'a> {
    /// What the calls go through.
    pub(crate) client: &'a Client,
    /// What the history is read for; its name is in an error.
    pub(crate) operation: Operation,
    /// How many events are asked for at once.
    pub(crate) size: i32,
    /// How many pages are read at most.
    pub(crate) most: usize,
    /// Whether a page behind the first is asked for until it comes. Who begins anew instead has all
    /// pages before it to read again, and where many do that under a throttle, none comes to an end.
    pub(crate) patient: bool,
}

/// What came of looking through a history.
pub(crate) enum Looked<T> {
    Found(T),
    /// It was not found, and there are no more events.
    NotThere,
    /// It was not found, and the history goes on.
    GaveUp,
}

impl Inner {
    /// Shows the events of a task's run to `look`, page by page and the newest first, until it
    /// breaks.
    pub(crate) async fn look_back<T>(
        &self,
        task: &ActivityTask,
        pages: Pages<'_>,
        mut look: impl FnMut(&[HistoryEvent]) -> ControlFlow<T> + Send,
    ) -> Result<Looked<T>, ServiceError> {
        let execution = types::WorkflowExecution::builder()
            .workflow_id(&*task.workflow.workflow_id)
            .run_id(&*task.workflow.run_id)
            .build()
            .map_err(incomplete)?;
        let mut way = Way::default();
        let mut next_page = None;
        for _ in 0..pages.most {
            let page = self.page(&execution, &pages, next_page).await?;
            if let ControlFlow::Break(found) = look(&page.events) {
                return Ok(Looked::Found(found));
            }
            next_page = page.next_page_token.filter(|token| !token.is_empty());
            let leads_on = way.leads_on(&page.events);
            if next_page.is_none() || way.is_at_the_beginning() {
                return Ok(Looked::NotThere);
            }
            if !leads_on {
                break;
            }
        }
        Ok(Looked::GaveUp)
    }

    /// The page behind this token, or the first.
    async fn page(
        &self,
        execution: &types::WorkflowExecution,
        pages: &Pages<'_>,
        token: Option<String>,
    ) -> Result<GetWorkflowExecutionHistoryOutput, ServiceError> {
        let patient = pages.patient && token.is_some();
        let call = pages
            .client
            .get_workflow_execution_history()
            .domain(&self.domain)
            .execution(execution.clone())
            .reverse_order(true)
            .maximum_page_size(pages.size)
            .set_next_page_token(token);
        let [mut wait, longest] = WAITS;
        loop {
            let page = call.clone().send().await;
            let error = match page {
                Ok(page) => return Ok(page),
                Err(error) => self.error(pages.operation, None, &error),
            };
            let passes = matches!(
                error.kind(),
                ServiceErrorKind::Throttled | ServiceErrorKind::Unavailable
            );
            if !patient || !passes {
                return Err(error);
            }
            debug!(
                kind = error.kind().as_str(),
                ?wait,
                "a page of the history is asked for again"
            );
            tokio::time::sleep(wait).await;
            wait = wait.saturating_mul(2).min(longest);
        }
    }
}

/// How far back the pages have come.
#[derive(Debug)]
struct Way {
    /// The earliest event seen.
    earliest: i64,
    /// How many pages came since that brought nothing earlier.
    barren: u32,
}

impl Default for Way {
    fn default() -> Self {
        Self {
            earliest: i64::MAX,
            barren: 0,
        }
    }
}

impl Way {
    /// Takes note of a page, and says whether another can bring anything.
    fn leads_on(&mut self, events: &[HistoryEvent]) -> bool {
        let first = events.iter().map(|event| event.event_id).min();
        match first {
            Some(first) if first < self.earliest => {
                self.earliest = first;
                self.barren = 0;
            }
            _ => self.barren = self.barren.saturating_add(1),
        }
        !self.is_at_the_beginning() && self.barren < BARREN
    }

    fn is_at_the_beginning(&self) -> bool {
        self.earliest <= 1
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_swf::primitives::DateTime;
    use aws_sdk_swf::types::EventType;

    use super::*;

    fn event(id: i64) -> HistoryEvent {
        HistoryEvent::builder()
            .event_id(id)
            .event_timestamp(DateTime::from_secs(0))
            .event_type(EventType::MarkerRecorded)
            .build()
            .unwrap()
    }

    #[test]
    fn pages_that_get_no_earlier_are_given_up() {
        let mut way = Way::default();
        assert!(way.leads_on(&[event(11)]));
        for _ in 1..BARREN {
            assert!(way.leads_on(&[]), "an empty page may come once in a while");
        }
        assert!(!way.leads_on(&[event(11)]));
    }

    #[test]
    fn a_page_that_is_earlier_begins_the_count_anew() {
        let mut way = Way::default();
        for id in [11, 11, 11, 9, 9, 9] {
            assert!(way.leads_on(&[event(id)]));
        }
        assert!(!way.leads_on(&[event(9)]));
    }

    #[test]
    fn there_is_nothing_before_the_first_event() {
        assert!(!Way::default().leads_on(&[event(2), event(1)]));
    }
}
