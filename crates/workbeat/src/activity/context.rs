//! What a running activity sees of its task, and says of itself.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Span;

use crate::service::{ActivityType, TaskToken, WorkflowExecution};
use crate::task::{StopReason, TaskRecord};

/// What a running activity sees of its task: progress to report, the cancellation token,
/// the deadline, the task's facts.
///
/// It is cheap to clone and can be used from any thread. Whoever keeps one after the activity
/// ended can still read it; what is reported then goes nowhere.
///
/// # Cancellation compared with draining
///
/// *Cancellation* is about this one task: its [token](Self::cancellation_token) fires, and the
/// activity should clean up and end. *Draining* is about the worker: it takes no new tasks and
/// waits for those that run. An activity may go on, or write a checkpoint and end early; its
/// heartbeats and its outcome work throughout.
///
/// ```
/// use workbeat::prelude::*;
///
/// /// Adds up numbers. Told to stop, it says how far it got; when the worker drains, it ends
/// /// early and says from where to go on.
/// async fn sum(numbers: Vec<u64>, ctx: ActivityContext) -> Result<u64, ActivityError> {
///     let mut sum = 0;
///     for (done, number) in numbers.iter().enumerate() {
///         match ctx.until_stopped(fetch(*number)).await {
///             Ok(number) => sum += number,
///             Err(_) => return Err(ActivityError::canceled(format!("stopped at {done}"))),
///         }
///         if ctx.is_draining() {
///             return Err(ActivityError::failed("draining").with_json_details(&(done, sum)));
///         }
///         ctx.report(done);
///     }
///     Ok(sum)
/// }
///
/// async fn fetch(number: u64) -> u64 {
///     number
/// }
/// ```
#[derive(Clone)]
pub struct ActivityContext {
    record: Arc<TaskRecord>,
}

impl ActivityContext {
    pub(crate) fn new(record: Arc<TaskRecord>) -> Self {
        Self { record }
    }

    pub(crate) fn record(&self) -> &TaskRecord {
        &self.record
    }

    /// Reports progress, as JSON. It is sent with the next heartbeat; the newest report wins.
    ///
    /// It is cheap enough for a hot loop: the value is serialized here and now, and nothing is
    /// sent.
    ///
    /// # Limits
    ///
    /// Amazon SWF takes 2,048 characters. A report that is longer is never cut into something
    /// that does not parse: the last one that fitted, or a small JSON object that says that it
    /// was too large, is sent instead, with a warning. Nor is one that does not serialize sent.
    pub fn report(&self, progress: impl Serialize) {
        match serde_json::to_string(&progress) {
            Ok(json) => self.record.report_json(json),
            Err(_) => self.record.report_failed(),
        }
    }

    /// Reports progress as plain text, which is sent as it is.
    ///
    /// # Limits
    ///
    /// Amazon SWF takes 2,048 characters; a longer text is cut at a character, with a marker.
    pub fn report_text(&self, progress: impl Into<String>) {
        self.record.report_text(progress.into());
    }

    /// The token that fires when the activity should end; [`stop_reason`](Self::stop_reason)
    /// says why.
    #[must_use]
    pub fn cancellation_token(&self) -> &CancellationToken {
        self.record.token()
    }

    /// Whether the token has fired.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.record.has_fired()
    }

    /// Why the token fired, if it has. The reason can grow worse while the activity cleans up.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// async fn clean_up(ctx: &ActivityContext) -> Result<(), ActivityError> {
    ///     let nobody_waits = ctx.stop_reason().is_some_and(StopReason::is_closed);
    ///     if nobody_waits {
    ///         return Ok(()); // no outcome is sent any more: do only what others need
    ///     }
    ///     Err(ActivityError::canceled("everything is put back"))
    /// }
    /// ```
    #[must_use]
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.record.stop().worst()
    }

    /// Whether the service has asked for cancellation, whatever else happened since. Only then
    /// does [`ActivityError::canceled`](super::ActivityError::canceled) end the task as canceled.
    #[must_use]
    pub fn is_cancel_requested(&self) -> bool {
        self.record.stop().cancel_requested()
    }

    /// Waits until the token fires.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn stopped(&self) -> StopReason {
        self.record.token().cancelled().await;
        self.reason()
    }

    /// An error if the token has fired. For a loop that does not wait for anything.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// fn search(haystack: &[u64], ctx: &ActivityContext) -> Result<Option<usize>, ActivityError> {
    ///     for (at, candidate) in haystack.iter().enumerate() {
    ///         ctx.check_stopped()?; // a load of an atomic
    ///         if candidate.is_power_of_two() {
    ///             return Ok(Some(at));
    ///         }
    ///     }
    ///     Ok(None)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Stopped`], which `?` turns into an acknowledged cancellation.
    #[must_use = "the activity goes on when it is told to stop, unless this is looked at: write `?` behind it"]
    pub fn check_stopped(&self) -> Result<(), Stopped> {
        if self.is_stopped() {
            Err(Stopped::new(self.reason()))
        } else {
            Ok(())
        }
    }

    /// Runs `future` until it ends or the token fires, whichever comes first.
    ///
    /// When both happen at once, the value wins. When the token has fired already, the future
    /// is not polled at all.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// async fn encode(chunk: u32) -> u32 { chunk * 2 }
    ///
    /// async fn transcode(chunks: Vec<u32>, ctx: ActivityContext) -> Result<u32, ActivityError> {
    ///     let mut sum = 0;
    ///     for chunk in chunks {
    ///         sum += ctx.until_stopped(encode(chunk)).await?;
    ///     }
    ///     Ok(sum)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Stopped`] if the token fired first; `?` turns it into an acknowledged cancellation.
    ///
    /// # Cancel safety
    ///
    /// `future` is dropped when the token fires, and when this future is dropped.
    #[must_use = "the activity goes on when it is told to stop, unless this is looked at: write `?` behind it"]
    pub async fn until_stopped<F: Future>(&self, future: F) -> Result<F::Output, Stopped> {
        // Without this, a loop over futures that are always ready would never give way.
        tokio::task::coop::consume_budget().await;
        self.check_stopped()?;
        tokio::select! {
            biased;
            output = future => Ok(output),
            reason = self.stopped() => Err(Stopped::new(reason)),
        }
    }

    /// Whether the worker is draining.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.record.worker.draining.is_cancelled()
    }

    /// Waits until the worker begins to drain.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn draining(&self) {
        self.record.worker.draining.cancelled().await;
    }

    /// When the task's start-to-close timeout will have passed, if that is known.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.record.deadline()
    }

    /// How much is left until the [deadline](Self::deadline), if that is known.
    ///
    /// `None` is less than any `Some`, so ask with `is_some_and`:
    /// `ctx.time_left().is_some_and(|left| left < Duration::from_secs(5))`.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        let deadline = self.deadline()?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    /// Name and version of the activity, as the task asks for it.
    #[must_use]
    pub fn activity_type(&self) -> &ActivityType {
        &self.record.task.activity_type
    }

    /// What the decider calls this activity.
    #[must_use]
    pub fn activity_id(&self) -> &str {
        &self.record.task.activity_id
    }

    /// The workflow that waits for the activity.
    #[must_use]
    pub fn workflow(&self) -> &WorkflowExecution {
        &self.record.task.workflow
    }

    /// The task list that brought the task.
    #[must_use]
    pub fn task_list(&self) -> &str {
        &self.record.task_list().name
    }

    /// The history's ActivityTaskStarted event.
    #[must_use]
    pub fn started_event_id(&self) -> i64 {
        self.record.task.started_event_id
    }

    /// The service's name of the task, with which another process can go on with it.
    #[must_use]
    pub fn task_token(&self) -> &TaskToken {
        &self.record.task.token
    }

    /// A key that stays the same when the same activity of the same run is delivered again:
    /// the run id and the activity id.
    ///
    /// Give it to whatever the activity writes to, so that a second attempt does not do the
    /// work twice.
    ///
    /// ```
    /// # use std::collections::HashSet;
    /// # use workbeat::prelude::*;
    /// fn charge_once(charged: &mut HashSet<String>, ctx: &ActivityContext) -> bool {
    ///     charged.insert(ctx.idempotency_key()) // false: an earlier attempt got this far
    /// }
    /// ```
    #[must_use]
    pub fn idempotency_key(&self) -> String {
        format!(
            "{}/{}",
            self.record.task.workflow.run_id, self.record.task.activity_id
        )
    }

    /// Keeps a value with the task, for whoever has its context: a
    /// [middleware](crate::middleware) tells the activity who asks, for instance. One of the same
    /// type takes the place of the last.
    ///
    /// It lives as long as the task is known to the worker or anybody has a context of it.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// struct Caller(String);
    ///
    /// async fn greet(ctx: ActivityContext) -> Result<String, ActivityError> {
    ///     let caller = ctx.extension::<Caller>();
    ///     Ok(caller.map_or_else(|| "Hello!".to_owned(), |caller| format!("Hello, {}!", caller.0)))
    /// }
    /// ```
    pub fn set_extension<T: Send + Sync + 'static>(&self, value: T) {
        // What was there is dropped here, under no lock.
        drop(self.record.set_extension(Arc::new(value)));
    }

    /// The value of this type that was [kept](Self::set_extension) with the task.
    #[must_use]
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.record.extension()
    }

    /// The task's span. The activity runs in it; instrument with it what is spawned elsewhere.
    #[must_use]
    pub fn span(&self) -> &Span {
        self.record.span.get()
    }

    /// Runs blocking code on tokio's blocking pool, in the task's span, and waits for it.
    ///
    /// The worker knows of the code: it keeps the slot for as long as the code runs, and a
    /// drain reports it as still running, because it cannot be aborted. Look at
    /// [`check_stopped`](Self::check_stopped) in its loops.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// async fn digest(rounds: u64, ctx: ActivityContext) -> Result<u64, ActivityError> {
    ///     ctx.run_blocking(move |ctx| {
    ///         let mut digest = 0_u64;
    ///         for round in 0..rounds {
    ///             ctx.check_stopped()?;
    ///             digest = digest.rotate_left(5) ^ round;
    ///             ctx.report(round);
    ///         }
    ///         Ok(digest)
    ///     })
    ///     .await
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// A panic of `code` goes on here.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, code that runs goes on to its end and its value is lost; code
    /// that still waits for a thread of the pool never runs.
    pub async fn run_blocking<T, F>(&self, code: F) -> T
    where
        F: FnOnce(ActivityContext) -> T + Send + 'static,
        T: Send + 'static,
    {
        let ctx = self.clone();
        let guard = self.record.enter_blocking();
        let running = AbortOnDropHandle::new(tokio::task::spawn_blocking(move || {
            let _guard = guard;
            let span = ctx.record.span.clone();
            let _inside = span.enter();
            code(ctx)
        }));
        match running.await {
            Ok(value) => value,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is shutting down, and this future with it.
                Err(_) => std::future::pending().await,
            },
        }
    }

    /// Blocks the thread until the token fires, or for `at_most` that long. For blocking code
    /// that would otherwise sleep.
    ///
    /// # Panics
    ///
    /// When it is called from async code, whose thread must not be blocked.
    #[must_use]
    pub fn block_until_stopped(&self, at_most: Duration) -> Option<StopReason> {
        self.record
            .worker
            .runtime
            .block_on(async { tokio::time::timeout(at_most, self.stopped()).await.ok() })
    }

    fn reason(&self) -> StopReason {
        // A reason is noted before the token fires.
        self.stop_reason().unwrap_or(StopReason::CancelRequested)
    }
}

impl fmt::Debug for ActivityContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivityContext")
            .field("activity_type", self.activity_type())
            .field("activity_id", &self.activity_id())
            .field("workflow", self.workflow())
            .field("stop_reason", &self.stop_reason())
            .finish_non_exhaustive()
    }
}

/// The token fired before the work was done.
///
/// `?` turns it into [`ActivityError::canceled`](super::ActivityError::canceled) without
/// details, also when it lies below another error. Match on it to clean up first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    reason: StopReason,
}

impl Stopped {
    pub(crate) fn new(reason: StopReason) -> Self {
        Self { reason }
    }

    /// Why the token fired.
    #[must_use]
    pub fn reason(&self) -> StopReason {
        self.reason
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the activity was told to stop: {}", self.reason)
    }
}

impl Error for Stopped {}
