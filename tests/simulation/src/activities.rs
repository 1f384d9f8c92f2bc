//! The simulated activities: one body that does what its input says.

use std::pin::pin;
use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer, ser};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use workbeat::service::TaskToken;
use workbeat::{Activity, ActivityContext, ActivityError, ActivityErrorKind, ActivityOptions};

use crate::log::{BodyEnd, Fact, Log, TaskId};
use crate::plan::{Kind, TypePlan};

/// What a panic of a simulated activity says, so that it is told from one that is a mistake.
pub(crate) const PANIC: &str = "a simulated panic";

/// The most reports of one activity.
const REPORTS: u32 = 400;

/// What an activity is given.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Script {
    pub(crate) task: u32,
    pub(crate) kind: Kind,
    pub(crate) work: Duration,
    pub(crate) clean_up: Duration,
}

/// What an activity gives back.
#[derive(Debug)]
pub(crate) enum Given {
    /// Its number.
    Number(u32),
    /// More than a service takes.
    TooLarge,
    /// Something that does not serialize.
    Unserializable,
}

impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u32(*number),
            Self::TooLarge => serializer.serialize_str(&"x".repeat(40_000)),
            Self::Unserializable => Err(ser::Error::custom("not today")),
        }
    }
}

/// A task that its activity has handed on.
#[derive(Debug)]
pub(crate) struct HandedOn {
    pub(crate) task: TaskId,
    pub(crate) token: TaskToken,
}

/// An activity type, as it is registered with a worker.
#[derive(Clone, Debug)]
pub(crate) struct Simulated {
    pub(crate) plan: TypePlan,
    pub(crate) log: Log,
    pub(crate) handed_on: mpsc::UnboundedSender<HandedOn>,
}

impl Activity for Simulated {
    type Input = Script;
    type Output = Given;

    fn name(&self) -> &str {
        self.plan.name.as_str()
    }

    fn version(&self) -> &str {
        "1.0"
    }

    fn options(&self) -> ActivityOptions {
        let mut options = ActivityOptions::new();
        options.heartbeat_timeout = self.plan.heartbeat.map(Into::into);
        options.heartbeat_interval = self.plan.interval;
        options.start_to_close_timeout = self.plan.start_to_close.map(Into::into);
        options.cancel_grace = self.plan.grace;
        options
    }

    async fn run(&self, script: Script, ctx: ActivityContext) -> Result<Given, ActivityError> {
        let mut body = Body {
            task: TaskId(script.task),
            ctx: ctx.clone(),
            log: self.log.clone(),
            end: BodyEnd::Dropped,
        };
        self.log.note(Fact::Began(body.task));
        let ended = self.watched(&script, &ctx).await;
        body.end = match &ended {
            Ok(_) => BodyEnd::Completed,
            Err(error) => match error.kind() {
                ActivityErrorKind::Canceled => BodyEnd::SaidCanceled,
                ActivityErrorKind::HandedOn => BodyEnd::HandedOn,
                _ => BodyEnd::Failed,
            },
        };
        ended
    }
}

impl Simulated {
    /// Does what the script says, and notes when the token fires.
    async fn watched(
        &self,
        script: &Script,
        ctx: &ActivityContext,
    ) -> Result<Given, ActivityError> {
        let mut work = pin!(self.work(script, ctx));
        let reason = tokio::select! {
            biased;
            ended = &mut work => return ended,
            reason = ctx.stopped() => reason,
        };
        self.log.note(Fact::Told(TaskId(script.task), reason));
        work.await
    }

    async fn work(&self, script: &Script, ctx: &ActivityContext) -> Result<Given, ActivityError> {
        let work = script.work;
        match script.kind {
            Kind::Complete | Kind::Garbage | Kind::Unknown => sleep(work).await,
            Kind::Fail => {
                sleep(work).await;
                return Err(ActivityError::failed("as it was told to"));
            }
            Kind::Panic => {
                sleep(work).await;
                panic(script.task);
            }
            Kind::Acknowledge | Kind::LongCleanUp | Kind::PanicAtCleanUp => {
                if timeout(work, ctx.stopped()).await.is_ok() {
                    sleep(script.clean_up).await;
                    if script.kind == Kind::PanicAtCleanUp {
                        panic(script.task);
                    }
                    return Err(ActivityError::canceled("cleaned up"));
                }
            }
            Kind::Ignore | Kind::Outlive => {
                ctx.report("on my way");
                sleep(work).await;
            }
            Kind::SaysCanceled => {
                sleep(work).await;
                return Err(ActivityError::canceled("or so it says"));
            }
            Kind::Flood => {
                for report in 0..REPORTS {
                    ctx.report((report, "of", REPORTS));
                    ctx.until_stopped(sleep(work / REPORTS)).await?;
                }
            }
            Kind::Unserializable => {
                sleep(work).await;
                return Ok(Given::Unserializable);
            }
            Kind::TooLarge => {
                ctx.report("y".repeat(3_000));
                sleep(work).await;
                return Ok(Given::TooLarge);
            }
            Kind::HandOn => {
                sleep(work).await;
                let handed_on = HandedOn {
                    task: TaskId(script.task),
                    token: ctx.task_token().clone(),
                };
                // Nobody takes it once the run is over.
                let _ = self.handed_on.send(handed_on);
                return Err(ActivityError::handed_on());
            }
            Kind::HeedsDrain => {
                let drained = async {
                    ctx.draining().await;
                    sleep(script.clean_up).await;
                };
                if timeout(work, drained).await.is_ok() {
                    return Err(ActivityError::failed("draining"));
                }
            }
        }
        Ok(Given::Number(script.task))
    }
}

fn panic(task: u32) -> ! {
    if task.is_multiple_of(3) {
        std::panic::panic_any(task);
    }
    std::panic::panic_any(PANIC);
}

/// Notes how the body of an activity ended, also when it is dropped.
struct Body {
    task: TaskId,
    ctx: ActivityContext,
    log: Log,
    end: BodyEnd,
}

impl Drop for Body {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.end = BodyEnd::Panicked;
        }
        let reason = self.ctx.stop_reason();
        self.log.note(Fact::Ended(self.task, self.end, reason));
    }
}
