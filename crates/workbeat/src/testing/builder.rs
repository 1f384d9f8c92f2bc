//! Says what is to be tested, and how.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::stage::Action;
use super::{ActivityRun, TestOutcome, When, limit};
use crate::activity::{Activity, ActivityContext, ActivityError, ActivityOptions};
use crate::codec::Codec;
use crate::middleware::Middleware;
use crate::service::{ActivityTask, ActivityType, ServiceLimits, TaskToken, WorkflowExecution};
use crate::task::StopReason;
use crate::worker::{ErasedActivity, Keep, Surroundings, Typed, Untyped};

/// A test of one activity: its input, the facts of its task, and what is to happen to it.
///
/// Nothing of it needs to be set. `O` is the activity's output; it is always inferred.
///
/// ```
/// use workbeat::prelude::*;
/// use workbeat::testing::{ActivityTest, When};
///
/// #[activity]
/// async fn copy(files: Vec<String>, ctx: ActivityContext) -> Result<usize, ActivityError> {
///     for (done, _file) in files.iter().enumerate() {
///         if ctx.is_stopped() {
///             return Err(ActivityError::canceled(format!("removed {done} copies")));
///         }
///         ctx.report(done + 1);
///     }
///     Ok(files.len())
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let files = ["a", "b", "c"];
/// let outcome = ActivityTest::new(Copy).input(files).run().await;
/// outcome.assert_completed(3);
/// assert_eq!(outcome.progress_as::<usize>(), [1, 2, 3]);
///
/// let outcome = ActivityTest::new(Copy).input(files).cancel_when(When::Progress(2)).run().await;
/// assert_eq!(outcome.assert_canceled().details(), Some("removed 2 copies"));
/// # }
/// ```
#[must_use = "a test does nothing until it is run"]
pub struct ActivityTest<O> {
    pub(super) activity_type: ActivityType,
    pub(super) activity: Arc<dyn ErasedActivity>,
    pub(super) options: ActivityOptions,
    pub(super) kept: Kept<O>,
    pub(super) input: Option<String>,
    pub(super) activity_id: Arc<str>,
    pub(super) workflow: WorkflowExecution,
    pub(super) task_list: Option<String>,
    pub(super) token: TaskToken,
    pub(super) started_event_id: i64,
    pub(super) limits: ServiceLimits,
    pub(super) previous: Option<String>,
    pub(super) surroundings: Surroundings,
    pub(super) deadline: Option<Duration>,
    pub(super) drain_deadline: Option<Duration>,
    pub(super) plan: Vec<(When, Action)>,
    pub(super) give_up_after: Duration,
}

/// The output, for as long as only the worker has seen it.
pub(super) struct Kept<O>(Arc<Mutex<Option<O>>>);

impl<O> Kept<O> {
    pub(super) fn take(&self) -> Option<O> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<O> Clone for Kept<O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<O: Send + 'static> Keep<O> for Kept<O> {
    fn keep(&self, output: O) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(output);
    }
}

impl<O: Send + 'static> ActivityTest<O> {
    /// A test of this activity: a type that implements [`Activity`], one that `#[activity]`
    /// generated, or a function in [`activity_fn`](crate::activity_fn).
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use workbeat::prelude::*;
    /// # use workbeat::testing::ActivityTest;
    /// struct Store {
    ///     prefix: String,
    /// }
    ///
    /// impl Store {
    ///     #[activity]
    ///     async fn name(&self, file: String) -> Result<String, ActivityError> {
    ///         Ok(format!("{}/{file}", self.prefix))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let store = Arc::new(Store { prefix: "archive".to_owned() });
    /// let outcome = ActivityTest::new(store.name_activity()).input("a.txt").run().await;
    /// outcome.assert_completed("archive/a.txt");
    ///
    /// let shout = async |name: String| Ok::<_, ActivityError>(name.to_uppercase());
    /// let shout = workbeat::activity_fn("shout", "1.0", shout);
    /// ActivityTest::new(shout).input("land").run().await.assert_completed("LAND");
    /// # }
    /// ```
    pub fn new<A: Activity<Output = O>>(activity: A) -> Self {
        let activity_type = ActivityType::new(activity.name(), activity.version());
        let options = activity.options();
        let kept = Kept(Arc::default());
        let activity = Arc::new(Typed(activity, kept.clone()));
        Self::of(activity_type, options, activity, kept)
    }

    fn of(
        activity_type: ActivityType,
        options: ActivityOptions,
        activity: Arc<dyn ErasedActivity>,
        kept: Kept<O>,
    ) -> Self {
        Self {
            activity_type,
            activity,
            options,
            kept,
            input: None,
            activity_id: "activity".into(),
            workflow: WorkflowExecution::new("workflow", "run"),
            task_list: None,
            token: TaskToken::new("task-token"),
            started_event_id: 6,
            limits: ServiceLimits::default(),
            previous: None,
            surroundings: Surroundings::default(),
            deadline: None,
            drain_deadline: None,
            plan: Vec::new(),
            give_up_after: limit::DEFAULT,
        }
    }

    /// What the decider passes in, as JSON. Without it the task has no input.
    ///
    /// It can be of any type that serializes to what the activity's input decodes from: the input
    /// itself, a reference to it, or what `json!` makes.
    ///
    /// # Panics
    ///
    /// When it does not serialize.
    #[track_caller]
    pub fn input(self, input: impl Serialize) -> Self {
        match serde_json::to_string(&input) {
            Ok(input) => self.input_text(input),
            Err(error) => panic!("the input does not serialize: {error}"),
        }
    }

    /// What the decider passes in, as this very text: for untyped activities, and for what is no
    /// JSON.
    pub fn input_text(mut self, input: impl Into<String>) -> Self {
        self.input = Some(input.into());
        self
    }

    /// What the decider calls the activity. The default is `activity`.
    pub fn activity_id(mut self, activity_id: impl Into<Arc<str>>) -> Self {
        self.activity_id = activity_id.into();
        self
    }

    /// The workflow that waits for the activity. The default is the run `run` of `workflow`.
    ///
    /// Together with the [activity id](Self::activity_id), its run id is the
    /// [idempotency key](ActivityContext::idempotency_key): two tests with the same are two
    /// attempts.
    pub fn workflow(mut self, workflow: WorkflowExecution) -> Self {
        self.workflow = workflow;
        self
    }

    /// The task list that brings the task. The default is the one that the activity declares, or
    /// `default`.
    pub fn task_list(mut self, task_list: impl Into<String>) -> Self {
        self.task_list = Some(task_list.into());
        self
    }

    /// The task's token. The default is `task-token`.
    pub fn task_token(mut self, token: TaskToken) -> Self {
        self.token = token;
        self
    }

    /// The history's ActivityTaskStarted event. The default is 6.
    pub fn started_event_id(mut self, started_event_id: i64) -> Self {
        self.started_event_id = started_event_id;
        self
    }

    /// The activity's [deadline](ActivityContext::deadline), counted from its begin: the
    /// start-to-close timeout of its task, in place of a declared one. When it passes, the token
    /// fires with [`TimedOut`](StopReason::TimedOut).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Other options than the activity declares, for instance a
    /// [cancel grace](ActivityOptions::cancel_grace) for an untyped one.
    pub fn options(mut self, options: ActivityOptions) -> Self {
        self.options = options;
        self
    }

    /// The lengths that the service accepts. The default is Amazon SWF's.
    pub fn service_limits(mut self, limits: ServiceLimits) -> Self {
        self.limits = limits;
        self
    }

    /// What the last attempt of the activity last reported, as JSON. Without it this is the first
    /// attempt. Whether the worker asks for it needs not be set: in a test it does.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # use workbeat::testing::ActivityTest;
    /// #[activity]
    /// async fn copy(pages: usize, ctx: ActivityContext) -> Result<usize, ActivityError> {
    ///     let done = ctx.previous_progress::<usize>().await?.unwrap_or(0);
    ///     for page in done..pages {
    ///         ctx.report(page);
    ///     }
    ///     Ok(pages - done)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// ActivityTest::new(Copy).input(9).run().await.assert_completed(9);
    /// ActivityTest::new(Copy).input(9).previous_progress(7).run().await.assert_completed(2);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When it does not serialize.
    #[track_caller]
    pub fn previous_progress(self, progress: impl Serialize) -> Self {
        match serde_json::to_string(&progress) {
            Ok(progress) => self.previous_progress_text(progress),
            Err(error) => panic!("the progress does not serialize: {error}"),
        }
    }

    /// What the last attempt of the activity last reported, as this very text.
    pub fn previous_progress_text(mut self, progress: impl Into<String>) -> Self {
        self.previous = Some(progress.into());
        self
    }

    /// The [codec](crate::codec) that the worker has for the activity. The
    /// [text of the input](Self::input_text) is then what the decider writes with it, and what is
    /// sent is encoded. [`assert_result_text`](TestOutcome::assert_result_text) looks at that, and
    /// [`into_output`](TestOutcome::into_output) gives the output as the activity made it.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # use workbeat::testing::ActivityTest;
    /// use workbeat::codec::Simpleflow;
    ///
    /// #[activity]
    /// async fn add(numbers: (i32, i32)) -> Result<i32, ActivityError> {
    ///     Ok(numbers.0 + numbers.1)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let test = ActivityTest::new(Add).codec(Simpleflow::new());
    /// let call = r#"{"args":[2,3],"kwargs":{}}"#;
    /// test.input_text(call).run().await.assert_completed(5);
    /// # }
    /// ```
    pub fn codec(mut self, codec: impl Codec) -> Self {
        self.surroundings.codecs.all = Some(Arc::new(codec));
        self
    }

    /// Puts [middleware](crate::middleware) around the activity, inside of what was put there
    /// before, as [`WorkerBuilder::middleware`](crate::worker::WorkerBuilder::middleware).
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # use workbeat::testing::ActivityTest;
    /// use workbeat::middleware::middleware_fn;
    ///
    /// #[activity]
    /// async fn greet(ctx: ActivityContext) -> Result<String, ActivityError> {
    ///     let name = ctx.extension::<String>().ok_or("nobody is there")?;
    ///     Ok(format!("Hello, {name}!"))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let name = middleware_fn(async |call, next| {
    ///     call.ctx.set_extension("Ann".to_owned());
    ///     next.run(call).await
    /// });
    /// let outcome = ActivityTest::new(Greet).middleware(name).run().await;
    /// outcome.assert_completed("Hello, Ann!");
    /// # }
    /// ```
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.surroundings.middleware.push(Arc::new(middleware));
        self
    }

    /// How long a [drain](Self::drain_when) may take before the activity is failed and dropped. The
    /// default is the [worker's](crate::worker::WorkerBuilder::drain_deadline), 75 s, and as there a
    /// fifth of it, at most 5 s, is kept for sending.
    pub fn drain_deadline(mut self, deadline: Duration) -> Self {
        self.drain_deadline = Some(deadline);
        self
    }

    /// Requests the activity's cancellation at this moment.
    pub fn cancel_when(self, when: When) -> Self {
        self.stop_when(when, StopReason::CancelRequested)
    }

    /// Tells the activity to stop at this moment, for any reason; see [`ActivityRun::stop`].
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # use workbeat::testing::{ActivityTest, When};
    /// #[activity]
    /// async fn watch(ctx: ActivityContext) -> Result<(), ActivityError> {
    ///     ctx.report("watching");
    ///     ctx.until_stopped(std::future::pending::<()>()).await?;
    ///     Ok(())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// // Nobody asked for a cancellation, so this is a failure.
    /// let lost = ActivityTest::new(Watch).stop_when(When::Progress(1), StopReason::HeartbeatLost);
    /// lost.run().await.assert_failed_with(workbeat::FailureCode::Stopped);
    ///
    /// let closed = ActivityTest::new(Watch).stop_when(When::Progress(1), StopReason::TaskClosed);
    /// closed.run().await.assert_nothing_sent();
    /// # }
    /// ```
    pub fn stop_when(mut self, when: When, reason: StopReason) -> Self {
        self.plan.push((when, Action::Stop(reason)));
        self
    }

    /// Begins to drain the worker at this moment. The token does not fire; at the
    /// [drain deadline](Self::drain_deadline) the activity is failed and dropped.
    pub fn drain_when(mut self, when: When) -> Self {
        self.plan.push((when, Action::Drain));
        self
    }

    /// How long the test waits for the activity, from its start and in tokio's time; then it
    /// panics. The default is 24 hours, which in paused time is at once.
    ///
    /// Set it where time is real. In paused time the test also panics when time stands still for
    /// as long by the real clock, but at least 10 s and at most 60 s. That happens when blocking
    /// code waits for tokio's time, which does not go on while such code runs.
    pub fn give_up_after(mut self, limit: Duration) -> Self {
        self.give_up_after = limit;
        self
    }

    /// Runs the activity to its end.
    ///
    /// # Panics
    ///
    /// When it does not end [in time](Self::give_up_after); and as [`start`](Self::start).
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, so is the activity, as with a worker whose run is dropped.
    #[track_caller]
    pub fn run(self) -> impl Future<Output = TestOutcome<O>> + Send {
        let caller = Location::caller();
        async move { ActivityRun::start(self, caller).end(caller).await }
    }

    /// Starts the activity, for a test that looks at it while it runs.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # use workbeat::testing::ActivityTest;
    /// #[activity]
    /// async fn serve(ctx: ActivityContext) -> Result<(), ActivityError> {
    ///     ctx.report("ready");
    ///     ctx.draining().await;
    ///     Ok(())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let mut run = ActivityTest::new(Serve).start();
    /// let progress = run.next_progress().await.expect("it is ready");
    /// assert_eq!(progress.details_as::<String>(), "ready");
    /// run.drain();
    /// run.outcome().await.assert_completed(());
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with time enabled, and when a worker would refuse to be built
    /// with this activity: for the form of its name, for instance.
    #[track_caller]
    pub fn start(self) -> ActivityRun<O> {
        ActivityRun::start(self, Location::caller())
    }
}

impl ActivityTest<Option<String>> {
    /// A test of a handler for untyped activities, as of one named `name` in `version`; see
    /// [`untyped_activity_fn`](crate::worker::WorkerBuilder::untyped_activity_fn).
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # use workbeat::testing::ActivityTest;
    /// async fn script(
    ///     input: Option<String>,
    ///     ctx: ActivityContext,
    /// ) -> Result<Option<String>, ActivityError> {
    ///     match &*ctx.activity_type().name {
    ///         "echo" => Ok(input),
    ///         name => Err(ActivityError::failed(format!("no script for {name}"))),
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let outcome = ActivityTest::untyped("echo", "1.0", script).input_text("as it is").run().await;
    /// outcome.assert_result_text("as it is");
    /// # }
    /// ```
    pub fn untyped<F, Fut, E>(
        name: impl Into<Arc<str>>,
        version: impl Into<Arc<str>>,
        handler: F,
    ) -> Self
    where
        F: Fn(Option<String>, ActivityContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<String>, E>> + Send + 'static,
        E: Into<ActivityError> + 'static,
    {
        let kept = Kept(Arc::default());
        let keep = kept.clone();
        let handler = move |input, ctx| {
            let keep = keep.clone();
            let running = handler(input, ctx);
            async move {
                let ended = running.await;
                if let Ok(result) = &ended {
                    keep.keep(result.clone());
                }
                ended
            }
        };
        Self::of(
            ActivityType::new(name, version),
            ActivityOptions::default(),
            Arc::new(Untyped(handler)),
            kept,
        )
    }
}

impl<O> ActivityTest<O> {
    /// The task that the service hands out.
    pub(super) fn task(&self) -> ActivityTask {
        let mut task = ActivityTask::new(
            self.token.clone(),
            Arc::clone(&self.activity_id),
            self.activity_type.clone(),
            self.workflow.clone(),
            self.started_event_id,
        );
        task.input.clone_from(&self.input);
        task
    }
}

impl<O> fmt::Debug for ActivityTest<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivityTest")
            .field("activity_type", &self.activity_type)
            .field("input", &self.input)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}
