//! A long poll that waits in an engine.

use std::sync::Arc;

use tokio::sync::oneshot;
use workbeat::service::ActivityTask;
use workbeat_local::engine::{
    DecisionTask, Operation, PollForDecisionTask, activity_task_text, decision_task_text,
};

use super::mark::Mark;
use super::region::Ticket;
use super::shared::Shared;

/// What a poll brings.
#[derive(Debug)]
pub(crate) enum Brought {
    Nothing,
    Activity(Box<ActivityTask>),
    Decision(Box<DecisionTask>),
}

impl Brought {
    /// The JSON text for the wire, as the answer of the poll `operation`.
    pub(crate) fn text(&self, operation: &str) -> String {
        match self {
            Self::Activity(task) => activity_task_text(Some(task)),
            Self::Decision(task) => decision_task_text(Some(task)),
            Self::Nothing if operation == PollForDecisionTask::NAME => decision_task_text(None),
            Self::Nothing => activity_task_text(None),
        }
    }
}

/// A parked poll. Dropping it is what a client does that goes away.
#[derive(Debug)]
pub(crate) struct Parked {
    shared: Arc<Shared>,
    ticket: Ticket,
    /// `None` once it is answered or withdrawn.
    answer: Option<oneshot::Receiver<(Mark, Brought)>>,
}

impl Parked {
    pub(super) fn new(
        shared: Arc<Shared>,
        ticket: Ticket,
        answer: oneshot::Receiver<(Mark, Brought)>,
    ) -> Self {
        Self {
            shared,
            ticket,
            answer: Some(answer),
        }
    }

    /// Waits until it is answered, the server stops, or it is to end `sooner`.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the poll is abandoned. If it has a task already, that task is lost to its
    /// timeouts, as on the real service.
    pub(crate) async fn wait(mut self, sooner: impl Future<Output = ()>) -> (Mark, Brought) {
        let Some(answer) = &mut self.answer else {
            return (Mark::default(), Brought::Nothing);
        };
        let closing = self.shared.closing();
        let ended = async {
            tokio::select! {
                () = closing.cancelled() => {}
                () = sooner => {}
            }
        };
        let answered = tokio::select! {
            biased;
            answered = answer => answered.ok(),
            () = ended => {
                let parked = self.shared.withdraw(&self.ticket);
                // What the engine matched to it already is brought.
                let answered = self.answer.as_mut().and_then(|answer| answer.try_recv().ok());
                debug_assert!(!parked || answered.is_none());
                answered
            }
        };
        self.answer = None;
        // Nobody answers it any more after a reset.
        answered.unwrap_or_else(|| (Mark::default(), Brought::Nothing))
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        let Some(mut answer) = self.answer.take() else {
            return;
        };
        let parked = self.shared.abandon(&self.ticket);
        let brought = answer.try_recv();
        if !parked && brought.is_ok_and(|(_, brought)| !matches!(brought, Brought::Nothing)) {
            tracing::debug!("a poll whose client went away had a task, which nobody works on now");
        }
    }
}
