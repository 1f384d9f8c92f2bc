//! What to start: an activity, its input and its timeouts.

use std::sync::Arc;

use serde::Serialize;
use workbeat::Activity;
use workbeat::service::{ActivityType, Timeout, WorkflowExecution};

use super::error::{LocalError, LocalErrorKind};
use super::handle::ActivityHandle;
use super::shared::{Shared, State};
use crate::engine::{
    ActivityKey, Decide, DecisionFailure, DecisionOutcome, EventId, Payload, ScheduleActivityTask,
    StartWorkflowExecution, TerminateWorkflowExecution, Timestamp, WorkflowType,
};

/// An activity to start, in a workflow execution around it.
///
/// What is left out is filled in from the defaults that the worker registered for the
/// activity type. Where there are none, a timeout is `NONE`, the task list is `default` and
/// the priority is 0 (unless the service was built with
/// [`auto_register(false)`](super::LocalServiceBuilder::auto_register)).
///
/// ```
/// use std::time::Duration;
/// use workbeat_local::{LocalService, StartActivity};
///
/// let service = LocalService::new();
/// let activity = service.start(
///     StartActivity::new("pack", "1.0")
///         .input(&"photos")?
///         .task_list("files")
///         .heartbeat_timeout(Duration::from_secs(30)),
/// )?;
/// assert_eq!(activity.history()[4].event_type(), "ActivityTaskScheduled");
/// # Ok::<(), workbeat_local::LocalError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "it is started by `LocalService::start`"]
pub struct StartActivity {
    activity: ScheduleActivityTask,
    activity_id: Option<String>,
    workflow_id: Option<String>,
}

impl StartActivity {
    /// The activity `name` in `version`, without input.
    pub fn new(name: impl Into<Arc<str>>, version: impl Into<Arc<str>>) -> Self {
        let activity_type = ActivityType::new(name, version);
        let activity = ScheduleActivityTask::new(activity_type, "");
        Self {
            activity,
            activity_id: None,
            workflow_id: None,
        }
    }

    /// This activity, with this input and the timeouts, the task list and the priority that it
    /// declares itself. An activity without input is started with
    /// [`NoInput`](workbeat::NoInput).
    ///
    /// Unlike [`new`](Self::new) it does not depend on whether a worker has registered the type
    /// yet.
    ///
    /// ```
    /// use workbeat::prelude::*;
    /// use workbeat_local::{LocalService, StartActivity};
    ///
    /// let length = workbeat::activity_fn("length", "1.0", async |text: String| {
    ///     Ok::<_, ActivityError>(text.len())
    /// });
    /// let service = LocalService::new();
    /// service.start(StartActivity::of(&length, &"photos".to_owned())?)?;
    /// # Ok::<(), workbeat_local::LocalError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Json`](super::LocalErrorKind::Json) if the input cannot be serialized.
    pub fn of<A>(activity: &A, input: &A::Input) -> Result<Self, LocalError>
    where
        A: Activity<Input: Serialize>,
    {
        let mut start = Self::new(activity.name(), activity.version()).input(input)?;
        let options = activity.options();
        let scheduled = &mut start.activity;
        scheduled.heartbeat_timeout = options.heartbeat_timeout;
        scheduled.start_to_close_timeout = options.start_to_close_timeout;
        scheduled.schedule_to_start_timeout = options.schedule_to_start_timeout;
        scheduled.schedule_to_close_timeout = options.schedule_to_close_timeout;
        scheduled.task_list = options.task_list;
        scheduled.task_priority = options.priority;
        Ok(start)
    }

    /// With this input, as JSON.
    ///
    /// # Errors
    ///
    /// [`Json`](super::LocalErrorKind::Json) if it cannot be serialized.
    pub fn input<T: Serialize + ?Sized>(self, input: &T) -> Result<Self, LocalError> {
        let json = serde_json::to_string(input);
        let json = json.map_err(|error| LocalError::json("the input", error))?;
        Ok(self.raw_input(json))
    }

    /// With this text as the input, as it is.
    pub fn raw_input(mut self, input: impl Into<Payload>) -> Self {
        self.activity.input = Some(input.into());
        self
    }

    /// In this task list.
    pub fn task_list(mut self, task_list: impl Into<String>) -> Self {
        self.activity.task_list = Some(task_list.into());
        self
    }

    /// With this priority: a higher one is handed out first.
    pub fn priority(mut self, priority: i32) -> Self {
        self.activity.task_priority = Some(priority);
        self
    }

    /// It may wait this long for a worker.
    pub fn schedule_to_start_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.activity.schedule_to_start_timeout = Some(timeout.into());
        self
    }

    /// It may take this long altogether.
    pub fn schedule_to_close_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.activity.schedule_to_close_timeout = Some(timeout.into());
        self
    }

    /// It may run this long.
    pub fn start_to_close_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.activity.start_to_close_timeout = Some(timeout.into());
        self
    }

    /// Its worker may be silent this long.
    pub fn heartbeat_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.activity.heartbeat_timeout = Some(timeout.into());
        self
    }

    /// With this activity id; it must be unique among the open activities of the workflow.
    /// By default the service makes one up.
    pub fn activity_id(mut self, activity_id: impl Into<String>) -> Self {
        self.activity_id = Some(activity_id.into());
        self
    }

    /// In the workflow of this id: the open one, or a new one if none is open.
    ///
    /// By default each activity gets a workflow execution of its own.
    pub fn workflow_id(mut self, workflow_id: impl Into<String>) -> Self {
        self.workflow_id = Some(workflow_id.into());
        self
    }

    /// Starts it, in one step: nobody sees the workflow without the activity.
    pub(super) fn start(self, shared: &Arc<Shared>) -> Result<ActivityHandle, LocalError> {
        let handle = shared.with(|state, now| {
            let scheduled = self.schedule(&shared.domain, state, now)?;
            let outcome = state.watch(scheduled.key.clone(), now);
            Ok::<_, LocalError>(ActivityHandle::new(shared.clone(), scheduled, outcome))
        })?;
        tracing::debug!(
            workflow_id = %handle.workflow().workflow_id,
            run_id = %handle.workflow().run_id,
            activity_id = %handle.activity_id(),
            task_list = handle.task_list().as_deref(),
            "activity scheduled"
        );
        Ok(handle)
    }

    fn schedule(
        self,
        domain: &str,
        state: &mut State,
        now: Timestamp,
    ) -> Result<Scheduled, LocalError> {
        let mut activity = self.activity;
        activity.activity_id = self
            .activity_id
            .unwrap_or_else(|| state.next_name("activity"));
        let activity_id: Arc<str> = activity.activity_id.as_str().into();
        let workflow_id = self
            .workflow_id
            .unwrap_or_else(|| state.free_workflow_id(domain));

        let open = state.engine.open_run(domain, &workflow_id);
        let is_new = open.is_none();
        let run_id = match open {
            Some(run_id) => run_id,
            None => start_workflow(state, domain, &workflow_id, now)?,
        };
        let workflow = WorkflowExecution::new(workflow_id, run_id);
        match schedule_in(state, domain, &workflow, activity, now) {
            Ok(scheduled_event_id) => {
                let key = ActivityKey::new(workflow.run_id.clone(), scheduled_event_id);
                Ok(Scheduled {
                    workflow,
                    activity_id,
                    key,
                })
            }
            Err(error) => {
                // Nobody has a handle to a workflow that was started for this activity alone.
                if is_new {
                    let terminate = TerminateWorkflowExecution {
                        domain: domain.to_owned(),
                        workflow_id: workflow.workflow_id.to_string(),
                        reason: Some("its activity was not scheduled".to_owned()),
                        ..TerminateWorkflowExecution::default()
                    };
                    state.engine.apply(terminate, now)?;
                }
                Err(error.in_workflow(workflow))
            }
        }
    }
}

/// An activity that was started, and where.
#[derive(Debug)]
pub(super) struct Scheduled {
    pub(super) workflow: WorkflowExecution,
    pub(super) activity_id: Arc<str>,
    pub(super) key: ActivityKey,
}

/// Starts the workflow around an activity. Its decider is the built-in one.
fn start_workflow(
    state: &mut State,
    domain: &str,
    workflow_id: &str,
    now: Timestamp,
) -> Result<Arc<str>, LocalError> {
    let start = StartWorkflowExecution {
        domain: domain.to_owned(),
        workflow_id: workflow_id.to_owned(),
        workflow_type: WorkflowType::new("workbeat-local", "1.0"),
        ..StartWorkflowExecution::default()
    };
    Ok(state.engine.apply(start, now)?.run_id)
}

/// Decides to schedule the activity; its `ActivityTaskScheduled` event.
fn schedule_in(
    state: &mut State,
    domain: &str,
    workflow: &WorkflowExecution,
    activity: ScheduleActivityTask,
    now: Timestamp,
) -> Result<EventId, LocalError> {
    let decide = Decide {
        domain: domain.to_owned(),
        workflow_id: workflow.workflow_id.to_string(),
        run_id: Some(workflow.run_id.to_string()),
        decisions: vec![activity.into()],
    };
    let decided = state.engine.apply(decide, now)?;
    match decided.outcomes.first() {
        Some(DecisionOutcome {
            failure: None,
            event_id,
            ..
        }) => Ok(*event_id),
        Some(DecisionOutcome {
            failure: Some(DecisionFailure::ScheduleActivityTask(cause)),
            ..
        }) => Err(LocalError::not_scheduled(*cause)),
        _ => Err(LocalError::new(
            LocalErrorKind::Invalid,
            "the activity was not scheduled",
        )),
    }
}
