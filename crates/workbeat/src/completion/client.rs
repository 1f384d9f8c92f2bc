//! Heartbeats for a task and ends it, by its token.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::attempts::Attempts;
use super::{CompletionError, CompletionErrorKind};
use crate::activity::{ActivityError, ActivityErrorKind};
use crate::codec::{Codec, fit_encoded};
use crate::outcome::{HEARTBEAT, Outcome};
use crate::panic::message;
use crate::service::{ActivityService, HeartbeatAnswer, ServiceLimits, TaskToken, TooLong, asked};
use crate::span::WalledSpan;
use crate::task::Progress;
use crate::time::bounded;
use crate::told::warn;

/// Heartbeats for tasks and ends them by their tokens, from any process.
///
/// It is the other half of [`ActivityError::handed_on`]: an activity gives its
/// [token](crate::ActivityContext::task_token) away and ends, and whoever does the rest of the
/// work, perhaps hours later and in another process, speaks for the task through this. It works
/// over any [`ActivityService`], and what an outcome meets on its way is the same as in the
/// worker: the service's limits, calls that are given up when they take too long, and tries with
/// backoff until the service accepts or says that the task is closed.
///
/// ```
/// use workbeat::CompletionClient;
/// use workbeat::service::{ActivityService, TaskToken};
///
/// /// What a web application does when the person has clicked.
/// async fn clicked(
///     service: impl ActivityService,
///     stored_token: &str,
///     approved: bool,
/// ) -> Result<(), Box<dyn std::error::Error>> {
///     let token: TaskToken = serde_json::from_str(stored_token)?;
///     CompletionClient::new(service).complete(&token, &approved).await?;
///     Ok(())
/// }
/// ```
///
/// Clients are cheap to clone.
///
/// # Cancel safety
///
/// Each method makes its calls for as long as its future is polled. If it is dropped, the call
/// under way may or may not be applied, and none follows. Calling again is safe: the service
/// takes one outcome, and a second is answered with [`CompletionErrorKind::Closed`].
#[derive(Clone)]
#[must_use]
pub struct CompletionClient {
    service: Arc<dyn ActivityService>,
    codec: Option<Arc<dyn Codec>>,
    patience: Option<Duration>,
}

impl CompletionClient {
    /// A client of `service`.
    pub fn new(service: impl ActivityService) -> Self {
        Self {
            service: Arc::new(service),
            codec: None,
            patience: None,
        }
    }

    /// Gives up when the service has said nothing final for this long, with
    /// [`CompletionErrorKind::NoAnswer`]. A call that is under way then is still waited for, 10 s
    /// at most. By default it tries for as long as it is polled.
    pub fn give_up_after(mut self, patience: Duration) -> Self {
        self.patience = Some(bounded(patience));
        self
    }

    /// Encodes results, failures and the details of cancellations with this
    /// [codec](crate::codec): the one of the worker that handed the tasks on. The default is JSON
    /// as it is.
    pub fn codec(mut self, codec: impl Codec) -> Self {
        self.codec = Some(Arc::new(codec));
        self
    }

    /// Says that the task is alive, with progress as JSON, and brings back whether its
    /// cancellation was requested.
    ///
    /// Progress that serializes to `null`, as `()` and `None` do, is none. Progress over the
    /// service's limit is replaced by a small JSON object that says so. To a service whose heartbeats
    /// [carry no details](crate::service::ServiceCapabilities::heartbeat_details) none is given.
    ///
    /// # Errors
    ///
    /// [`CompletionError`]: [`Closed`](CompletionErrorKind::Closed) says that nobody waits for
    /// the task any more.
    pub fn heartbeat<T: Serialize + ?Sized>(
        &self,
        token: &TaskToken,
        progress: &T,
    ) -> impl Future<Output = Result<HeartbeatAnswer, CompletionError>> + Send {
        let limit = self.limits().heartbeat_details;
        let details = encode(progress).map(|json| {
            let mut kept = Progress::default();
            if json != "null" {
                kept.json(json, limit);
            }
            kept.details().map(str::to_owned)
        });
        async move { self.beat(token, details?.as_deref()).await }
    }

    /// The same, with progress in plain text, which is cut to what the service takes.
    ///
    /// # Errors
    ///
    /// As for [`heartbeat`](Self::heartbeat).
    pub async fn heartbeat_text(
        &self,
        token: &TaskToken,
        progress: impl Into<String> + Send,
    ) -> Result<HeartbeatAnswer, CompletionError> {
        let mut kept = Progress::default();
        kept.text(progress.into(), self.limits().heartbeat_details);
        self.beat(token, kept.details()).await
    }

    /// Heartbeats every `interval`, the first time at once, while `work` runs to its end, and
    /// gives what it made.
    ///
    /// `work` is given a token that fires when the task's cancellation is requested or the
    /// service says that the task is closed. It is not interrupted: it may clean up, or not
    /// look. Heartbeats that fail are tried again, and those that are refused are logged.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use workbeat::completion::{CompletionClient, CompletionError};
    /// # use workbeat::service::TaskToken;
    /// # async fn render(scene: &str) -> u32 { scene.len() as u32 }
    /// async fn finish(client: &CompletionClient, token: &TaskToken) -> Result<(), CompletionError> {
    ///     let interval = Duration::from_secs(10);
    ///     let frames = client
    ///         .keep_alive(token, interval, async |stop| {
    ///             stop.run_until_cancelled(render("lake")).await
    ///         })
    ///         .await;
    ///     match frames {
    ///         Some(frames) => client.complete(token, &frames).await,
    ///         None => client.cancel(token, "stopped half way").await,
    ///     }
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, `work` is dropped and the heartbeats end.
    pub async fn keep_alive<T>(
        &self,
        token: &TaskToken,
        interval: Duration,
        work: impl AsyncFnOnce(CancellationToken) -> T,
    ) -> T {
        let stop = CancellationToken::new();
        let mut work = pin!(work(stop.clone()));
        tokio::select! {
            biased;
            made = &mut work => return made,
            () = self.beat_until_closed(token, bounded(interval), &stop) => {}
        }
        work.await
    }

    /// Ends the task as completed, with `result` as JSON.
    ///
    /// # Errors
    ///
    /// [`CompletionError`]. A result over the service's limit is not sent:
    /// [`CompletionErrorKind::TooLarge`]. One that the [codec](Self::codec) cannot encode, or
    /// panics at, is not sent either: [`CompletionErrorKind::NotSerializable`]. The task is then
    /// still open.
    pub fn complete<T: Serialize + ?Sized>(
        &self,
        token: &TaskToken,
        result: &T,
    ) -> impl Future<Output = Result<(), CompletionError>> + Send {
        let result = encode(result);
        async move {
            let result = Some(result?);
            self.offer(token, Outcome::Completed { result }).await
        }
    }

    /// Ends the task as completed, with a result in plain text or with none.
    ///
    /// # Errors
    ///
    /// As for [`complete`](Self::complete).
    pub async fn complete_text(
        &self,
        token: &TaskToken,
        result: Option<String>,
    ) -> Result<(), CompletionError> {
        self.offer(token, Outcome::Completed { result }).await
    }

    /// Ends the task as an activity does that returns this error: as failed, for most.
    ///
    /// One that says [canceled](ActivityError::canceled) acknowledges a cancellation, and for
    /// one that says [handed on](ActivityError::handed_on) nothing is sent. Reason and details
    /// that are too long are cut at a character boundary, with a marker.
    ///
    /// ```
    /// # use workbeat::ActivityError;
    /// # use workbeat::completion::{CompletionClient, CompletionError};
    /// # use workbeat::service::TaskToken;
    /// # async fn example(client: CompletionClient, token: TaskToken) -> Result<(), CompletionError> {
    /// let error = ActivityError::failed("REJECTED").with_details("over the budget");
    /// client.fail(&token, error).await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`CompletionError`].
    pub fn fail(
        &self,
        token: &TaskToken,
        error: impl Into<ActivityError>,
    ) -> impl Future<Output = Result<(), CompletionError>> + Send {
        let (kind, reason, details) = error.into().into_parts();
        let outcome = match kind {
            ActivityErrorKind::Failed => Some(Outcome::Failed {
                reason: reason.unwrap_or_default(),
                details,
            }),
            ActivityErrorKind::Canceled => Some(Outcome::Canceled { details }),
            ActivityErrorKind::HandedOn => None,
        };
        async move {
            match outcome {
                Some(outcome) => self.offer(token, outcome).await,
                None => Ok(()),
            }
        }
    }

    /// Ends the task as canceled. Do this only after a heartbeat said that the cancellation was
    /// [requested](HeartbeatAnswer::cancel_requested). Empty details are none.
    ///
    /// # Errors
    ///
    /// [`CompletionError`].
    pub async fn cancel(
        &self,
        token: &TaskToken,
        details: impl Into<String> + Send,
    ) -> Result<(), CompletionError> {
        self.fail(token, ActivityError::canceled(details)).await
    }

    fn limits(&self) -> ServiceLimits {
        asked(|| self.service.limits()).unwrap_or_default()
    }

    async fn offer(&self, token: &TaskToken, outcome: Outcome) -> Result<(), CompletionError> {
        let limits = self.limits();
        let codec = self.codec.as_deref();
        let outcome = match (codec, outcome) {
            (
                Some(codec),
                Outcome::Completed {
                    result: Some(result),
                },
            ) => {
                let result = Some(encode_result(codec, result)?);
                Outcome::Completed { result }
            }
            (_, outcome) => outcome,
        };
        if let Outcome::Completed {
            result: Some(result),
        } = &outcome
            && let Some(TooLong {
                length,
                limit,
                unit,
            }) = limits.result_over(result)
        {
            let message = format!(
                "the result has {length} {unit}, the service takes {limit}; store it elsewhere and give back where"
            );
            return Err(CompletionError::new(CompletionErrorKind::TooLarge, message));
        }
        let outcome = fit_encoded(codec, outcome, &limits);
        let mut attempts = Attempts::new(self.patience, outcome.as_str());
        let offering = async {
            loop {
                let (tries, random) = (&mut attempts.tries, &attempts.random);
                let tried = tries.offer(&*self.service, token, &outcome, random).await;
                if let Some(ended) = attempts.ended(tried).await {
                    return ended;
                }
            }
        };
        span(token).around(offering).await
    }

    async fn beat(
        &self,
        token: &TaskToken,
        details: Option<&str>,
    ) -> Result<HeartbeatAnswer, CompletionError> {
        let carries = || asked(|| self.service.capabilities()).unwrap_or_default();
        let details = details.filter(|_| carries().heartbeat_details);
        let mut attempts = Attempts::new(self.patience, HEARTBEAT);
        let beating = async {
            loop {
                let call = async { self.service.heartbeat(token, details).await };
                let tried = attempts.tries.attempt(call, &attempts.random).await;
                if let Some(ended) = attempts.ended(tried).await {
                    return ended;
                }
            }
        };
        span(token).around(beating).await
    }

    async fn beat_until_closed(
        &self,
        token: &TaskToken,
        interval: Duration,
        stop: &CancellationToken,
    ) {
        loop {
            let sent = Instant::now();
            match self.beat(token, None).await {
                Ok(answer) if answer.cancel_requested => stop.cancel(),
                Ok(_) => {}
                Err(error) if error.kind() == CompletionErrorKind::Closed => return stop.cancel(),
                Err(error) => {
                    warn!(task_token = ?token, %error, "the heartbeat was not accepted; the work goes on");
                }
            }
            sleep_until(sent + interval).await;
        }
    }
}

impl fmt::Debug for CompletionClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompletionClient")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

fn encode<T: Serialize + ?Sized>(value: &T) -> Result<String, CompletionError> {
    serde_json::to_string(value).map_err(|error| {
        let message = format!("a {} does not serialize", std::any::type_name::<T>());
        CompletionError::new(CompletionErrorKind::NotSerializable, message).with_source(error)
    })
}

/// Encodes a result for the wire. A panic of the codec is an error of the call.
fn encode_result(codec: &dyn Codec, json: String) -> Result<String, CompletionError> {
    let kind = CompletionErrorKind::NotSerializable;
    match catch_unwind(AssertUnwindSafe(|| codec.encode_result(json))) {
        Ok(encoded) => encoded.map_err(|error| {
            CompletionError::new(kind, "the codec cannot encode the result").with_source(error)
        }),
        Err(panic) => {
            let said = message(panic);
            let message = format!("the codec panicked at the result: {said}");
            Err(CompletionError::new(kind, message))
        }
    }
}

fn span(token: &TaskToken) -> WalledSpan {
    // At the level of what is said in it.
    WalledSpan::new(|| tracing::warn_span!("completion", task_token = ?token))
}
