//! A service between the worker and the embedded one, that misbehaves on request.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use workbeat::service::{
    ActivityService, ActivityTask, ActivityType, ActivityTypeRegistration, HeartbeatAnswer,
    PollRequest, PreviousAttempt, ServiceCapabilities, ServiceError, ServiceErrorKind,
    ServiceLimits, TaskTimeouts, TaskToken, WorkflowExecution,
};

/// So many calls in one instant are a loop without a wait. It would stop the paused clock and so
/// the test; instead its calls hang, and the test can fail for what it looks at.
const SPINNING: usize = 5_000;

/// What the worker asks of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// PollForActivityTask.
    Poll,
    /// RecordActivityTaskHeartbeat.
    Heartbeat,
    /// RespondActivityTaskCompleted.
    Complete,
    /// RespondActivityTaskFailed.
    Fail,
    /// RespondActivityTaskCanceled.
    Cancel,
    /// RegisterActivityType.
    Register,
    /// What the embedded service can be asked beyond SWF: a task's timeouts.
    Timeouts,
    /// What an input stands for.
    FetchInput,
    /// GetWorkflowExecutionHistory, for the attempt before.
    PreviousAttempt,
}

/// How a call goes wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// It is refused with this error and not applied.
    Error(ServiceErrorKind),
    /// It is refused with this error after a while, and not applied.
    LateError(Duration, ServiceErrorKind),
    /// It is applied, but its answer is lost.
    LostAnswer,
    /// It is not applied and never answered.
    Hang,
    /// It takes this long, and is then applied.
    Slow(Duration),
    /// It takes until this token fires, and is then applied.
    Until(CancellationToken),
    /// It answers empty at once (polls only).
    Empty,
    /// It answers at once with a task whose token is empty (polls only).
    NoToken,
    /// The adapter panics.
    Panic,
}

/// A call that the worker made.
#[derive(Clone, Debug)]
pub struct Call {
    /// Of which kind.
    pub operation: Operation,
    /// For which task.
    pub token: Option<TaskToken>,
    /// When it began.
    pub began: Instant,
    /// When it was answered, if it was.
    pub ended: Option<Instant>,
    /// The details, the result, the reason or the task list that it carried.
    pub text: Option<String>,
    /// The details beside a reason, or the identity of a poll.
    pub details: Option<String>,
    /// Whether it was answered without an error.
    pub accepted: bool,
    /// The error with which it was answered.
    pub error: Option<ServiceErrorKind>,
}

type Script = Box<dyn FnMut(&Call) -> Option<Fault> + Send>;

/// Passes every call on to another service, writes it down, and lets it go wrong on request.
#[derive(Clone)]
pub struct FaultyService<S> {
    inner: S,
    state: Arc<Mutex<State>>,
    keeps_polls: bool,
    tells_no_timeouts: bool,
    name: Option<&'static str>,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    once: HashMap<Operation, VecDeque<Fault>>,
    always: HashMap<Operation, Fault>,
    scripts: HashMap<Operation, Script>,
    message: Option<String>,
    in_one_instant: usize,
}

impl<S: ActivityService> FaultyService<S> {
    /// Around `inner`, without faults so far.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            state: Arc::default(),
            keeps_polls: false,
            tells_no_timeouts: false,
            name: None,
        }
    }

    /// The same service, but as Amazon SWF does it polls cannot be withdrawn.
    #[must_use]
    pub fn keeps_polls(mut self) -> Self {
        self.keeps_polls = true;
        self
    }

    /// The same service, but as Amazon SWF it cannot be asked for a task's timeouts.
    #[must_use]
    pub fn tells_no_timeouts(mut self) -> Self {
        self.tells_no_timeouts = true;
        self
    }

    /// The same service, but it is called so.
    #[must_use]
    pub fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the next `times` calls of `operation` go wrong.
    pub fn next(&self, operation: Operation, times: usize, fault: Fault) {
        let mut state = self.state();
        let queue = state.once.entry(operation).or_default();
        queue.extend(std::iter::repeat_n(fault, times));
    }

    /// Lets all calls of `operation` go wrong until [`mend`](Self::mend).
    pub fn always(&self, operation: Operation, fault: Fault) {
        self.state().always.insert(operation, fault);
    }

    /// Lets `script` decide what goes wrong with each call of `operation`.
    pub fn script(
        &self,
        operation: Operation,
        script: impl FnMut(&Call) -> Option<Fault> + Send + 'static,
    ) {
        self.state().scripts.insert(operation, Box::new(script));
    }

    /// What the errors that it injects say from now on.
    pub fn says(&self, message: impl Into<String>) {
        self.state().message = Some(message.into());
    }

    /// Ends all faults of `operation`.
    pub fn mend(&self, operation: Operation) {
        let mut state = self.state();
        state.always.remove(&operation);
        state.once.remove(&operation);
        state.scripts.remove(&operation);
    }

    /// The calls of `operation` so far, in the order in which they began.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> Vec<Call> {
        let state = self.state();
        let of_kind = state
            .calls
            .iter()
            .filter(|call| call.operation == operation);
        of_kind.cloned().collect()
    }

    /// How many calls of `operation` there were.
    #[must_use]
    pub fn count(&self, operation: Operation) -> usize {
        self.count_where(operation, |_| true)
    }

    /// How many calls of `operation` are under way.
    #[must_use]
    pub fn under_way(&self, operation: Operation) -> usize {
        self.count_where(operation, |call| call.ended.is_none())
    }

    /// Tests ask over and over while they wait, so nothing is copied.
    fn count_where(&self, operation: Operation, wanted: impl Fn(&Call) -> bool) -> usize {
        let state = self.state();
        let of_kind = state.calls.iter();
        let of_kind = of_kind.filter(|call| call.operation == operation);
        of_kind.filter(|call| wanted(call)).count()
    }

    fn begin(
        &self,
        operation: Operation,
        token: Option<&TaskToken>,
        text: Option<&str>,
        details: Option<&str>,
    ) -> (usize, Option<Fault>) {
        let mut state = self.state();
        let call = Call {
            operation,
            token: token.cloned(),
            began: Instant::now(),
            ended: None,
            text: text.map(str::to_owned),
            details: details.map(str::to_owned),
            accepted: false,
            error: None,
        };
        let once = state.once.get_mut(&operation).and_then(VecDeque::pop_front);
        let fault = once
            .or_else(|| state.scripts.get_mut(&operation)?(&call))
            .or_else(|| state.always.get(&operation).cloned());
        let last = state.calls.last();
        let same = last.is_some_and(|last| last.began == call.began);
        state.in_one_instant = if same { state.in_one_instant + 1 } else { 0 };
        let spins = (state.in_one_instant > SPINNING).then_some(Fault::Hang);
        state.calls.push(call);
        (state.calls.len() - 1, spins.or(fault))
    }

    fn injected(&self, kind: ServiceErrorKind) -> ServiceError {
        let message = self.state().message.clone();
        ServiceError::new(kind, message.unwrap_or_else(|| "injected".to_owned()))
    }

    async fn through<T>(
        &self,
        operation: Operation,
        token: Option<&TaskToken>,
        text: Option<&str>,
        details: Option<&str>,
        made_up: impl FnOnce(&Fault) -> Option<T> + Send,
        call: impl Future<Output = Result<T, ServiceError>> + Send,
    ) -> Result<T, ServiceError> {
        let (at, fault) = self.begin(operation, token, text, details);
        // A call that its caller drops has ended as well.
        let _end = End { service: self, at };
        let answer = match fault {
            None => call.await,
            Some(Fault::Error(kind)) => Err(self.injected(kind)),
            Some(Fault::LateError(after, kind)) => {
                tokio::time::sleep(after).await;
                Err(self.injected(kind))
            }
            Some(Fault::LostAnswer) => {
                let _ = call.await;
                let lost = ServiceError::new(ServiceErrorKind::Unavailable, "the answer was lost");
                Err(lost.ambiguous())
            }
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Slow(time)) => {
                tokio::time::sleep(time).await;
                call.await
            }
            Some(Fault::Until(token)) => {
                token.cancelled().await;
                call.await
            }
            Some(fault @ (Fault::Empty | Fault::NoToken)) => match made_up(&fault) {
                Some(answer) => Ok(answer),
                None => call.await,
            },
            Some(Fault::Panic) => panic!("injected panic in the adapter"),
        };
        let call = &mut self.state().calls[at];
        call.accepted = answer.is_ok();
        call.error = answer.as_ref().err().map(ServiceError::kind);
        answer
    }
}

struct End<'a, S: ActivityService> {
    service: &'a FaultyService<S>,
    at: usize,
}

impl<S: ActivityService> Drop for End<'_, S> {
    fn drop(&mut self) {
        self.service.state().calls[self.at].ended = Some(Instant::now());
    }
}

impl<S: std::fmt::Debug> std::fmt::Debug for FaultyService<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FaultyService").field(&self.inner).finish()
    }
}

fn task_without_token() -> ActivityTask {
    let activity_type = ActivityType::new("none", "1.0");
    let workflow = WorkflowExecution::new("none", "none");
    ActivityTask::new(TaskToken::new(""), "", activity_type, workflow, 0)
}

#[async_trait]
impl<S: ActivityService> ActivityService for FaultyService<S> {
    async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        let task_list = request.task_list.to_string();
        let identity = request.identity.to_string();
        let request = if self.keeps_polls {
            request.withdraw(CancellationToken::new())
        } else {
            request
        };
        let call = self.inner.poll(request);
        let (text, details) = (Some(task_list.as_str()), Some(identity.as_str()));
        let made_up =
            |fault: &Fault| Some(matches!(fault, Fault::NoToken).then(task_without_token));
        self.through(Operation::Poll, None, text, details, made_up, call)
            .await
    }

    async fn heartbeat(
        &self,
        token: &TaskToken,
        details: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        let call = self.inner.heartbeat(token, details);
        self.through(
            Operation::Heartbeat,
            Some(token),
            details,
            None,
            |_| None,
            call,
        )
        .await
    }

    async fn complete(&self, token: &TaskToken, result: Option<&str>) -> Result<(), ServiceError> {
        let call = self.inner.complete(token, result);
        self.through(
            Operation::Complete,
            Some(token),
            result,
            None,
            |_| None,
            call,
        )
        .await
    }

    async fn fail(
        &self,
        token: &TaskToken,
        reason: Option<&str>,
        details: Option<&str>,
    ) -> Result<(), ServiceError> {
        let call = self.inner.fail(token, reason, details);
        self.through(
            Operation::Fail,
            Some(token),
            reason,
            details,
            |_| None,
            call,
        )
        .await
    }

    async fn cancel(&self, token: &TaskToken, details: Option<&str>) -> Result<(), ServiceError> {
        let call = self.inner.cancel(token, details);
        self.through(
            Operation::Cancel,
            Some(token),
            details,
            None,
            |_| None,
            call,
        )
        .await
    }

    async fn timeouts(&self, task: &ActivityTask) -> Result<TaskTimeouts, ServiceError> {
        let call = self.inner.timeouts(task);
        let token = Some(&task.token);
        self.through(Operation::Timeouts, token, None, None, |_| None, call)
            .await
    }

    async fn fetch_input(
        &self,
        task: &ActivityTask,
        input: &str,
    ) -> Result<Option<String>, ServiceError> {
        let call = self.inner.fetch_input(task, input);
        let (operation, token) = (Operation::FetchInput, Some(&task.token));
        self.through(operation, token, Some(input), None, |_| None, call)
            .await
    }

    async fn previous_attempt(
        &self,
        task: &ActivityTask,
    ) -> Result<Option<PreviousAttempt>, ServiceError> {
        let call = self.inner.previous_attempt(task);
        let (operation, token) = (Operation::PreviousAttempt, Some(&task.token));
        self.through(operation, token, None, None, |_| None, call)
            .await
    }

    async fn register(&self, registration: &ActivityTypeRegistration) -> Result<(), ServiceError> {
        let call = self.inner.register(registration);
        let name = registration.activity_type.to_string();
        self.through(Operation::Register, None, Some(&name), None, |_| None, call)
            .await
    }

    fn limits(&self) -> ServiceLimits {
        self.inner.limits()
    }

    fn name(&self) -> &str {
        self.name.unwrap_or_else(|| self.inner.name())
    }

    fn capabilities(&self) -> ServiceCapabilities {
        let capabilities = self.inner.capabilities();
        if self.tells_no_timeouts {
            capabilities.task_timeouts(false)
        } else {
            capabilities
        }
    }
}
