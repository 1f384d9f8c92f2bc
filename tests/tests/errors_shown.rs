//! A `main` that returns an error prints its `Debug`: one line, what it and its sources say.

use std::error::Error;

use workbeat::CompletionClient;
use workbeat::prelude::*;
use workbeat::service::{ServiceError, ServiceErrorKind, TaskToken};
use workbeat_local::{LocalService, StartActivity};
use workbeat_server::LocalServer;
use workbeat_tests::{Fault, Operation, Stage, run};

/// What a person sees when `main` returns `error`.
fn shown(error: impl Into<Box<dyn Error>>) -> String {
    let shown = format!("{:?}", error.into());
    assert_eq!(shown.lines().count(), 1, "{shown}");
    shown
}

async fn nothing() -> Result<(), ActivityError> {
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_cannot_start_says_what_to_mend_and_why() {
    let stage = Stage::new();
    let invalid = Fault::Error(ServiceErrorKind::Invalid);
    stage.service.says("there is no\n domain");
    stage.service.always(Operation::Register, invalid);
    let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
    let error = worker.outcome().await.unwrap_err();
    let said = format!("{error}: invalid: there is no  domain");
    assert_eq!(shown(error), said);
}

#[test]
fn a_mistake_in_the_settings_is_shown_in_its_own_words() {
    let error = Worker::builder(LocalService::new()).build().unwrap_err();
    let said = error.to_string();
    assert_eq!(shown(error), said);
}

#[test]
fn a_service_error_is_shown_with_what_lies_below_each_level_once() {
    let reset = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let error = ServiceError::new(ServiceErrorKind::Unavailable, "the answer was lost")
        .with_source(reset())
        .ambiguous();
    let said = format!("{error}: {}", reset());
    assert_eq!(shown(error), said);

    let text = reset().to_string();
    let error = ServiceError::new(ServiceErrorKind::Unavailable, text).with_source(reset());
    let said = error.to_string();
    assert_eq!(shown(error), said);
}

#[tokio::test(start_paused = true)]
async fn a_completion_that_is_not_accepted_is_shown_with_the_services_words() {
    let stage = Stage::new();
    let denied = Fault::Error(ServiceErrorKind::NotPermitted);
    stage.service.always(Operation::Complete, denied);
    let client = CompletionClient::new(stage.service.clone());
    let token = TaskToken::new("a token");
    let error = client.complete(&token, &true).await.unwrap_err();
    let said = format!("{error}: not permitted: injected");
    assert_eq!(shown(error), said);
}

#[tokio::test]
async fn a_server_that_cannot_start_is_shown_with_what_the_system_says() {
    let first = LocalServer::builder().start().await.unwrap();
    let second = LocalServer::builder().listen(first.local_addr().into());
    let error = second.start().await.unwrap_err();
    let below = error.source().expect("the system's word").to_string();
    let said = format!("{error}: {below}");
    assert_eq!(shown(error), said);
    first.stop().await;
}

#[test]
fn an_activity_that_cannot_be_started_is_shown_with_the_engines_words() {
    let service = LocalService::new();
    let long = StartActivity::new("pack", "1.0").workflow_id("w".repeat(300));
    let error = service.start(long).unwrap_err();
    let below = error.source().expect("the fault").to_string();
    let said = format!("{error}: {below}");
    assert_eq!(shown(error), said);
}
