//! Whatever answers at the endpoint, the adapter makes an error of it that a person can use, and
//! shows nothing that was the user's.

use std::error::Error;

use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::http::HttpResponse;
use aws_sdk_sfn::config::retry::RetryConfig;
use aws_sdk_sfn::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use proptest::prelude::*;
use workbeat::service::{ActivityService, PollRequest, ServiceError, ServiceErrorKind, TaskToken};
use workbeat_sfn::SfnService;

const TOKEN: &str = "s3cr3t-t0k3n-that-nobody-may-see";
const PAYLOAD: &str = "\"s3cr3t-payl0ad-that-nobody-may-see\"";

/// What becomes of every request: an answer with this status and body, or none.
#[derive(Clone, Debug)]
struct Canned(Option<(u16, Vec<u8>)>);

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(match self.0.clone() {
            Some((status, body)) => match status.try_into() {
                Ok(status) => Ok(HttpResponse::new(status, SdkBody::from(body))),
                Err(error) => Err(ConnectorError::other(Box::new(error), None)),
            },
            None => Err(ConnectorError::io("lost".into())),
        })
    }
}

fn client(canned: &Canned) -> Client {
    let canned = canned.clone();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .retry_config(RetryConfig::disabled())
        .http_client(http_client_fn(move |_, _| {
            SharedHttpConnector::new(canned.clone())
        }));
    Client::from_conf(config.build())
}

/// Makes every call of the adapter, and checks every error that comes of it.
async fn check(canned: &Canned) {
    let service = SfnService::new(client(canned));
    let token = TaskToken::new(TOKEN);
    let beat = service.heartbeat(&token, None).await;
    check_error(canned, beat.err(), true);
    let ended = service.complete(&token, Some(PAYLOAD)).await;
    check_error(canned, ended.err(), true);
    let ended = service.fail(&token, Some(PAYLOAD), Some(PAYLOAD)).await;
    check_error(canned, ended.err(), true);
    let ended = service.cancel(&token, Some(PAYLOAD)).await;
    check_error(canned, ended.err(), true);
    for service in [
        service,
        SfnService::builder(client(canned))
            .create_activities()
            .build(),
        SfnService::builder(client(canned)).account("1").build(),
    ] {
        let polled = service.poll(PollRequest::new("pack", "tests")).await;
        check_error(canned, polled.err(), false);
    }
}

fn check_error(canned: &Canned, error: Option<ServiceError>, of_a_task: bool) {
    let Some(error) = error else { return };
    let levels = std::iter::successors(Some(&error as &dyn Error), |&error| error.source());
    let shown: Vec<String> = levels.map(ToString::to_string).collect();
    let shown = shown.join(": ");
    assert!(!error.message().is_empty());
    assert!(shown.chars().count() < 4_096, "{} bytes", shown.len());
    assert!(!shown.contains(char::is_control), "{shown:?}");
    let Some((_, body)) = &canned.0 else {
        assert_eq!(error.kind(), ServiceErrorKind::Unavailable, "{shown}");
        return;
    };
    // What IAM says is passed on, and it speaks of names alone.
    let iam = String::from_utf8_lossy(body).contains("User: ");
    if of_a_task && !(iam && error.kind() == ServiceErrorKind::NotPermitted) {
        let debugged = format!("{error:?}");
        for secret in [TOKEN, PAYLOAD.trim_matches('"')] {
            assert!(!shown.contains(secret), "{shown}");
            assert!(!debugged.contains(secret), "{debugged}");
        }
    }
}

/// An error's name that means something to the adapter, or not.
fn code() -> impl Strategy<Value = String> {
    let known = [
        "TaskTimedOut",
        "TaskDoesNotExist",
        "InvalidToken",
        "InvalidOutput",
        "InvalidArn",
        "ActivityDoesNotExist",
        "ActivityAlreadyExists",
        "ActivityWorkerLimitExceeded",
        "KmsAccessDeniedException",
        "ThrottlingException",
        "AccessDeniedException",
        "ValidationException",
        "ServiceUnavailable",
    ];
    let known = prop::sample::select(known.to_vec()).prop_map(str::to_owned);
    prop_oneof![6 => known, 1 => ".{0,40}"]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let forms = [
        "@".to_owned(),
        "Invalid Token: '@'".to_owned(),
        "1 validation error detected: Value '@' at 'taskToken' failed to satisfy constraint: Member must have length less than or equal to 2048".to_owned(),
        "\r\n@\u{0}\u{85}".to_owned(),
    ];
    let message = (prop::sample::select(forms.to_vec()), 1..200_usize);
    let message = message.prop_map(|(form, times)| form.replace('@', TOKEN).repeat(times));
    let error = (code(), message.clone()).prop_map(|(code, message)| {
        serde_json::json!({"__type": code, "message": message})
            .to_string()
            .into_bytes()
    });
    let answer = message.prop_map(|text| {
        serde_json::json!({
            "taskToken": text, "input": text, "activityArn": text, "creationDate": 1,
            "activities": [{"activityArn": text, "name": "pack", "creationDate": 1}],
        })
        .to_string()
        .into_bytes()
    });
    prop_oneof![
        6 => error,
        2 => answer,
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => Just(Vec::new()),
        1 => Just(br#"{"activities": [], "nextToken": "more"}"#.to_vec()),
        1 => Just(format!("{}{TOKEN}", "[".repeat(10_000)).into_bytes()),
    ]
}

fn canned() -> impl Strategy<Value = Canned> {
    let known = prop::sample::select(vec![200_u16, 400, 401, 403, 404, 413, 429, 500, 503]);
    let status = prop_oneof![4 => known, 1 => 100..=999_u16];
    let answer = (status, body()).prop_map(|answer| Canned(Some(answer)));
    prop_oneof![30 => answer, 1 => Just(Canned(None))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_answers_the_error_is_short_of_a_fitting_kind_and_keeps_secrets(canned in canned()) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(check(&canned));
    }
}
