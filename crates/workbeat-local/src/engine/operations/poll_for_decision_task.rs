//! `PollForDecisionTask`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::call::{Answered, OnWire};
use crate::engine::core::Engine;
use crate::engine::decision_task::{DecisionPoll, DecisionTask};
use crate::engine::execution::HistoryPage;
use crate::engine::fault::Fault;
use crate::engine::ids::PollId;
use crate::engine::wire::decision_task_text;
use crate::engine::{limits, wire};

/// Asks for a decision task, and waits for one for as long as the service holds a poll.
///
/// A task brings the history of its run, up to its own `DecisionTaskStarted` event, in pages:
/// a poll with [`next_page_token`](Self::next_page_token) brings the next page of the task
/// that was taken, and takes no other. A page that is asked for after the task was closed is a
/// `ValidationException`.
///
/// ```
/// # use workbeat_local::engine::*;
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::new(Settings::default().lenient_types(true));
/// # let domain = || "tests".to_owned();
/// # engine.apply(RegisterDomain { name: domain(), ..Default::default() }, now)?;
/// # let start = StartWorkflowExecution {
/// #     domain: domain(),
/// #     workflow_id: "order-1".into(),
/// #     workflow_type: WorkflowType::new("order", "1.0"),
/// #     ..Default::default()
/// # };
/// # let run = engine.apply(start, now)?;
/// let poll = PollForDecisionTask {
///     domain: domain(),
///     task_list: "default".into(),
///     ..Default::default()
/// };
/// let PolledForDecision::Task(task) = engine.apply(poll, now)? else { panic!("no task") };
/// let respond = RespondDecisionTaskCompleted {
///     task_token: task.token,
///     decisions: Some(vec![CompleteWorkflowExecution::default().into()]),
///     ..Default::default()
/// };
/// engine.apply(respond, now)?;
/// assert_eq!(engine.open_run("tests", "order-1"), None);
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PollForDecisionTask {
    /// The domain.
    pub domain: String,
    /// The task list to poll. It need not exist.
    #[serde(with = "wire::task_list")]
    pub task_list: String,
    /// Who polls; it is written into the history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// What the last page said of the next one; if none, a task is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
    /// How many events a page has at most: up to 1,000, and as many if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_page_size: Option<u32>,
    /// Whether the newest event comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_order: Option<bool>,
    /// Whether the events begin where the last completed decision task started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_at_previous_started_event: Option<bool>,
}

/// What a poll for a decision task brings at once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PolledForDecision {
    /// A task, which has started.
    Task(Box<DecisionTask>),
    /// There is none yet. A
    /// [`Notice::DecisionPollAnswered`](crate::engine::Notice::DecisionPollAnswered) will bring
    /// a task, or nothing once the poll was held long enough.
    Parked(PollId),
}

impl OnWire for PolledForDecision {
    fn on_wire(self) -> Answered {
        match self {
            Self::Task(task) => Answered::Done(decision_task_text(Some(&task))),
            Self::Parked(poll) => Answered::Parked(poll),
        }
    }
}

impl Operation for PollForDecisionTask {
    const NAME: &'static str = "PollForDecisionTask";

    type Answer = PolledForDecision;

    fn apply_to(self, engine: &mut Engine) -> Result<PolledForDecision, Fault> {
        let domain = engine.domains.key(&self.domain)?;
        let poll = DecisionPoll {
            identity: self.identity.map(Into::into),
            page: HistoryPage::of(self.maximum_page_size, self.reverse_order),
            start_at_previous: self.start_at_previous_started_event.unwrap_or(false),
        };
        if let Some(token) = self.next_page_token.filter(|token| !token.is_empty()) {
            let task = engine.next_decision_page(domain, &poll, &token)?;
            return Ok(PolledForDecision::Task(Box::new(task)));
        }
        let list = (domain, self.task_list.into());
        while let Some(run_id) = engine.decision_lists.pop(&list) {
            if let Some(task) = engine.take_decision_task(&run_id, &poll) {
                return Ok(PolledForDecision::Task(Box::new(task)));
            }
        }
        if engine.decision_lists.parked(&list) >= limits::POLLERS {
            return Err(Fault::too_many_pollers());
        }
        let id = engine.hold_poll();
        engine.decision_lists.park(id, list, poll);
        Ok(PolledForDecision::Parked(id))
    }
}
