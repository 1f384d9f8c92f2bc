//! An HTTP client that has one answer for everything, and what an error must be whatever the
//! answer is.

use std::error::Error;

use aws_sdk_swf::Client;
use aws_sdk_swf::config::http::HttpResponse;
use aws_sdk_swf::config::retry::RetryConfig;
use aws_sdk_swf::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use workbeat::service::{
    ActivityService, ActivityTask, ActivityType, ActivityTypeRegistration, PollRequest,
    ServiceError, ServiceErrorKind, TaskToken, WorkflowExecution,
};
use workbeat_swf::{SwfService, Timeouts};

pub(crate) const TOKEN: &str = "s3cr3t-t0k3n-that-nobody-may-see";
pub(crate) const PAYLOAD: &str = "s3cr3t-payl0ad-that-nobody-may-see";

/// What becomes of every request.
#[derive(Clone, Debug)]
pub(crate) enum Canned {
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    TimedOut,
    Lost(String),
    NotMade(String),
}

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(match self.clone() {
            Self::Answer {
                status,
                headers,
                body,
            } => match status.try_into() {
                Ok(status) => {
                    let mut answer = HttpResponse::new(status, SdkBody::from(body));
                    for (name, value) in headers {
                        // What no HTTP client would let through is left out here too.
                        let _ = answer.headers_mut().try_append(name, value);
                    }
                    Ok(answer)
                }
                Err(error) => Err(ConnectorError::other(Box::new(error), None)),
            },
            Self::TimedOut => Err(ConnectorError::timeout("out of time".into())),
            Self::Lost(why) => Err(ConnectorError::io(why.into())),
            Self::NotMade(why) => Err(ConnectorError::user(why.into())),
        })
    }
}

fn service(canned: Canned, timeouts: Timeouts) -> SwfService {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .retry_config(RetryConfig::disabled())
        .http_client(http_client_fn(move |_, _| {
            SharedHttpConnector::new(canned.clone())
        }));
    SwfService::builder(Client::from_conf(config.build()), "media")
        .timeouts(timeouts)
        .build()
}

/// Makes every call of the adapter, and checks every error that comes of it.
pub(crate) async fn check(canned: &Canned) {
    let service_with = |timeouts| service(canned.clone(), timeouts);
    let service = service_with(Timeouts::FromType);
    let (token, payload) = (TaskToken::new(TOKEN), Some(PAYLOAD));
    let beat = service.heartbeat(&token, payload).await;
    check_error(canned, beat.err(), true);
    let ended = service.complete(&token, payload).await;
    check_error(canned, ended.err(), true);
    let ended = service.fail(&token, payload, payload).await;
    check_error(canned, ended.err(), true);
    let ended = service.cancel(&token, payload).await;
    check_error(canned, ended.err(), true);
    let polled = service.poll(PollRequest::new("video", "tests")).await;
    check_error(canned, polled.err(), false);
    let pack = ActivityType::new("pack", "1.0");
    let registration = ActivityTypeRegistration::new(pack.clone());
    let registered = service.register(&registration).await;
    check_error(canned, registered.err(), false);
    let workflow = WorkflowExecution::new("flow", "run");
    let task = ActivityTask::new(token, "a", pack, workflow, 5);
    check_error(canned, service.timeouts(&task).await.err(), false);
    let service = service_with(Timeouts::FromHistory);
    check_error(canned, service.timeouts(&task).await.err(), false);
}

/// Whatever the answer is: the error is of a kind that fits, says something that a person reads
/// in a line, and shows nothing that was the user's.
fn check_error(canned: &Canned, error: Option<ServiceError>, of_a_task: bool) {
    let Some(error) = error else { return };
    let levels = std::iter::successors(Some(&error as &dyn Error), |&error| error.source());
    let shown: Vec<String> = levels.map(ToString::to_string).collect();
    let shown = shown.join(": ");
    assert!(!error.message().is_empty());
    assert!(shown.chars().count() < 4_096, "{} bytes", shown.len());
    assert!(!shown.contains(char::is_control), "{shown:?}");
    match canned {
        Canned::Answer {
            status,
            headers,
            body,
        } => {
            // What IAM says is passed on, and it speaks of names alone.
            let iam = String::from_utf8_lossy(body).contains("User: ");
            let quoted = !of_a_task || (iam && error.kind() == ServiceErrorKind::NotPermitted);
            let debugged = format!("{error:?}");
            for secret in [TOKEN, PAYLOAD] {
                assert!(quoted || !shown.contains(secret), "{shown}");
                assert!(quoted || !debugged.contains(secret), "{debugged}");
            }
            let named = headers.iter().any(|(name, _)| name == "x-amzn-errortype");
            if (500..).contains(status) && body.is_empty() && !named {
                assert_eq!(error.kind(), ServiceErrorKind::Unavailable, "{shown}");
            }
        }
        Canned::TimedOut | Canned::Lost(_) => {
            assert_eq!(error.kind(), ServiceErrorKind::Unavailable, "{shown}");
            assert!(!of_a_task || error.is_ambiguous(), "{shown}");
        }
        Canned::NotMade(_) => assert!(!error.is_ambiguous(), "{shown}"),
    }
}
