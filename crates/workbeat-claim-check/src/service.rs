//! A service whose payloads may be of any size.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::{debug, warn};
use workbeat::ActivityService;
use workbeat::service::{
    ActivityTask, ActivityTypeRegistration, HeartbeatAnswer, PollRequest, PreviousAttempt,
    ProgressEnvelope, ServiceCapabilities, ServiceError, ServiceErrorKind, ServiceLimits,
    TaskTimeouts, TaskToken, async_trait,
};

use crate::counts::{Counters, Counts, count};
use crate::error::PayloadErrorKind;
use crate::payloads::{Payloads, ROOM, characters};
use crate::progress::{Carried, Progress};
use crate::reference::Reference;

/// How long an outcome waits for its payload to be stored before the worker is told to ask again:
/// meanwhile no heartbeat goes out for the task.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest progress that is stored, in characters. A heartbeat copies it, between the heartbeats
/// of other tasks.
const LARGEST_PROGRESS: usize = 256 * 1024;

/// A service around another, which stores what is too large for that one and sends a
/// [`Reference`] in its place.
///
/// Give it to a worker, or to a [`CompletionClient`](workbeat::CompletionClient), in the place of the
/// service:
///
/// ```
/// use workbeat::prelude::*;
/// use workbeat_claim_check::{ClaimCheck, ObjectStorePayloads, Payloads};
/// use workbeat_local::{LocalService, StartActivity};
///
/// #[activity(version = "1.0", heartbeat_timeout = "30s")]
/// async fn repeat(word: String) -> Result<String, ActivityError> {
///     Ok(word.repeat(20_000)) // Amazon SWF takes 32,768 characters
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let payloads = Payloads::new(ObjectStorePayloads::in_memory());
/// let service = LocalService::new();
/// let worker = Worker::builder(ClaimCheck::new(service.clone(), payloads.clone()))
///     .task_list("words")
///     .activity(Repeat)
///     .build()?;
/// # let handle = worker.handle();
/// # tokio::spawn(worker.run());
///
/// // The decider's side:
/// let start = StartActivity::of(&Repeat, &"beat".to_owned())?.task_list("words");
/// let outcome = service.start(start)?.outcome().await;
/// let reference = outcome.raw_result().unwrap_or_default();
/// assert!(reference.starts_with(r#"{"workbeat.claim-check":1,"sha256":""#));
/// let result: String = serde_json::from_str(&payloads.resolve(reference).await?)?;
/// assert_eq!(result.len(), 80_000);
/// # handle.drain();
/// # Ok(())
/// # }
/// ```
///
/// # What is stored
///
/// | | when |
/// |---|---|
/// | a result, the details of a failure or a cancellation | longer than the service takes, or than [`over`](Self::over) says |
/// | progress | the same; up to 262,144 characters |
/// | any of them | it would be taken for a reference by whoever reads it |
/// | an input | never by a worker: whoever starts the activity stores it, with [`Payloads::store`] |
/// | a reason | never |
///
/// # What is fetched
///
/// An input that is a reference, when the activity begins: its heartbeats go on meanwhile and a
/// cancellation is heard. What the store may give later is asked for again; a bad reference, a
/// payload that is missing or corrupt fails the task with
/// [`FailureCode::InputUnavailable`](workbeat::FailureCode::InputUnavailable). And what an earlier
/// attempt left, if the activity asks for its
/// [previous progress](workbeat::ActivityContext::previous_progress).
///
/// # When the store is down
///
/// No heartbeat waits for it, at any time: large progress is stored in the background, and until it is
/// there heartbeats carry what was stored before it, or what the last one carried if that is newer. So
/// it reaches the service with the next heartbeat after it was stored, one interval late as a rule,
/// and what is reported last before a worker is killed may be missing. An outcome waits, as for a
/// service that is down, while the task's heartbeats go on.
///
/// Clones share everything.
#[derive(Clone)]
#[must_use]
pub struct ClaimCheck<S> {
    inner: S,
    payloads: Payloads,
    over: usize,
    progress: Arc<Progress>,
    counters: Arc<Counters>,
}

impl<S: ActivityService> ClaimCheck<S> {
    /// Around `inner`, with payloads in this store.
    pub fn new(inner: S, payloads: Payloads) -> Self {
        Self {
            inner,
            payloads,
            over: usize::MAX,
            progress: Arc::new(Progress::new()),
            counters: Arc::new(Counters::default()),
        }
    }

    /// Stores what is longer than so many characters (UTF-16 units), also where the service would take
    /// it. The default is to store only what it would not. Below 1,024 a reference can be longer than
    /// what it stands for.
    pub fn over(mut self, characters: usize) -> Self {
        self.over = characters;
        self
    }

    /// What it did so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counters.counts()
    }

    /// Whether a text is to be stored where the service takes `limit` characters. What the service
    /// takes and the store would not is sent as it is.
    fn is_over(&self, text: &str, limit: usize) -> bool {
        let most = self.over.min(limit);
        let must =
            |length: usize| length > most && (length > limit || length <= self.payloads.most());
        (text.len() > most && must(characters(text))) || Reference::is_mistakable(text)
    }

    /// Stores a text, and gives the reference to it. If that takes a while, the worker is told to ask
    /// again.
    async fn store(&self, text: &str) -> Result<Reference, ServiceError> {
        let reference = self.payloads.reference(text).await?;
        let stored = self.payloads.upload(&reference, text, Some(PATIENCE));
        if stored.await? {
            return Ok(reference);
        }
        let message = "the payload is still on its way into the store";
        Err(ServiceError::new(ServiceErrorKind::Unavailable, message))
    }

    /// Whether a result must be stored: a service can count its bytes too.
    fn is_result_over(&self, result: &str, limits: &ServiceLimits) -> bool {
        result.len() > limits.result_bytes || self.is_over(result, limits.result)
    }

    /// What is sent in the place of the payload of an outcome, and what that refers to.
    async fn outgoing<'a>(
        &self,
        text: Option<&'a str>,
        over: bool,
    ) -> Result<Outgoing<'a>, ServiceError> {
        match text {
            Some(text) if over => Ok(Outgoing::refers(self.store(text).await?)),
            text => Ok(Outgoing {
                text: text.map(Cow::Borrowed),
                refers: Vec::new(),
            }),
        }
    }

    /// The same for the details of a failure. Of an envelope with progress only the progress is
    /// stored, if that is enough: the decider can read the rest. The reader follows what looks like a
    /// reference in an envelope, so such progress is stored whatever its size.
    async fn outgoing_details<'a>(
        &self,
        details: Option<&'a str>,
        limit: usize,
    ) -> Result<Outgoing<'a>, ServiceError> {
        let over = details.is_some_and(|details| self.is_over(details, limit));
        let Some(mut envelope) = details.and_then(ProgressEnvelope::read) else {
            return self.outgoing(details, over).await;
        };
        let large = over && envelope.progress.len() > ROOM;
        if !large && !Reference::is_mistakable(&envelope.progress) {
            return self.outgoing(details, over).await;
        }
        let reference = self.store(&envelope.progress).await?;
        envelope.progress = reference.to_text();
        let text = envelope.to_text();
        let mut refers = vec![reference];
        let text = if self.is_over(&text, limit) {
            let whole = self.store(&text).await?;
            let text = whole.to_text();
            refers.push(whole);
            text
        } else {
            text
        };
        let text = Some(text.into());
        Ok(Outgoing { text, refers })
    }

    /// What a heartbeat carries: never what is not stored yet, and never an error. The task must live.
    fn carries(&self, token: &TaskToken, details: Option<&str>) -> Option<Carried> {
        let limit = self.inner.limits().heartbeat_details;
        let Some(details) = details.filter(|details| self.is_over(details, limit)) else {
            self.progress.small(token);
            return details.map(|details| Carried {
                text: details.into(),
                reference: None,
            });
        };
        let (carried, late) = self.progress.large(&self.payloads, token, details);
        if late {
            count(&self.counters.progress_late);
            debug!(
                "the progress is not stored yet; the heartbeat carries what was stored last, or what the last one did"
            );
        }
        carried
    }

    /// Takes note of what became of an outcome.
    fn ended(
        &self,
        token: &TaskToken,
        refers: &[Reference],
        again: bool,
        answer: &Result<(), ServiceError>,
    ) {
        let unused = |references: &[Reference], why| {
            for reference in references {
                self.unused(reference, why);
            }
        };
        let error = match answer {
            Ok(()) => {
                for _ in refers {
                    count(&self.counters.referred);
                }
                let mut progress = self.progress.ends(token);
                progress.retain(|last| refers.iter().all(|other| other.digest != last.digest));
                return unused(&progress, "its task has ended");
            }
            Err(error) => error,
        };
        // What may have been applied may be in the history.
        let again = again || error.is_ambiguous();
        match error.kind() {
            ServiceErrorKind::TaskClosed
            | ServiceErrorKind::WorkflowClosed
            | ServiceErrorKind::UnknownResource => {
                // Its progress may be what the next attempt goes on with.
                self.progress.ends(token);
                if !again {
                    unused(refers, "the task is closed");
                }
            }
            kind if !again => {
                self.progress.refused(token);
                if kind == ServiceErrorKind::Invalid {
                    unused(refers, "the service rejected it");
                }
            }
            _ => {}
        }
    }

    fn unused(&self, reference: &Reference, why: &'static str) {
        count(&self.counters.unused);
        debug!(digest = %reference.digest, size = reference.size, why, "a task does not use a stored payload any more; others may");
    }

    /// What an earlier attempt left, which may be stored. What is not in the store any more will not
    /// come back, and what is corrupt will not heal: an attempt that insisted on it would fail for ever.
    async fn left(&self, text: String) -> Result<Option<String>, ServiceError> {
        match self.payloads.resolve(&text).await {
            Ok(Cow::Owned(fetched)) => {
                count(&self.counters.fetched);
                Ok(Some(fetched))
            }
            Ok(Cow::Borrowed(_)) => Ok(Some(text)),
            Err(error) => match error.kind() {
                PayloadErrorKind::Missing => {
                    warn!(%error, "what the attempt before left is gone from the store, and progress in it if there was any");
                    Ok(None)
                }
                PayloadErrorKind::Corrupt => {
                    warn!(%error, "what the attempt before left is corrupt in the store, and is taken for gone, with progress in it if there was any");
                    Ok(None)
                }
                _ => Err(error.into()),
            },
        }
    }

    async fn resolved(&self, text: &str) -> Result<Option<String>, ServiceError> {
        match self.payloads.resolve(text).await? {
            Cow::Borrowed(_) => Ok(None),
            Cow::Owned(fetched) => {
                count(&self.counters.fetched);
                Ok(Some(fetched))
            }
        }
    }
}

/// What is sent.
struct Outgoing<'a> {
    text: Option<Cow<'a, str>>,
    refers: Vec<Reference>,
}

impl Outgoing<'_> {
    fn refers(reference: Reference) -> Self {
        Self {
            text: Some(reference.to_text().into()),
            refers: vec![reference],
        }
    }
}

#[async_trait]
impl<S: ActivityService> ActivityService for ClaimCheck<S> {
    async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        self.inner.poll(request).await
    }

    async fn heartbeat(
        &self,
        token: &TaskToken,
        details: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        let carried = self.carries(token, details);
        let before = self.progress.sends(token, carried.clone());
        let text = carried.as_ref().map(|carried| &*carried.text);
        let answer = self.inner.heartbeat(token, text).await;
        match &answer {
            Ok(_) => {
                let (new, replaced) = self.progress.accepted(token, carried.as_ref());
                if new {
                    count(&self.counters.referred);
                }
                if let Some(replaced) = replaced {
                    self.unused(&replaced, "newer progress took its place");
                }
            }
            Err(error) if error.kind() == ServiceErrorKind::Invalid => {
                self.progress.rejected(token, before);
            }
            Err(_) => {}
        }
        answer
    }

    async fn complete(&self, token: &TaskToken, result: Option<&str>) -> Result<(), ServiceError> {
        let limits = self.inner.limits();
        let over = result.is_some_and(|result| self.is_result_over(result, &limits));
        let outgoing = self.outgoing(result, over).await?;
        let again = self.progress.offers(token);
        let answer = self.inner.complete(token, outgoing.text.as_deref()).await;
        self.ended(token, &outgoing.refers, again, &answer);
        answer
    }

    async fn fail(
        &self,
        token: &TaskToken,
        reason: Option<&str>,
        details: Option<&str>,
    ) -> Result<(), ServiceError> {
        let limit = self.inner.limits().details;
        let outgoing = self.outgoing_details(details, limit).await?;
        let again = self.progress.offers(token);
        let answer = self
            .inner
            .fail(token, reason, outgoing.text.as_deref())
            .await;
        self.ended(token, &outgoing.refers, again, &answer);
        answer
    }

    async fn cancel(&self, token: &TaskToken, details: Option<&str>) -> Result<(), ServiceError> {
        let limit = self.inner.limits().details;
        let over = details.is_some_and(|details| self.is_over(details, limit));
        let outgoing = self.outgoing(details, over).await?;
        let again = self.progress.offers(token);
        let answer = self.inner.cancel(token, outgoing.text.as_deref()).await;
        self.ended(token, &outgoing.refers, again, &answer);
        answer
    }

    async fn timeouts(&self, task: &ActivityTask) -> Result<TaskTimeouts, ServiceError> {
        self.inner.timeouts(task).await
    }

    async fn fetch_input(
        &self,
        _: &ActivityTask,
        input: &str,
    ) -> Result<Option<String>, ServiceError> {
        self.resolved(input).await
    }

    async fn previous_attempt(
        &self,
        task: &ActivityTask,
    ) -> Result<Option<PreviousAttempt>, ServiceError> {
        Ok(match self.inner.previous_attempt(task).await? {
            Some(PreviousAttempt::TimedOut(Some(details))) => {
                Some(PreviousAttempt::TimedOut(self.left(details).await?))
            }
            Some(PreviousAttempt::Failed(Some(details))) => {
                let details = self.left(details).await?;
                let envelope = details.as_deref().and_then(ProgressEnvelope::read);
                let Some(mut envelope) = envelope else {
                    return Ok(Some(PreviousAttempt::Failed(details)));
                };
                let details = match self.left(envelope.progress).await? {
                    Some(progress) => {
                        envelope.progress = progress;
                        Some(envelope.to_text())
                    }
                    None => envelope.details,
                };
                Some(PreviousAttempt::Failed(details))
            }
            other => other,
        })
    }

    async fn register(&self, registration: &ActivityTypeRegistration) -> Result<(), ServiceError> {
        self.inner.register(registration).await
    }

    fn name(&self) -> &str {
        self.inner.name()
    }

    /// Those of the service within, but that payloads may be as long as the store takes. Where the
    /// service has no room for a reference, its limit stays.
    fn limits(&self) -> ServiceLimits {
        let inner = self.inner.limits();
        let larger = |limit: usize, most: usize| {
            if limit < ROOM { limit } else { limit.max(most) }
        };
        let most = self.payloads.most();
        inner
            .heartbeat_details(larger(inner.heartbeat_details, most.min(LARGEST_PROGRESS)))
            .result(larger(inner.result, most))
            .result_bytes(larger(inner.result_bytes, usize::MAX))
            .details(larger(inner.details, most))
    }

    fn capabilities(&self) -> ServiceCapabilities {
        self.inner.capabilities().stored_inputs(true)
    }
}

impl<S: fmt::Debug> fmt::Debug for ClaimCheck<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimCheck")
            .field("inner", &self.inner)
            .field("payloads", &self.payloads)
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}
