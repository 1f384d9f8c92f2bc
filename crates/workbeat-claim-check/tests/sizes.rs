//! What is stored and what is sent as it is, around each limit.

use std::time::Duration;

use tokio::time::timeout;
use workbeat::prelude::*;
use workbeat_claim_check::{ClaimCheck, ObjectStorePayloads, Payloads, Reference};
use workbeat_local::{ActivityOutcome, LocalService, StartActivity};

fn payloads() -> Payloads {
    Payloads::new(ObjectStorePayloads::in_memory())
}

/// What a decider sees of an activity that gives this text as its result, as it is.
async fn outcome(
    service: ClaimCheck<LocalService>,
    local: &LocalService,
    text: &str,
) -> ActivityOutcome {
    let text = text.to_owned();
    let give = move |_: Option<String>, _: ActivityContext| {
        let text = text.clone();
        async move { Ok::<_, ActivityError>(Some(text)) }
    };
    let worker = Worker::builder(service).task_list("list");
    let worker = worker.max_concurrent_polls(1).untyped_activity_fn(give);
    let worker = worker.build().expect("a worker");
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    let start = StartActivity::new("give", "1.0").task_list("list");
    let activity = local.start(start).expect("it starts");
    let ended = timeout(Duration::from_secs(100_000), activity.outcome()).await;
    handle.drain();
    assert!(
        running
            .await
            .expect("no panic")
            .expect("it runs")
            .is_clean()
    );
    ended.expect("it must end")
}

#[tokio::test(start_paused = true)]
async fn a_result_is_stored_from_the_first_character_that_the_service_would_not_take() {
    let (payloads, local) = (payloads(), LocalService::new());
    for (text, is_stored) in [
        (String::new(), false),
        ("x".repeat(32_768), false),
        ("x".repeat(32_769), true),
        ("ü".repeat(32_768), false),
        ("ü".repeat(32_769), true),
        ("🦀".repeat(16_384), false),
        ("🦀".repeat(16_384) + "x", true),
    ] {
        let service = ClaimCheck::new(local.clone(), payloads.clone());
        let outcome = outcome(service, &local, &text).await;
        let sent = outcome.raw_result().expect("a result");
        let reference = Reference::read(sent).expect("no bad one");
        assert_eq!(reference.is_some(), is_stored, "{} bytes", text.len());
        assert_eq!(payloads.resolve(sent).await.expect("it is there"), text);
    }
}

#[tokio::test(start_paused = true)]
async fn over_nothing_everything_but_nothing_is_stored() {
    let (payloads, local) = (payloads(), LocalService::new());
    for (text, is_stored) in [("", false), ("1", true)] {
        let service = ClaimCheck::new(local.clone(), payloads.clone()).over(0);
        let outcome = outcome(service, &local, text).await;
        let sent = outcome.raw_result().expect("a result");
        assert_eq!(
            Reference::read(sent).expect("no bad one").is_some(),
            is_stored
        );
        assert_eq!(payloads.resolve(sent).await.expect("it is there"), text);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_for_the_store_and_not_for_the_service_is_sent_as_it_is() {
    let (payloads, local) = (payloads().largest(2_000), LocalService::new());
    for (length, is_stored) in [(1_000, false), (1_500, true), (2_000, true), (2_001, false)] {
        let text = "x".repeat(length);
        let service = ClaimCheck::new(local.clone(), payloads.clone()).over(1_000);
        let outcome = outcome(service, &local, &text).await;
        let sent = outcome.raw_result().expect("it is no failure");
        assert_eq!(sent != text, is_stored, "{length}");
    }
}

#[tokio::test]
async fn a_long_name_of_the_store_makes_no_reference_that_cannot_be_read() {
    for name in [
        "🦀".repeat(300),
        "\"\u{1}".repeat(300),
        "s3://media".to_owned(),
    ] {
        let payloads = payloads().named(&name);
        let reference = payloads.store("[1]").await.expect("it is stored");
        let text = reference.to_text();
        let resolved = payloads.resolve(&text).await;
        assert_eq!(resolved.expect("it is there"), "[1]");
    }
}
