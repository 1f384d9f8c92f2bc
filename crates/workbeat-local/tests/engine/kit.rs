//! An engine with a domain and a type in it, and a hand on its clock.

use std::sync::Arc;
use std::time::Duration;

use workbeat::service::{ActivityTask, ActivityType, TaskToken, Timeout, WorkflowExecution};
use workbeat_local::engine::{
    Answered, ChildPolicy, Decide, Decided, Decision, DecisionTask, Engine, Fault,
    GetWorkflowExecutionHistory, HistoryEvent, Notice, Operation, PollForActivityTask,
    PollForDecisionTask, PollId, Polled, PolledForDecision, RecordActivityTaskHeartbeat,
    RegisterActivityType, RegisterDomain, RegisterWorkflowType, RequestCancelActivityTask,
    RespondActivityTaskCompleted, RespondDecisionTaskCompleted, ScheduleActivityTask, Settings,
    SignalWorkflowExecution, StartWorkflowExecution, Timestamp, WorkflowType,
};

pub(crate) const DOMAIN: &str = "tests";
pub(crate) const LIST: &str = "files";
pub(crate) const DECIDERS: &str = "deciders";
/// How long an execution may take at most.
pub(crate) const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// An engine, and what time it is.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) now: Timestamp,
}

impl World {
    /// The domain `tests` with the type `pack` 1.0: task list `files`, no timeouts.
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let now = Timestamp::from_millis(1_000_000);
        let mut world = Self {
            engine: Engine::new(settings.keep_closed(true)),
            now,
        };
        world.ok(RegisterDomain {
            name: DOMAIN.into(),
            ..Default::default()
        });
        world.ok(RegisterActivityType {
            domain: DOMAIN.into(),
            name: "pack".into(),
            version: "1.0".into(),
            default_task_start_to_close_timeout: Some(Timeout::None),
            default_task_heartbeat_timeout: Some(Timeout::None),
            default_task_list: Some(LIST.into()),
            default_task_schedule_to_start_timeout: Some(Timeout::None),
            default_task_schedule_to_close_timeout: Some(Timeout::None),
            ..Default::default()
        });
        world.ok(RegisterWorkflowType {
            domain: DOMAIN.into(),
            name: "flow".into(),
            version: "1.0".into(),
            default_task_list: Some(DECIDERS.into()),
            default_task_start_to_close_timeout: Some(Timeout::None),
            default_execution_start_to_close_timeout: Some(YEAR.into()),
            default_child_policy: Some(ChildPolicy::Terminate),
            ..Default::default()
        });
        world
    }

    pub(crate) fn apply<O: Operation>(&mut self, operation: O) -> Result<O::Answer, Fault> {
        self.engine.apply(operation, self.now)
    }

    pub(crate) fn ok<O: Operation>(&mut self, operation: O) -> O::Answer {
        self.apply(operation).expect("the operation is accepted")
    }

    pub(crate) fn err<O: Operation<Answer: std::fmt::Debug>>(&mut self, operation: O) -> Fault {
        self.apply(operation).expect_err("the operation is refused")
    }

    /// Calls an operation by its name.
    pub(crate) fn call(&mut self, (name, input): &OnWire) -> Result<Answered, Fault> {
        self.engine.call(name, input, self.now)
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
        self.engine.advance(self.now);
    }

    /// An open execution without activities.
    pub(crate) fn workflow(&mut self, workflow_id: &str) -> WorkflowExecution {
        let run = self.ok(StartWorkflowExecution {
            domain: DOMAIN.into(),
            workflow_id: workflow_id.into(),
            workflow_type: flow(),
            ..Default::default()
        });
        WorkflowExecution::new(workflow_id, run.run_id)
    }

    pub(crate) fn decide(&mut self, workflow_id: &str, decisions: Vec<Decision>) -> Decided {
        self.ok(decide(workflow_id, decisions))
    }

    /// Starts an execution as `change` wants it.
    pub(crate) fn started(
        &mut self,
        workflow_id: &str,
        change: impl FnOnce(&mut StartWorkflowExecution),
    ) -> WorkflowExecution {
        let mut start = start(workflow_id);
        change(&mut start);
        let run = self.ok(start);
        WorkflowExecution::new(workflow_id, run.run_id)
    }

    /// Polls where a decision task waits.
    pub(crate) fn decider(&mut self) -> DecisionTask {
        match self.ok(poll_for_decision(DECIDERS)) {
            PolledForDecision::Task(task) => *task,
            other => panic!("no decision task: {other:?}"),
        }
    }

    /// Polls where no decision task waits.
    pub(crate) fn park_decider(&mut self) -> PollId {
        match self.ok(poll_for_decision(DECIDERS)) {
            PolledForDecision::Parked(poll) => poll,
            other => panic!("a decision task: {other:?}"),
        }
    }

    /// Completes a decision task.
    pub(crate) fn answer(&mut self, task: &DecisionTask, decisions: Vec<Decision>) {
        self.ok(answer(task, decisions));
    }

    /// Takes the decision task that waits, and completes it.
    pub(crate) fn decided(&mut self, decisions: Vec<Decision>) -> DecisionTask {
        let task = self.decider();
        self.answer(&task, decisions);
        task
    }

    pub(crate) fn signal(&mut self, workflow_id: &str) {
        self.ok(SignalWorkflowExecution {
            domain: DOMAIN.into(),
            workflow_id: workflow_id.into(),
            signal_name: "go".into(),
            ..Default::default()
        });
    }

    /// An execution of one activity.
    pub(crate) fn start(&mut self, activity: ScheduleActivityTask) -> WorkflowExecution {
        let workflow = self.workflow("flow");
        let decided = self.decide("flow", vec![activity.into()]);
        assert_eq!(decided.outcomes[0].failure, None);
        workflow
    }

    pub(crate) fn request_cancel(&mut self, activity_id: &str) -> Decided {
        let activity_id = activity_id.to_owned();
        self.decide(
            "flow",
            vec![RequestCancelActivityTask { activity_id }.into()],
        )
    }

    pub(crate) fn poll(&mut self) -> Polled {
        self.ok(poll_of(LIST))
    }

    /// Polls where a task waits.
    pub(crate) fn take(&mut self) -> ActivityTask {
        match self.poll() {
            Polled::Task(task) => *task,
            other => panic!("no task: {other:?}"),
        }
    }

    /// Polls where no task waits.
    pub(crate) fn park(&mut self) -> PollId {
        match self.poll() {
            Polled::Parked(poll) => poll,
            other => panic!("a task: {other:?}"),
        }
    }

    pub(crate) fn beat(&mut self, token: &TaskToken, details: Option<&str>) -> Result<bool, Fault> {
        let (task_token, details) = (token.clone(), details.map(Into::into));
        let status = self.apply(RecordActivityTaskHeartbeat {
            task_token,
            details,
        })?;
        Ok(status.cancel_requested)
    }

    pub(crate) fn complete(&mut self, token: &TaskToken) -> Result<(), Fault> {
        self.apply(RespondActivityTaskCompleted {
            task_token: token.clone(),
            result: None,
        })
    }

    pub(crate) fn history(&mut self, workflow: &WorkflowExecution) -> Vec<HistoryEvent> {
        let mut get = GetWorkflowExecutionHistory::new(DOMAIN, workflow.clone());
        let mut events = Vec::new();
        loop {
            let page = self.ok(get.clone());
            events.extend(page.events);
            get.next_page_token = page.next_page_token;
            if get.next_page_token.is_none() {
                return events;
            }
        }
    }

    pub(crate) fn names(&mut self, workflow: &WorkflowExecution) -> Vec<&'static str> {
        self.history(workflow)
            .iter()
            .map(HistoryEvent::event_type)
            .collect()
    }

    /// The last event, besides the decision task that it asks for.
    pub(crate) fn last(&mut self, workflow: &WorkflowExecution) -> HistoryEvent {
        let history = self.history(workflow);
        let scheduled = |event: &HistoryEvent| event.event_type() == "DecisionTaskScheduled";
        let last = history.into_iter().rfind(|event| !scheduled(event));
        last.expect("a history is not empty")
    }

    /// The next deadline, besides the one that ends an execution after a year.
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        let soon = self.now + YEAR / 2;
        self.engine.next_deadline().filter(|&at| at < soon)
    }

    /// The answers of polls that have come since the last call.
    pub(crate) fn answers(&mut self) -> Vec<(PollId, Option<Arc<str>>)> {
        let answer = |notice| match notice {
            Notice::PollAnswered { poll, task } => Some((poll, task.map(|task| task.activity_id))),
            _ => None,
        };
        self.engine
            .take_notices()
            .into_iter()
            .filter_map(answer)
            .collect()
    }
}

/// An operation as a wire brings it: its name and its JSON.
pub(crate) type OnWire = (&'static str, serde_json::Value);

/// The operation as a wire would bring it.
pub(crate) fn on_wire<O: Operation>(operation: O) -> OnWire {
    let input = serde_json::to_value(operation).expect("an operation is JSON");
    (O::NAME, input)
}

/// The start of an execution with the defaults of its type.
pub(crate) fn start(workflow_id: &str) -> StartWorkflowExecution {
    StartWorkflowExecution {
        domain: DOMAIN.into(),
        workflow_id: workflow_id.into(),
        workflow_type: flow(),
        ..Default::default()
    }
}

pub(crate) fn poll_for_decision(task_list: &str) -> PollForDecisionTask {
    PollForDecisionTask {
        domain: DOMAIN.into(),
        task_list: task_list.into(),
        identity: Some("decider".into()),
        ..Default::default()
    }
}

pub(crate) fn answer(
    task: &DecisionTask,
    decisions: Vec<Decision>,
) -> RespondDecisionTaskCompleted {
    RespondDecisionTaskCompleted {
        task_token: task.token.clone(),
        decisions: Some(decisions),
        ..Default::default()
    }
}

/// The workflow type `flow` 1.0.
pub(crate) fn flow() -> WorkflowType {
    WorkflowType::new("flow", "1.0")
}

/// The type `pack` 1.0.
pub(crate) fn pack() -> ActivityType {
    ActivityType::new("pack", "1.0")
}

/// The activity `pack` 1.0 with the defaults of its type.
pub(crate) fn activity(activity_id: &str) -> ScheduleActivityTask {
    ScheduleActivityTask::new(pack(), activity_id)
}

pub(crate) fn decide(workflow_id: &str, decisions: Vec<Decision>) -> Decide {
    Decide {
        domain: DOMAIN.into(),
        workflow_id: workflow_id.into(),
        run_id: None,
        decisions,
    }
}

pub(crate) fn poll_of(task_list: &str) -> PollForActivityTask {
    let identity = Some("tester".to_owned());
    PollForActivityTask {
        domain: DOMAIN.into(),
        task_list: task_list.into(),
        identity,
    }
}

pub(crate) fn millis(millis: u64) -> Option<Timeout> {
    Some(Duration::from_millis(millis).into())
}

/// The attributes of an event that must be of this kind.
macro_rules! attributes {
    ($event:expr, $name:ident) => {
        match $event.attributes {
            workbeat_local::engine::EventAttributes::$name(attributes) => attributes,
            other => panic!("{} instead of {}", other.event_type(), stringify!($name)),
        }
    };
}
pub(crate) use attributes;
