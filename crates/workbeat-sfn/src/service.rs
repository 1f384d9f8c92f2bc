//! AWS Step Functions as the worker's service.

use std::fmt;
use std::sync::Arc;

use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::Builder;
use serde::de::IgnoredAny;
use workbeat::ActivityService;
use workbeat::service::{
    ActivityTask, HeartbeatAnswer, PollRequest, ServiceCapabilities, ServiceError,
    ServiceErrorKind, ServiceLimits, TaskToken, async_trait,
};

use crate::activities::Activities;
use crate::arn::{LONGEST_NAME, worker_name};
use crate::errors::error;
use crate::failure::{CANCELED, Failure, LONGEST_DETAILS, LONGEST_ERROR, failure};
use crate::operation::Operation;
use crate::{SfnServiceBuilder, calls, poll};

/// The largest result, in bytes of UTF-8.
const LARGEST_RESULT: usize = 262_144;

/// What a task without a result gives: Step Functions takes JSON and nothing else.
const NO_RESULT: &str = "null";

/// Activities of AWS Step Functions, as the service of a worker.
///
/// Cheap to clone: clones share the client, its connections, and what was learned.
///
/// ```no_run
/// use workbeat::prelude::*;
/// use workbeat_sfn::SfnService;
///
/// # async fn transcode(video: String) -> Result<String, ActivityError> { Ok(video) }
/// # async fn example(client: aws_sdk_sfn::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let service = SfnService::builder(client).create_activities().build();
/// let worker = Worker::builder(service)
///     .task_list("transcode")
///     .activity_fn("transcode", "1.0", transcode)
///     .build()?;
/// worker.run().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SfnService {
    inner: Arc<Inner>,
}

struct Inner {
    poll_client: Client,
    /// For outcomes, and for finding activities.
    client: Client,
    heartbeat_client: Client,
    heartbeat: Operation,
    activities: Activities,
    for_beats: Builder,
}

impl SfnService {
    /// The activities that can be reached through `client`, as they are: each is looked up by its
    /// name.
    ///
    /// Everything about the client is yours: credentials, region, retries, interceptors. Only a
    /// poll is made as a long poll must be: one request, with a read timeout of 75 s, no retry
    /// by the SDK, and no other timeout; and a heartbeat is not retried by the SDK, because the
    /// worker's [budget](workbeat::HeartbeatBudget) must see when it is throttled.
    pub fn new(client: Client) -> Self {
        Self::builder(client).build()
    }

    /// Begins to build a service with other settings.
    pub fn builder(client: Client) -> SfnServiceBuilder {
        SfnServiceBuilder::new(client)
    }

    pub(crate) fn new_from(builder: SfnServiceBuilder) -> Self {
        let activities = Activities::new(&builder);
        let SfnServiceBuilder {
            client,
            heartbeat_client,
            poll_read_timeout,
            call_timeout,
            ..
        } = builder;
        let shared = calls::shared(&client);
        let client = calls::for_others(&shared, call_timeout);
        let (heartbeat_client, heartbeat) = match heartbeat_client {
            Some(own) => (
                calls::for_others(&calls::shared(&own), call_timeout),
                Operation::HeartbeatElsewhere,
            ),
            None => (client.clone(), Operation::Heartbeat),
        };
        Self {
            inner: Arc::new(Inner {
                poll_client: calls::for_polls(&shared, poll_read_timeout),
                client,
                heartbeat_client,
                heartbeat,
                activities,
                for_beats: calls::for_beats(),
            }),
        }
    }
}

impl Inner {
    async fn send_failure(&self, token: &TaskToken, failure: Failure) -> Result<(), ServiceError> {
        let call = self
            .client
            .send_task_failure()
            .task_token(token.expose())
            .set_error(failure.error)
            .set_cause(failure.cause);
        let answer = call.send().await;
        answer.map_err(|failed| error(Operation::Fail, None, &failed))?;
        Ok(())
    }
}

/// The result as Step Functions takes it. What it would refuse is refused here, in words that help.
fn output(result: Option<&str>) -> Result<&str, ServiceError> {
    let Some(result) = result else {
        return Ok(NO_RESULT);
    };
    let invalid = |message: String| ServiceError::new(ServiceErrorKind::Invalid, message);
    if result.len() > LARGEST_RESULT {
        let bytes = result.len();
        return Err(invalid(format!(
            "the result has {bytes} bytes, the limit is {LARGEST_RESULT}; store it elsewhere and give back where"
        )));
    }
    serde_json::from_str::<IgnoredAny>(result).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        invalid(format!(
            "the result is no JSON at line {line} column {column}, and Step Functions takes nothing else; let the worker's codec write JSON, a text in quotes for instance"
        ))
    })?;
    Ok(result)
}

#[async_trait]
impl ActivityService for SfnService {
    /// Waits for one task, up to 60 s. [`withdraw`](PollRequest::withdraw) ends it for as long as the
    /// activity is still being found out, and is ignored then: Step Functions may hand a task to a
    /// poll whose client went away.
    async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        let inner = &*self.inner;
        let found = inner.activities.of(&inner.client, &request.task_list);
        let Some(activity) = request.withdraw.run_until_cancelled(found).await else {
            return Ok(None);
        };
        let activity = activity?;
        let call = inner
            .poll_client
            .get_activity_task()
            .activity_arn(&activity.arn)
            .set_worker_name(worker_name(&request.identity));
        match call.send().await {
            Ok(answer) => Ok(poll::task(answer, &activity.activity_type)),
            Err(failed) => Err(error(Operation::Poll, Some(&activity.arn), &failed)),
        }
    }

    /// Says that a task is alive; a heartbeat carries no details here.
    async fn heartbeat(
        &self,
        token: &TaskToken,
        _details: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        let inner = &*self.inner;
        let call = inner
            .heartbeat_client
            .send_task_heartbeat()
            .task_token(token.expose())
            .customize()
            .config_override(inner.for_beats.clone());
        match call.send().await {
            Ok(_) => Ok(HeartbeatAnswer::new(false)),
            Err(failed) => Err(error(inner.heartbeat, None, &failed)),
        }
    }

    async fn complete(&self, token: &TaskToken, result: Option<&str>) -> Result<(), ServiceError> {
        let call = self
            .inner
            .client
            .send_task_success()
            .task_token(token.expose())
            .output(output(result)?);
        let answer = call.send().await;
        answer.map_err(|failed| error(Operation::Succeed, None, &failed))?;
        Ok(())
    }

    async fn fail(
        &self,
        token: &TaskToken,
        reason: Option<&str>,
        details: Option<&str>,
    ) -> Result<(), ServiceError> {
        let failure = failure(reason, details);
        self.inner.send_failure(token, failure).await
    }

    /// Fails the task with the error [`CANCELED`]: no task can end as canceled here.
    async fn cancel(&self, token: &TaskToken, details: Option<&str>) -> Result<(), ServiceError> {
        let failure = failure(Some(CANCELED), details);
        self.inner.send_failure(token, failure).await
    }

    fn name(&self) -> &str {
        "AWS Step Functions"
    }

    fn limits(&self) -> ServiceLimits {
        ServiceLimits::default()
            .result(LARGEST_RESULT)
            .result_bytes(LARGEST_RESULT)
            .reason(LONGEST_ERROR)
            .details(LONGEST_DETAILS)
            .identity(LONGEST_NAME)
    }

    fn capabilities(&self) -> ServiceCapabilities {
        ServiceCapabilities::default()
            .heartbeat_details(false)
            .cancel_requests(false)
    }
}

impl fmt::Debug for SfnService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SfnService")
            .field("activities", &self.inner.activities)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_json_and_without_one_it_is_null() {
        assert_eq!(output(None).unwrap(), "null");
        for json in ["42", "\"text\"", "{\"a\": [1, null]}", " 1 "] {
            assert_eq!(output(Some(json)).unwrap(), json);
        }
        for text in ["", "text", "{\"a\": 1", "1 2"] {
            let error = output(Some(text)).unwrap_err();
            assert_eq!(error.kind(), ServiceErrorKind::Invalid);
            assert!(error.message().contains("no JSON at line"), "{error}");
        }
    }

    #[test]
    fn a_result_over_the_limit_in_bytes_is_not_sent() {
        let fits = format!("\"{}\"", "ü".repeat(131_071));
        assert_eq!(fits.len(), 262_144);
        assert!(output(Some(&fits)).is_ok());
        let error = output(Some(&format!("{fits} "))).unwrap_err();
        assert!(error.message().contains("262145 bytes"), "{error}");
    }
}
