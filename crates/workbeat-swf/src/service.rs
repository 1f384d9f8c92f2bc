//! Amazon SWF as the worker's service.

use std::fmt;
use std::sync::Arc;

use aws_sdk_swf::Client;
use aws_sdk_swf::config::Builder;
use aws_sdk_swf::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use tokio::sync::OnceCell;
use workbeat::ActivityService;
use workbeat::service::{
    ActivityTask, ActivityTypeRegistration, HeartbeatAnswer, PollRequest, PreviousAttempt,
    ServiceCapabilities, ServiceError, ServiceErrorKind, ServiceLimits, TaskTimeouts, TaskToken,
    async_trait,
};

use crate::errors::Call;
use crate::operation::Operation;
use crate::timeouts::TypeTimeouts;
use crate::{Retention, SwfServiceBuilder, Timeouts, calls, poll};

/// A domain of Amazon SWF, as the service of a worker.
///
/// Cheap to clone: clones share the client, its connections, and what was learned.
///
/// ```no_run
/// use workbeat::prelude::*;
/// use workbeat_swf::SwfService;
///
/// # async fn transcode(video: String) -> Result<String, ActivityError> { Ok(video) }
/// # async fn example(client: aws_sdk_swf::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let service = SwfService::new(client, "media");
/// let worker = Worker::builder(service)
///     .task_list("video")
///     .activity_fn("transcode", "1.0", transcode)
///     .build()?;
/// worker.run().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SwfService {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    poll_client: Client,
    /// For outcomes, and for what is registered.
    pub(crate) client: Client,
    /// For heartbeats, and for what is asked beside them.
    pub(crate) heartbeat_client: Client,
    pub(crate) domain: String,
    pub(crate) retention: Option<Retention>,
    pub(crate) domain_registered: OnceCell<()>,
    pub(crate) timeouts: Timeouts,
    pub(crate) type_timeouts: TypeTimeouts,
    for_beats: Builder,
}

impl SwfService {
    /// The domain `domain`, through `client`.
    ///
    /// Everything about the client is yours: credentials, region, retries, interceptors. Only a
    /// poll is made as a long poll must be: one request, with a read timeout of 75 s, no retry
    /// by the SDK, and no other timeout; and a heartbeat is not retried by the SDK, because the
    /// worker's [budget](workbeat::HeartbeatBudget) must see when it is throttled.
    pub fn new(client: Client, domain: impl Into<String>) -> Self {
        Self::builder(client, domain).build()
    }

    /// Begins to build a service with other settings.
    pub fn builder(client: Client, domain: impl Into<String>) -> SwfServiceBuilder {
        SwfServiceBuilder::new(client, domain.into())
    }

    pub(crate) fn new_from(builder: SwfServiceBuilder) -> Self {
        let SwfServiceBuilder {
            client,
            heartbeat_client,
            domain,
            retention,
            timeouts,
            poll_read_timeout,
            call_timeout,
        } = builder;
        let shared = calls::shared(&client);
        let client = calls::for_others(&shared, call_timeout);
        let heartbeat_client = match heartbeat_client {
            Some(own) => calls::for_others(&calls::shared(&own), call_timeout),
            None => client.clone(),
        };
        Self {
            inner: Arc::new(Inner {
                poll_client: calls::for_polls(&shared, poll_read_timeout),
                client,
                heartbeat_client,
                domain,
                retention,
                domain_registered: OnceCell::new(),
                timeouts,
                type_timeouts: TypeTimeouts::default(),
                for_beats: calls::for_beats(),
            }),
        }
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.inner.domain
    }
}

impl Inner {
    /// Turns an error of the SDK into the port's.
    pub(crate) fn error<E>(
        &self,
        operation: Operation,
        subject: Option<&str>,
        error: &SdkError<E, HttpResponse>,
    ) -> ServiceError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let call = Call {
            operation,
            domain: &self.domain,
            subject,
        };
        workbeat_aws::service_error(&call, error)
    }
}

/// A request that lacks a member. The adapter sets them all.
pub(crate) fn incomplete(error: BuildError) -> ServiceError {
    ServiceError::new(ServiceErrorKind::Invalid, "the request is incomplete").with_source(error)
}

#[async_trait]
impl ActivityService for SwfService {
    /// Waits for one task, up to 60 s. [`withdraw`](PollRequest::withdraw) is ignored: Amazon
    /// SWF may hand a task to a poll whose client went away.
    async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        let inner = &*self.inner;
        inner.register_domain().await?;
        let call = inner
            .poll_client
            .poll_for_activity_task()
            .domain(&inner.domain)
            .task_list(poll::task_list(&request.task_list)?)
            .identity(&*request.identity);
        match call.send().await {
            Ok(answer) => Ok(poll::task(answer)),
            Err(error) => Err(inner.error(Operation::Poll, Some(&request.task_list), &error)),
        }
    }

    async fn heartbeat(
        &self,
        token: &TaskToken,
        details: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        let inner = &*self.inner;
        let call = inner
            .heartbeat_client
            .record_activity_task_heartbeat()
            .task_token(token.expose())
            .set_details(details.map(str::to_owned))
            .customize()
            .config_override(inner.for_beats.clone());
        match call.send().await {
            Ok(answer) => Ok(HeartbeatAnswer::new(answer.cancel_requested)),
            Err(error) => Err(inner.error(Operation::Heartbeat, None, &error)),
        }
    }

    async fn complete(&self, token: &TaskToken, result: Option<&str>) -> Result<(), ServiceError> {
        let inner = &*self.inner;
        let call = inner
            .client
            .respond_activity_task_completed()
            .task_token(token.expose())
            .set_result(result.map(str::to_owned));
        let answer = call.send().await;
        answer.map_err(|error| inner.error(Operation::Complete, None, &error))?;
        Ok(())
    }

    async fn fail(
        &self,
        token: &TaskToken,
        reason: Option<&str>,
        details: Option<&str>,
    ) -> Result<(), ServiceError> {
        let inner = &*self.inner;
        let call = inner
            .client
            .respond_activity_task_failed()
            .task_token(token.expose())
            .set_reason(reason.map(str::to_owned))
            .set_details(details.map(str::to_owned));
        let answer = call.send().await;
        answer.map_err(|error| inner.error(Operation::Fail, None, &error))?;
        Ok(())
    }

    async fn cancel(&self, token: &TaskToken, details: Option<&str>) -> Result<(), ServiceError> {
        let inner = &*self.inner;
        let call = inner
            .client
            .respond_activity_task_canceled()
            .task_token(token.expose())
            .set_details(details.map(str::to_owned));
        let answer = call.send().await;
        answer.map_err(|error| inner.error(Operation::Cancel, None, &error))?;
        Ok(())
    }

    async fn timeouts(&self, task: &ActivityTask) -> Result<TaskTimeouts, ServiceError> {
        match self.inner.timeouts {
            Timeouts::Declared => Ok(TaskTimeouts::default()),
            Timeouts::FromHistory => self.inner.timeouts_from_history(task).await,
            Timeouts::FromType => self.inner.timeouts_from_type(&task.activity_type).await,
        }
    }

    async fn previous_attempt(
        &self,
        task: &ActivityTask,
    ) -> Result<Option<PreviousAttempt>, ServiceError> {
        self.inner.previous_attempt_of(task).await
    }

    async fn register(&self, registration: &ActivityTypeRegistration) -> Result<(), ServiceError> {
        self.inner.register_domain().await?;
        self.inner.register_type(registration).await
    }

    fn name(&self) -> &str {
        "Amazon SWF"
    }

    fn limits(&self) -> ServiceLimits {
        ServiceLimits::SWF
    }

    fn capabilities(&self) -> ServiceCapabilities {
        ServiceCapabilities::default()
            .task_timeouts(self.inner.timeouts != Timeouts::Declared)
            .previous_attempts(true)
    }
}

impl fmt::Debug for SwfService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SwfService")
            .field("domain", &self.inner.domain)
            .field("timeouts", &self.inner.timeouts)
            .finish_non_exhaustive()
    }
}
