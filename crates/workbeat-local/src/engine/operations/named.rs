//! What a request names by a token or by ids, and how late calls are told that it is closed.

use std::sync::Arc;

use workbeat::service::{TaskToken, WorkflowExecution};

use crate::engine::activity::ActivityState;
use crate::engine::core::Engine;
use crate::engine::decision_task::{DecisionTaskState, OpenDecisionTask};
use crate::engine::execution::Execution;
use crate::engine::fault::Fault;
use crate::engine::ids::ActivityKey;
use crate::engine::token;

impl Engine {
    /// The started activity that a worker's token names: the one home of its late calls.
    pub(super) fn started(&self, token: &TaskToken) -> Result<ActivityKey, Fault> {
        let named = token::read(&self.seed, token)?;
        self.open_of(&named)?;
        let key = named.activity();
        match self.activity(&key).map(|activity| &activity.state) {
            Some(ActivityState::Started { .. }) => Ok(key),
            _ => Err(Fault::unknown_activity(key.scheduled_event_id)),
        }
    }

    /// The run whose started decision task a decider's token names: the one home of its late
    /// calls.
    pub(super) fn deciding(&self, token: &TaskToken) -> Result<Arc<str>, Fault> {
        let named = token::read_decision(&self.seed, token)?;
        let execution = self.open_of(&named)?;
        let scheduled_event_id = named.scheduled_event_id;
        let task = execution.decisions.task.as_ref();
        let is_named = |task: &&OpenDecisionTask| task.scheduled_event_id == scheduled_event_id;
        match task.filter(is_named).map(|task| task.state) {
            Some(DecisionTaskState::Started { .. }) => Ok(named.run_id),
            _ => Err(Fault::unknown_decision(scheduled_event_id)),
        }
    }

    /// The open execution of the task that a token names.
    fn open_of(&self, named: &token::Named) -> Result<&Execution, Fault> {
        let found = self.executions.get(&named.run_id);
        match found.filter(|found| found.domain == named.domain) {
            Some(execution) if execution.is_open() => Ok(execution),
            Some(execution) => Err(Fault::unknown_execution(&execution.id)),
            None => {
                let unknown = WorkflowExecution::new("", named.run_id.clone());
                Err(Fault::unknown_execution(&unknown))
            }
        }
    }

    /// The run that a workflow id, and perhaps a run id, names, if it is open.
    pub(super) fn open_execution(
        &self,
        domain: &str,
        workflow_id: &str,
        run_id: Option<&str>,
    ) -> Result<Arc<str>, Fault> {
        self.domains.key(domain)?;
        let open = self.open_run(domain, workflow_id);
        match run_id.filter(|run_id| !run_id.is_empty()) {
            None => open.ok_or_else(|| Fault::unknown_workflow(workflow_id)),
            Some(run_id) => open.filter(|open| **open == *run_id).ok_or_else(|| {
                Fault::unknown_execution(&WorkflowExecution::new(workflow_id, run_id))
            }),
        }
    }
}
