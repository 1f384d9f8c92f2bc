//! Calls that go wrong on purpose, as the real aws-sdk-swf sees them.

#![allow(clippy::unwrap_used, reason = "a helper of a test may unwrap too")]

use std::time::Duration;

use aws_sdk_swf::Client;
use aws_sdk_swf::config::retry::RetryConfig;
use aws_sdk_swf::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_swf::operation::register_domain::RegisterDomainError;
use aws_sdk_swf::types::TaskList;
use tokio::time::Instant;
use workbeat_server::{Faults, LocalServer};
use workbeat_tests::{sdk_client, sdk_config};

type Registered = Result<(), SdkError<RegisterDomainError>>;

async fn register(client: &Client, name: &str) -> Registered {
    let register = client.register_domain().name(name);
    let register = register.workflow_execution_retention_period_in_days("1");
    register.send().await.map(|_| ())
}

fn exists(registered: Registered) -> bool {
    registered.is_err_and(|error| {
        error
            .as_service_error()
            .is_some_and(RegisterDomainError::is_domain_already_exists_fault)
    })
}

async fn start(faults: &str) -> (LocalServer, Client) {
    let options = LocalServer::builder().faults(faults.parse().unwrap());
    let server = options.start().await.unwrap();
    let client = sdk_client(&server.url());
    (server, client)
}

#[tokio::test]
async fn a_throttled_call_is_not_applied() {
    let (server, client) = start("throttle=1").await;
    let error = register(&client, "tests").await.unwrap_err();
    assert_eq!(error.code(), Some("ThrottlingException"));
    assert_eq!(error.message(), Some("Rate exceeded"));
    server.set_faults(Faults::default());
    register(&client, "tests").await.unwrap();
}

#[tokio::test]
async fn a_call_that_finds_the_service_unavailable_is_not_applied() {
    let (server, client) = start("unavailable=1").await;
    for _ in 0..10 {
        let error = register(&client, "tests").await.unwrap_err();
        let status = error.raw_response().unwrap().status().as_u16();
        assert!([500, 503].contains(&status), "{status}");
    }
    server.set_faults(Faults::default());
    register(&client, "tests").await.unwrap();
}

#[tokio::test]
async fn a_call_whose_answer_is_lost_was_applied() {
    let (server, client) = start("lost-answer=1").await;
    let error = register(&client, "tests").await.unwrap_err();
    assert!(error.raw_response().is_none(), "{error:?}");
    server.set_faults(Faults::default());
    assert!(exists(register(&client, "tests").await));
}

#[tokio::test]
async fn every_answer_is_late_by_the_latency() {
    let (server, client) = start("latency=60ms").await;
    let began = Instant::now();
    register(&client, "tests").await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert!(exists(register(&client, "tests").await));
    assert!(began.elapsed() >= Duration::from_millis(120));
    drop(server);
}

#[tokio::test]
async fn the_sdk_gets_over_faults_that_come_now_and_then() {
    let faults = "throttle=0.2,unavailable=0.2,lost-answer=0.1";
    let options = LocalServer::builder().faults(faults.parse().unwrap());
    let server = options.seed(7).start().await.unwrap();
    let retry = RetryConfig::standard()
        .with_max_attempts(10)
        .with_initial_backoff(Duration::from_millis(1));
    let config = sdk_config(&server.url(), "us-east-1").retry_config(retry);
    let client = Client::from_conf(config.build());
    for n in 0..20 {
        let registered = register(&client, &format!("domain-{n}")).await;
        // A retry after a lost answer finds what the lost call did.
        assert!(registered.is_ok() || exists(registered));
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let faults = "throttle=0.3,unavailable=0.3".parse().unwrap();
        let options = LocalServer::builder().faults(faults).seed(11);
        let server = options.start().await.unwrap();
        let client = sdk_client(&server.url());
        let mut codes = Vec::new();
        for _ in 0..20 {
            let list = client
                .list_domains()
                .registration_status("REGISTERED".into());
            let error = list.send().await.err();
            codes.push(error.and_then(|error| error.code().map(str::to_owned)));
        }
        seen.push(codes);
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0].contains(&Some("ThrottlingException".to_owned())));
}

#[tokio::test]
async fn faults_do_not_hit_the_servers_own_endpoints() {
    let (server, client) = start("throttle=1").await;
    server.advance(Duration::from_secs(60)).await.unwrap();
    server.reset().await.unwrap();
    assert!(register(&client, "tests").await.is_err());
}

#[tokio::test]
async fn what_is_denied_is_not_permitted_until_it_is_allowed() {
    let server = LocalServer::builder()
        .deny("CountPendingActivityTasks:video".parse().unwrap())
        .start()
        .await
        .unwrap();
    let client = sdk_client(&server.url());
    register(&client, "tests").await.unwrap();
    let count = |list: &str| {
        let list = TaskList::builder().name(list).build().unwrap();
        let count = client.count_pending_activity_tasks().domain("tests");
        count.task_list(list).send()
    };
    let error = count("video").await.unwrap_err().into_service_error();
    assert!(error.is_operation_not_permitted_fault(), "{error:?}");
    let message = error.message().unwrap();
    assert!(
        message.contains("swf:CountPendingActivityTasks"),
        "{message}"
    );
    count("audio").await.unwrap();

    server.deny("CountPendingActivityTasks".parse().unwrap());
    assert!(count("audio").await.is_err());
    assert!(server.allow(&"CountPendingActivityTasks".parse().unwrap()));
    assert!(server.allow(&"CountPendingActivityTasks:video".parse().unwrap()));
    count("video").await.unwrap();
}
