//! What the adapter for Amazon SWF sends, and what it makes of the answers: case 7 and others.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_sdk_swf::Client;
use aws_sdk_swf::config::retry::RetryConfig;
use aws_sdk_swf::config::timeout::TimeoutConfig;
use aws_sdk_swf::config::{BehaviorVersion, Credentials, Region};
use tokio::time::{Instant, timeout};
use workbeat::ActivityService;
use workbeat::service::{PollRequest, ServiceError, ServiceErrorKind, TaskToken};
use workbeat_swf::SwfService;
use workbeat_tests::{DOMAIN, Reply, Wire, millis, sdk_config};

const SOON: Duration = Duration::from_secs(120);
const POLL: &str = "PollForActivityTask";
const BEAT: &str = "RecordActivityTaskHeartbeat";
const COMPLETE: &str = "RespondActivityTaskCompleted";

/// What Amazon SWF says when there was no task.
const EMPTY: &str = r#"{"previousStartedEventId":0,"startedEventId":0}"#;

/// A client that tries three times.
fn stubborn(wire: &Wire) -> aws_sdk_swf::config::Builder {
    let retries = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(millis(1));
    sdk_config(wire.url(), "us-east-1").retry_config(retries)
}

/// The same, and it gives each call a fifth of a second.
fn impatient(wire: &Wire) -> Client {
    let timeouts = TimeoutConfig::builder()
        .read_timeout(millis(150))
        .operation_attempt_timeout(millis(150))
        .operation_timeout(millis(200));
    let config = stubborn(wire).timeout_config(timeouts.build());
    Client::from_conf(config.build())
}

fn patient(wire: &Wire) -> SwfService {
    let config = sdk_config(wire.url(), "us-east-1");
    SwfService::new(Client::from_conf(config.build()), DOMAIN)
}

fn request() -> PollRequest {
    PollRequest::new("video", "me")
}

fn token() -> TaskToken {
    TaskToken::new("a-token-that-nobody-may-see")
}

#[tokio::test]
async fn case_07_one_poll_is_one_request_that_no_timeout_of_the_client_cuts_short() {
    let wire = Wire::start(|_| Reply::After(millis(1_500), 200, EMPTY.to_owned())).await;
    let service = SwfService::new(impatient(&wire), DOMAIN);
    let began = Instant::now();
    let polled = timeout(SOON, service.poll(request())).await.unwrap();
    assert!(polled.unwrap().is_none());
    assert!(began.elapsed() >= millis(1_500), "it was cut short");
    assert_eq!(wire.count(POLL), 1);
    let sent = &wire.requests(POLL)[0].body;
    assert_eq!(sent["domain"], DOMAIN);
    assert_eq!(sent["taskList"]["name"], "video");
    assert_eq!(sent["identity"], "me");
}

#[tokio::test]
async fn case_07_a_poll_that_fails_is_not_sent_again_by_the_sdk() {
    let answers = [
        Reply::fault(500, "InternalFailure", ""),
        Reply::fault(400, "ThrottlingException", "Rate exceeded"),
        Reply::Close,
    ];
    for answer in answers {
        let wire = Wire::start(move |_| answer.clone()).await;
        let service = SwfService::new(impatient(&wire), DOMAIN);
        let error = timeout(SOON, service.poll(request())).await.unwrap();
        let error = error.unwrap_err();
        assert_eq!(wire.count(POLL), 1, "{error}");
    }
}

#[tokio::test]
async fn a_poll_that_is_withdrawn_is_waited_for_all_the_same() {
    let wire = Wire::start(|_| Reply::After(millis(300), 200, EMPTY.to_owned())).await;
    let request = request();
    request.withdraw.cancel();
    let began = Instant::now();
    assert!(patient(&wire).poll(request).await.unwrap().is_none());
    assert!(began.elapsed() >= millis(300));
}

#[tokio::test]
async fn case_01_an_empty_poll_is_known_by_its_token_alone() {
    let empty = r#"{"taskToken":"","activityId":"","startedEventId":0,"activityType":{"name":"","version":""},"workflowExecution":{"workflowId":"","runId":""}}"#;
    for body in [empty, EMPTY, "{}"] {
        let wire = Wire::start(move |_| Reply::ok(body)).await;
        assert!(patient(&wire).poll(request()).await.unwrap().is_none());
    }
    let task = r#"{"taskToken":"t","activityId":"1","startedEventId":6,"activityType":{"name":"a","version":"1"},"workflowExecution":{"workflowId":"w","runId":"r"},"input":""}"#;
    let wire = Wire::start(move |_| Reply::ok(task)).await;
    let task = patient(&wire).poll(request()).await.unwrap().unwrap();
    assert_eq!(task.token.expose(), "t");
    assert_eq!(task.input.as_deref(), Some(""), "absent is not empty");
}

#[tokio::test]
async fn other_calls_have_the_retries_and_the_timeout_of_the_client() {
    let wire = Wire::start(|_| Reply::fault(500, "InternalFailure", "")).await;
    let service = SwfService::new(Client::from_conf(stubborn(&wire).build()), DOMAIN);
    let error = service.complete(&token(), None).await.unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::Unavailable);
    assert!(error.is_ambiguous());
    assert_eq!(wire.count(COMPLETE), 3);

    let wire = Wire::start(|_| Reply::Hang).await;
    let service = SwfService::new(impatient(&wire), DOMAIN);
    // A machine that is slow may need more than one, until the time is enough to be heard.
    while wire.count(COMPLETE) == 0 {
        let ended = timeout(SOON, service.complete(&token(), Some("1"))).await;
        let error = ended.expect("the timeout of the client").unwrap_err();
        assert_eq!(error.kind(), ServiceErrorKind::Unavailable);
        assert!(error.is_ambiguous());
    }
}

#[tokio::test]
async fn case_50_a_heartbeat_is_not_sent_again_by_the_sdk_so_that_the_budget_sees_each_throttle() {
    let answers = [
        (400, "ThrottlingException", ServiceErrorKind::Throttled),
        (500, "InternalFailure", ServiceErrorKind::Unavailable),
    ];
    for (status, name, kind) in answers {
        let wire = Wire::start(move |_| Reply::fault(status, name, "Rate exceeded")).await;
        let service = SwfService::new(Client::from_conf(stubborn(&wire).build()), DOMAIN);
        let error = service.heartbeat(&token(), None).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(wire.count(BEAT), 1);
    }
}

#[tokio::test]
async fn a_call_timeout_of_the_service_holds_over_that_of_the_client() {
    let wire = Wire::start(|_| Reply::Hang).await;
    let config = sdk_config(wire.url(), "us-east-1");
    let service = SwfService::builder(Client::from_conf(config.build()), DOMAIN)
        .call_timeout(millis(100))
        .build();
    let error = timeout(SOON, service.heartbeat(&token(), Some("1"))).await;
    let error = error.expect("the call timeout").unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::Unavailable);
    assert!(error.is_ambiguous());
}

#[tokio::test]
async fn heartbeats_and_outcomes_go_out_whole() {
    let wire = Wire::start(|request| match request.operation.as_str() {
        BEAT => Reply::ok(r#"{"cancelRequested":true}"#),
        _ => Reply::ok(""),
    })
    .await;
    let service = patient(&wire);
    let answer = service.heartbeat(&token(), Some("[1]")).await.unwrap();
    assert!(answer.cancel_requested);
    service.heartbeat(&token(), None).await.unwrap();
    service.complete(&token(), Some("42")).await.unwrap();
    service.complete(&token(), None).await.unwrap();
    let (reason, details) = (Some("disk full"), Some("sda1"));
    service.fail(&token(), reason, details).await.unwrap();
    service.cancel(&token(), details).await.unwrap();
    let body = |operation: &str, at: usize| wire.requests(operation)[at].body.clone();
    let mut with = serde_json::json!({ "taskToken": token().expose() });
    assert_eq!(body(BEAT, 1), with);
    assert_eq!(body(COMPLETE, 1), with);
    with["details"] = "[1]".into();
    assert_eq!(body(BEAT, 0), with);
    with["details"] = "sda1".into();
    assert_eq!(body("RespondActivityTaskCanceled", 0), with);
    with["reason"] = "disk full".into();
    assert_eq!(body("RespondActivityTaskFailed", 0), with);
}

#[tokio::test]
async fn what_the_service_says_becomes_the_kind_that_the_worker_knows() {
    use ServiceErrorKind::{
        Invalid, LimitExceeded, NotPermitted, TaskClosed, Throttled, Unavailable, WorkflowClosed,
    };
    let model = |name: &str| format!("com.amazonaws.swf.base.model#{name}");
    let unknown = model("UnknownResourceFault");
    let table = [
        (
            unknown.clone(),
            "Unknown activity, scheduledEventId = 5",
            TaskClosed,
        ),
        (
            unknown,
            "Unknown execution: WorkflowExecution=[workflowId=w, runId=r]",
            WorkflowClosed,
        ),
        (model("OperationNotPermittedFault"), "no", NotPermitted),
        (model("LimitExceededFault"), "too many", LimitExceeded),
        (
            "com.amazon.coral.availability#ThrottlingException".to_owned(),
            "Rate exceeded",
            Throttled,
        ),
        (
            "com.amazon.coral.validate#ValidationException".to_owned(),
            "Value 'a-token-that-nobody-may-see' at 'taskToken' failed to satisfy constraint: Member must not be null",
            Invalid,
        ),
        (
            "com.amazon.coral.service#SerializationException".to_owned(),
            "a-token-that-nobody-may-see",
            Invalid,
        ),
        (
            "com.amazon.coral.service#ExpiredTokenException".to_owned(),
            "The security token included in the request is expired",
            NotPermitted,
        ),
        (
            "com.amazon.coral.service#UnrecognizedClientException".to_owned(),
            "The security token included in the request is invalid.",
            NotPermitted,
        ),
        (
            "com.amazon.coral.service#InternalFailure".to_owned(),
            "",
            Unavailable,
        ),
    ];
    for (code, message, kind) in table {
        let status = if kind == Unavailable { 500 } else { 400 };
        let reply = Reply::fault(status, &code, message);
        let wire = Wire::start(move |_| reply.clone()).await;
        let error = patient(&wire).heartbeat(&token(), Some("secret")).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), kind, "{code}: {error}");
        assert_eq!(error.is_ambiguous(), kind == Unavailable, "{code}: {error}");
        let all = format!("{error} {error:?}");
        assert!(!all.contains("nobody-may-see"), "{all}");
        let source = std::error::Error::source(&error)
            .expect("a source")
            .to_string();
        assert!(
            source.contains(&format!("HTTP status {status}")),
            "{source}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_way_to_the_service_is_said() {
    // Nobody listens there, and nobody else can.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = format!("http://{}", taken.local_addr().unwrap());
    let lost = Wire::start(|_| Reply::Close).await;
    let html = Wire::start(|_| Reply::Answer(502, "<html>".to_owned())).await;
    let proxy = Wire::start(|_| Reply::Answer(407, "who?".to_owned())).await;
    let nobody = Wire::start(|_| Reply::ok("{}")).await;
    let no_credentials = sdk_config(nobody.url(), "us-east-1").build().to_builder();
    let no_credentials = aws_sdk_swf::Config::builder()
        .behavior_version(aws_sdk_swf::config::BehaviorVersion::latest())
        .region(aws_sdk_swf::config::Region::new("us-east-1"))
        .endpoint_url(nobody.url())
        .retry_config(RetryConfig::disabled())
        .http_client(no_credentials.build().http_client().expect("there is one"));
    let table = [
        (
            sdk_config(&closed, "us-east-1"),
            ServiceErrorKind::Unavailable,
            false,
            "refused",
        ),
        (
            sdk_config(lost.url(), "us-east-1"),
            ServiceErrorKind::Unavailable,
            true,
            "lost",
        ),
        (
            sdk_config(html.url(), "us-east-1"),
            ServiceErrorKind::Unavailable,
            true,
            "502",
        ),
        (
            sdk_config(proxy.url(), "us-east-1"),
            ServiceErrorKind::NotPermitted,
            false,
            "proxy",
        ),
        (
            no_credentials,
            ServiceErrorKind::NotPermitted,
            false,
            "no credentials",
        ),
    ];
    for (config, kind, ambiguous, word) in table {
        let service = SwfService::new(Client::from_conf(config.build()), DOMAIN);
        let error = service.complete(&token(), Some("1")).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.is_ambiguous(), ambiguous, "{error}");
        assert!(error.message().contains(word), "`{word}`: {error}");
    }
    assert_eq!(nobody.count(COMPLETE), 0);
}

#[tokio::test]
async fn interceptors_of_the_client_see_every_call() {
    use aws_sdk_swf::config::interceptors::BeforeTransmitInterceptorContextRef;
    use aws_sdk_swf::config::{ConfigBag, Intercept, RuntimeComponents};
    use aws_sdk_swf::error::BoxError;

    #[derive(Clone, Debug, Default)]
    struct Count(Arc<AtomicUsize>);

    impl Intercept for Count {
        fn name(&self) -> &'static str {
            "Count"
        }

        fn read_before_transmit(
            &self,
            _: &BeforeTransmitInterceptorContextRef<'_>,
            _: &RuntimeComponents,
            _: &mut ConfigBag,
        ) -> Result<(), BoxError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    }

    let wire = Wire::start(|_| Reply::ok("{}")).await;
    let count = Count::default();
    let config = sdk_config(wire.url(), "us-east-1").interceptor(count.clone());
    let service = SwfService::new(Client::from_conf(config.build()), DOMAIN);
    service.poll(request()).await.unwrap();
    service.heartbeat(&token(), None).await.unwrap();
    service.complete(&token(), None).await.unwrap();
    assert_eq!(count.0.load(Ordering::SeqCst), 3);
}

/// Counts how often credentials were fetched.
fn counted_credentials(
    fetched: &Arc<AtomicUsize>,
) -> impl aws_sdk_swf::config::ProvideCredentials + use<> {
    let fetched = Arc::clone(fetched);
    provide_credentials_fn(move || {
        let fetched = Arc::clone(&fetched);
        async move {
            fetched.fetch_add(1, Ordering::SeqCst);
            Ok(Credentials::new("test", "test", None, None, "tests"))
        }
    })
}

async fn one_call_of_each(service: &SwfService) -> Result<(), ServiceError> {
    service.poll(request()).await?;
    service.heartbeat(&token(), None).await?;
    service.complete(&token(), None).await
}

#[tokio::test]
async fn polls_and_calls_share_the_credentials_that_the_client_has_fetched() {
    let wire = Wire::start(|_| Reply::ok("{}")).await;
    let fetched = Arc::default();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(wire.url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(counted_credentials(&fetched))
        .load()
        .await;
    let client = Client::new(&config);
    let beat = client.record_activity_task_heartbeat().task_token("t");
    beat.send().await.unwrap();
    let service = SwfService::new(client, DOMAIN);
    one_call_of_each(&service).await.unwrap();
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn polls_and_calls_share_credentials_if_the_client_brings_no_cache() {
    let wire = Wire::start(|_| Reply::ok("{}")).await;
    let fetched = Arc::default();
    let config = sdk_config(wire.url(), "us-east-1");
    let config = config.credentials_provider(counted_credentials(&fetched));
    let client = Client::from_conf(config.build());
    let service = SwfService::new(client, DOMAIN);
    one_call_of_each(&service).await.unwrap();
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
}
