//! Takes decision tasks from the service, and answers them with what `decide` says.

use std::time::Duration;

use workbeat::service::WorkflowExecution;
use workbeat_local::engine::{
    CountPendingDecisionTasks, DecisionTask, PollForDecisionTask, PolledForDecision,
    RespondDecisionTaskCompleted, StartWorkflowExecution, WorkflowType,
};
use workbeat_local::{LocalError, LocalService};

use crate::decide::decide;
use crate::screen;
use crate::shop::Order;

/// The task list of the decisions.
const DECISIONS: &str = "decisions";

pub(crate) struct Decider {
    service: LocalService,
}

impl Decider {
    pub(crate) fn new(service: LocalService) -> Self {
        Self { service }
    }

    /// Starts the workflow of an order, and decides for it until it is closed.
    pub(crate) async fn carry_out(&self, order: &Order) -> Result<(), Box<dyn std::error::Error>> {
        let workflow_id = format!("order-{}", order.number);
        let started = self.service.apply(StartWorkflowExecution {
            domain: self.service.domain().to_owned(),
            workflow_id: workflow_id.clone(),
            workflow_type: WorkflowType::new("order", "1.0"),
            task_list: Some(DECISIONS.to_owned()),
            input: Some(serde_json::to_string(order)?.into()),
            ..StartWorkflowExecution::default()
        })?;
        let workflow = WorkflowExecution::new(workflow_id, started.run_id);
        while !self.is_closed(&workflow) {
            match self.poll()? {
                Some(task) => self.answer(*task)?,
                // The embedded service has no long poll for deciders. On Amazon SWF, and on the
                // local server, the poll itself would wait.
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
        Ok(())
    }

    fn poll(&self) -> Result<Option<Box<DecisionTask>>, LocalError> {
        let domain = || self.service.domain().to_owned();
        let count = CountPendingDecisionTasks {
            domain: domain(),
            task_list: DECISIONS.to_owned(),
        };
        if self.service.apply(count)?.count == 0 {
            return Ok(None); // a poll now would take a task later, for nobody
        }
        let poll = PollForDecisionTask {
            domain: domain(),
            task_list: DECISIONS.to_owned(),
            ..PollForDecisionTask::default()
        };
        match self.service.apply(poll)? {
            PolledForDecision::Task(task) => Ok(Some(task)),
            _ => Ok(None),
        }
    }

    fn answer(&self, task: DecisionTask) -> Result<(), LocalError> {
        // A history has up to 1,000 events in this first page; a longer one comes in several.
        let decisions = decide(&task.events);
        screen::decided(&task, &decisions);
        self.service.apply(RespondDecisionTaskCompleted {
            task_token: task.token,
            decisions: Some(decisions),
            ..RespondDecisionTaskCompleted::default()
        })?;
        Ok(())
    }

    fn is_closed(&self, workflow: &WorkflowExecution) -> bool {
        let history = self.service.history(workflow);
        history.last().is_some_and(|event| {
            matches!(
                event.event_type(),
                "WorkflowExecutionCompleted" | "WorkflowExecutionFailed"
            )
        })
    }
}
