//! The start of an execution: by a caller, by its parent, or in the place of a closed run.

use std::collections::BTreeMap;
use std::sync::Arc;

use workbeat::service::WorkflowExecution;

use super::{Configuration, Execution, Parent};
use crate::engine::core::Engine;
use crate::engine::deadlines::Deadline;
use crate::engine::decision_task::Decisions;
use crate::engine::event::WorkflowExecutionStarted;
use crate::engine::ids::{DomainKey, WorkflowType};
use crate::engine::limits;
use crate::engine::payload::Payload;
use crate::engine::rows::Row;

/// What is to be started; its workflow id is free.
#[derive(Debug)]
pub(in crate::engine) struct Start {
    pub(in crate::engine) domain: DomainKey,
    pub(in crate::engine) workflow_id: Arc<str>,
    pub(in crate::engine) workflow_type: WorkflowType,
    pub(in crate::engine) configuration: Configuration,
    pub(in crate::engine) tag_list: Vec<Arc<str>>,
    pub(in crate::engine) input: Option<Payload>,
    pub(in crate::engine) parent: Option<Parent>,
    /// The run in whose place it goes on.
    pub(in crate::engine) continued_execution_run_id: Option<Arc<str>>,
}

impl Engine {
    /// A run id that was not given before.
    pub(in crate::engine) fn next_run_id(&mut self) -> Arc<str> {
        self.changes.mark(|| Row::Runs);
        self.seed.next_run_id()
    }

    /// Starts an execution under a run id that the engine has not given before.
    pub(in crate::engine) fn start_execution(&mut self, run_id: &Arc<str>, start: Start) {
        let Start {
            domain,
            workflow_id,
            workflow_type,
            configuration,
            tag_list,
            input,
            parent,
            continued_execution_run_id,
        } = start;
        let started = WorkflowExecutionStarted {
            input,
            execution_start_to_close_timeout: Some(configuration.execution_start_to_close),
            task_start_to_close_timeout: Some(configuration.task_start_to_close),
            child_policy: configuration.child_policy,
            task_list: configuration.task_list.clone(),
            task_priority: configuration.task_priority,
            workflow_type: workflow_type.clone(),
            tag_list: tag_list.clone(),
            continued_execution_run_id,
            parent_workflow_execution: parent.as_ref().map(|it| it.execution.clone()),
            parent_initiated_event_id: parent.as_ref().map_or(0, |it| it.initiated_event_id),
            lambda_role: configuration.lambda_role.clone(),
        };
        let execution = Execution {
            domain,
            id: WorkflowExecution::new(workflow_id.clone(), run_id.clone()),
            workflow_type,
            configuration,
            tag_list,
            parent,
            started_at: self.now,
            closed: None,
            cancel_requested: false,
            latest_context_event_id: None,
            latest_activity_task_at: None,
            decisions: Decisions::default(),
            activities: BTreeMap::new(),
            activity_ids: BTreeMap::new(),
            timers: BTreeMap::new(),
            timer_ids: BTreeMap::new(),
            children: BTreeMap::new(),
            history: Vec::new(),
        };
        self.visibility.place(&execution);
        self.executions.insert(run_id.clone(), execution);
        if let Some(domain) = self.domains.get_mut(domain) {
            domain.open.insert(workflow_id, run_id.clone());
        }
        self.record(run_id, started);
        self.set_execution_timeout(run_id);
    }

    /// Starts the clock of a whole execution.
    ///
    /// A timeout of `NONE` is a year, because nothing goes on for longer on SWF. Only lenient
    /// settings, by which it is what nobody said, take it at its word.
    pub(in crate::engine) fn set_execution_timeout(&mut self, run_id: &Arc<str>) {
        let Some(execution) = self.open(run_id) else {
            return;
        };
        let timeout = execution.configuration.execution_start_to_close;
        let longest = (!self.settings.takes_any_workflow()).then_some(limits::TIMEOUT);
        if let Some(duration) = timeout.duration().or(longest) {
            let at = execution.started_at + duration;
            let deadline = Deadline::ExecutionTimeout(run_id.clone());
            self.deadlines.set(deadline, at);
        }
    }
}
