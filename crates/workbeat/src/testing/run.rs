//! A run of an activity under test.

use std::convert::Infallible;
use std::fmt::{self, Write as _};
use std::future::{Future, pending};
use std::io::{self, Write as _};
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use super::builder::Kept;
use super::limit::{Limit, Passed};
use super::progress::Reports;
use super::service::OneTask;
use super::stage::{Action, Stage, Staged};
use super::{ActivityTest, Ended, Progress, TestOutcome};
use crate::service::ActivityType;
use crate::task::StopReason;
use crate::worker::{DrainReport, RunError, Worker, WorkerHandle};

/// A run of an activity: what it reports can be awaited, and it can be told to stop.
///
/// It goes on by itself. When this is dropped, so is the activity, as with a worker whose run is
/// dropped.
#[must_use = "when it is dropped, the activity is too"]
pub struct ActivityRun<O> {
    activity_type: ActivityType,
    input: Option<String>,
    stage: Arc<Stage>,
    kept: Kept<O>,
    worker: AbortOnDropHandle<Result<DrainReport, RunError>>,
    limit: Limit,
    /// How much of the progress was asked for.
    taken: usize,
}

impl<O: Send + 'static> ActivityRun<O> {
    #[track_caller]
    pub(super) fn start(test: ActivityTest<O>, caller: &Location<'_>) -> Self {
        let Ok(runtime) = Handle::try_current() else {
            panic!("an activity is tested in a tokio runtime: use #[tokio::test] ({caller})");
        };
        let service = Arc::new(OneTask::new(
            test.task(),
            test.limits,
            test.previous.clone(),
        ));
        let stage = Arc::new(Stage::new(Arc::clone(&service), test.plan));
        let mut options = test.options;
        if let Some(deadline) = test.deadline {
            options.start_to_close_timeout = Some(deadline.into());
        }
        let declared = options.task_list.clone();
        let task_list = test.task_list.or(declared);
        let staged = Staged {
            activity: test.activity,
            stage: Arc::clone(&stage),
        };
        let mut worker = Worker::builder(service)
            .task_list(task_list.unwrap_or_else(|| "default".to_owned()))
            .erased(test.activity_type.clone(), staged, options)
            .surrounded(test.surroundings)
            .slots(1)
            .max_concurrent_polls(1)
            .previous_progress(true)
            .seed(1);
        if let Some(deadline) = test.drain_deadline {
            worker = worker.drain_deadline(deadline);
        }
        let worker = match worker.build() {
            Ok(worker) => worker,
            Err(mistake) => panic!("no worker would take this activity ({caller}): {mistake}"),
        };
        stage.set_worker(worker.handle());
        Self {
            activity_type: test.activity_type,
            input: test.input,
            kept: test.kept,
            limit: Limit::new(test.give_up_after, runtime.clone()),
            worker: AbortOnDropHandle::new(runtime.spawn(drive(worker, Arc::clone(&stage)))),
            stage,
            taken: 0,
        }
    }

    /// Waits for the next report of progress, beginning with the first. None when the activity has
    /// ended and all was told.
    ///
    /// # Panics
    ///
    /// When nothing comes [in time](ActivityTest::give_up_after).
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    #[track_caller]
    pub fn next_progress(&mut self) -> impl Future<Output = Option<Progress>> + Send + '_ {
        let caller = Location::caller();
        async move {
            let taken = self.taken;
            let mut seen = self.stage.seen();
            let more = seen.wait_for(|seen| seen.reports > taken || seen.over);
            let what = format!("report no. {}", taken + 1);
            // The sender is the stage's.
            let _ = self.within(&what, caller, more).await;
            let progress = self.stage.progress().into_iter().nth(taken);
            self.taken += usize::from(progress.is_some());
            progress
        }
    }

    /// Requests the activity's cancellation. Here it does not wait for a heartbeat: when this
    /// returns, the token has fired. The cancel grace, if there is one, begins now.
    ///
    /// Before the activity has begun, it begins with its token fired. Once it has ended, this does
    /// nothing.
    pub fn cancel(&self) {
        self.stop(StopReason::CancelRequested);
    }

    /// Tells the activity to stop, for this reason. When this returns, the token has fired.
    ///
    /// - [`CancelRequested`](StopReason::CancelRequested): as [`cancel`](Self::cancel).
    /// - [`HeartbeatLost`](StopReason::HeartbeatLost) and [`TimedOut`](StopReason::TimedOut): the
    ///   worker presumes so. What the activity ends with is still sent.
    /// - [`TaskClosed`](StopReason::TaskClosed) and [`WorkflowClosed`](StopReason::WorkflowClosed):
    ///   the service says so. Nothing is sent any more.
    /// - [`WorkerStopping`](StopReason::WorkerStopping): the worker is stopped at once. The future
    ///   of the activity is dropped, without a chance to clean up, and nothing is sent. For what
    ///   comes of a drain's deadline, [drain](Self::drain).
    ///
    /// Several reasons, one after the other, are possible: they grow worse.
    pub fn stop(&self, reason: StopReason) {
        self.stage.act(Action::Stop(reason));
    }

    /// Begins to drain the worker: from now on the activity
    /// [sees it](crate::ActivityContext::is_draining). Its token fires only when the
    /// [drain deadline](ActivityTest::drain_deadline) is near; then it is failed and dropped.
    pub fn drain(&self) {
        self.stage.act(Action::Drain);
    }

    /// Waits for the end of the activity.
    ///
    /// # Panics
    ///
    /// When it does not end [in time](ActivityTest::give_up_after).
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, so is the activity.
    #[track_caller]
    pub fn outcome(self) -> impl Future<Output = TestOutcome<O>> + Send {
        let caller = Location::caller();
        async move { self.end(caller).await }
    }

    pub(super) async fn end(mut self, caller: &Location<'_>) -> TestOutcome<O> {
        let mut seen = self.stage.seen();
        let over = seen.wait_for(|seen| seen.over);
        let _ = self.within("the end of it", caller, over).await;
        let report = match (&mut self.worker).await {
            Ok(Ok(report)) => report,
            Ok(Err(refused)) => {
                panic!("the worker of the test could not run ({caller}): {refused:?}")
            }
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => panic!("the runtime of the test has ended ({caller})"),
            },
        };
        let sent = self.stage.service.sent();
        let (ended, at) = sent.map_or_else(
            || (Ended::silently(&report), self.stage.over_at()),
            |(ended, at)| (ended, Some(at)),
        );
        let completed = matches!(ended, Ended::Completed { .. });
        let record = self.stage.record();
        TestOutcome {
            output: self.kept.take().filter(|_| completed),
            progress: self.stage.progress(),
            took: match (&record, at) {
                (Some(record), Some(at)) => record.age(at),
                _ => Duration::ZERO,
            },
            stop_reason: record.as_ref().and_then(|record| record.stop().worst()),
            still_running: !report.still_running.is_empty(),
            activity_type: self.activity_type,
            input: self.input,
            ended,
        }
    }

    /// Waits, but not for ever.
    async fn within<T>(
        &self,
        what: &str,
        caller: &Location<'_>,
        wait: impl Future<Output = T>,
    ) -> T {
        let passed = tokio::select! {
            biased;
            waited = wait => return waited,
            passed = self.limit.passed() => passed,
        };
        let mut story = self.story(what, passed);
        // Writing to a String does not fail.
        let _ = write!(story, "\n   test at: {caller}");
        if self
            .stage
            .record()
            .is_some_and(|record| record.is_blocking())
        {
            // A runtime waits for such code when it is dropped, and until then nobody would see
            // the panic. So it is written past what captures the output of a test.
            let _ = writeln!(io::stderr(), "{story}\n  the test ends when the code does");
        }
        panic!("{story}");
    }

    /// What was waited for in vain, and how it stands with the activity.
    fn story(&self, what: &str, passed: Passed) -> String {
        let limit = self.limit.limit();
        let mut story = match passed {
            Passed::Limit => format!(
                "`{}`: waited for {what}, and gave up after {limit:?} (`give_up_after` sets another limit)",
                self.activity_type
            ),
            Passed::TimeStandsStill => format!(
                "`{}`: waited for {what}, but tokio's time is paused and stands still: it does not go on while blocking code runs. Let time be real in this test, or let the code not wait for time",
                self.activity_type
            ),
        };
        let told = self.stage.told();
        // Writing to a String does not fail.
        for (action, at) in &told {
            let ago = at.elapsed();
            let _ = match action {
                Action::Stop(reason) => {
                    write!(story, "\n      told: to stop, {ago:?} ago ({reason})")
                }
                Action::Drain => write!(story, "\n      told: that the worker drains, {ago:?} ago"),
            };
        }
        let running = match (self.stage.service.sent(), self.stage.record()) {
            (_, None) => "it has not begun",
            (Some((ended, _)), _) => {
                let _ = write!(story, "\n     ended: {ended}");
                "blocking code of it still runs"
            }
            (None, Some(record)) if record.is_running() && told.is_empty() => "it still runs",
            (None, Some(record)) if record.is_running() => {
                "it still runs; does it look at `ctx.until_stopped` or `ctx.check_stopped`?"
            }
            (None, Some(_)) => "it has ended, and its outcome is not settled",
        };
        let _ = write!(story, "\n  activity: {running}");
        let input = self.input.as_deref().unwrap_or("none");
        let progress = self.stage.progress();
        let progress = Reports(&progress);
        let _ = write!(story, "\n     input: {input}\n  progress: {progress}");
        story
    }
}

/// Runs the worker until it is done with its one task.
async fn drive(worker: Worker, stage: Arc<Stage>) -> Result<DrainReport, RunError> {
    let handle = worker.handle();
    // Also if the run panics or is dropped.
    let _over = Over(&stage);
    tokio::select! {
        biased;
        ended = worker.run() => ended,
        never = stage.keep_time() => match never {},
        never = end_when_done(&stage, &handle) => match never {},
    }
}

/// Ends the worker when it is done. It drains only then, so that the activity does not see it.
async fn end_when_done(stage: &Stage, worker: &WorkerHandle) -> Infallible {
    stage.service.done().await;
    worker.drain();
    pending().await
}

struct Over<'a>(&'a Stage);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over();
    }
}

impl<O> fmt::Debug for ActivityRun<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivityRun")
            .field("activity_type", &self.activity_type)
            .field("input", &self.input)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}
