//! How the adapter registers domain and types: cases 6, 45 and 46.

use std::time::Duration;

use aws_sdk_swf::types::{ActivityType, TaskList};
use tokio::time::timeout;
use tracing::Level;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::{RunError, RunErrorKind, WorkerBuilder};
use workbeat::{Backoff, activity_fn};
use workbeat_server::{Faults, LocalServer};
use workbeat_swf::{Retention, SwfService};
use workbeat_tests::{
    DOMAIN, Events, LIST, Reply, Spawned, SwfStage, Wire, millis, run, sdk_client, sdk_config,
    seconds,
};

const SOON: Duration = Duration::from_secs(300);

async fn pack() -> Result<(), ActivityError> {
    Ok(())
}

/// With an activity that declares defaults.
fn packs(worker: WorkerBuilder) -> WorkerBuilder {
    let options = ActivityOptions::new()
        .heartbeat_timeout(seconds(30))
        .start_to_close_timeout(seconds(3_600))
        .task_list(LIST)
        .description("Packs a folder.");
    worker.activity(activity_fn("pack", "1.0", pack).with_options(options))
}

async fn ready(worker: &Spawned) {
    let ready = timeout(SOON, worker.handle.ready()).await;
    assert!(ready.expect("it starts in time"), "it must start");
}

async fn refused(worker: WorkerBuilder) -> RunError {
    let ended = timeout(SOON, run(worker).outcome()).await;
    ended
        .expect("it ends in time")
        .expect_err("it must not start")
}

/// The service's own error, and its whole text.
fn cause(error: &RunError) -> String {
    std::error::Error::source(error)
        .expect("a source")
        .to_string()
}

#[tokio::test]
async fn the_types_are_registered_with_what_the_activities_declare() {
    let stage = SwfStage::new().await;
    let worker = run(packs(stage.worker()));
    ready(&worker).await;
    let packed = ActivityType::builder().name("pack").version("1.0");
    let described = stage.client.describe_activity_type().domain(DOMAIN);
    let described = described.activity_type(packed.build().unwrap());
    let described = described.send().await.unwrap();
    let about = described.type_info.unwrap();
    assert_eq!(about.description.as_deref(), Some("Packs a folder."));
    let defaults = described.configuration.unwrap();
    assert_eq!(defaults.default_task_heartbeat_timeout(), Some("30"));
    assert_eq!(defaults.default_task_start_to_close_timeout(), Some("3600"));
    assert_eq!(defaults.default_task_schedule_to_start_timeout(), None);
    assert_eq!(defaults.default_task_list.unwrap().name, LIST);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn case_45_a_type_that_is_there_is_a_success_and_each_default_that_drifted_is_warned_about() {
    let events = Events::capture();
    let stage = SwfStage::new().await;
    let register = stage.client.register_activity_type().domain(DOMAIN);
    register
        .name("pack")
        .version("1.0")
        .default_task_heartbeat_timeout("60")
        .default_task_schedule_to_start_timeout("5")
        .default_task_list(TaskList::builder().name(LIST).build().unwrap())
        .send()
        .await
        .unwrap();
    let worker = run(packs(stage.worker()));
    ready(&worker).await;
    let warned = events.matching(Level::WARN, "another default");
    let warned: Vec<_> = warned.iter().map(|event| event.text.as_str()).collect();
    assert_eq!(warned.len(), 2, "{warned:?}");
    assert!(warned[0].contains("heartbeat timeout"), "{warned:?}");
    assert!(
        warned[0].contains("30") && warned[0].contains("60"),
        "{warned:?}"
    );
    assert!(warned[1].contains("start-to-close"), "{warned:?}");
    assert!(warned[1].contains("nothing"), "{warned:?}");
    assert!(worker.drain().await.is_clean());

    // The same again: nothing has drifted from itself.
    let again = Events::capture();
    let other = packs(stage.worker().register_types(true));
    let worker = run(other);
    ready(&worker).await;
    assert_eq!(again.count(Level::WARN, "another default"), 2);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn case_45_without_drift_there_is_no_warning() {
    let stage = SwfStage::new().await;
    assert!(run(packs(stage.worker())).drain_when_ready().await);
    let events = Events::capture();
    assert!(run(packs(stage.worker())).drain_when_ready().await);
    assert_eq!(events.count(Level::WARN, ""), 0, "{:?}", events.all());
}

#[tokio::test]
async fn case_45_a_deprecated_type_is_an_error_that_says_what_to_do() {
    let stage = SwfStage::new().await;
    assert!(run(packs(stage.worker())).drain_when_ready().await);
    let packed = ActivityType::builder().name("pack").version("1.0");
    let deprecate = stage.client.deprecate_activity_type().domain(DOMAIN);
    let deprecate = deprecate.activity_type(packed.build().unwrap());
    deprecate.send().await.unwrap();
    let error = refused(packs(stage.worker())).await;
    assert!(matches!(error.kind(), RunErrorKind::Registration(_)));
    let cause = cause(&error);
    for word in ["pack 1.0", "deprecated", "undeprecate it", "new version"] {
        assert!(cause.contains(word), "`{word}`: {cause}");
    }
}

#[tokio::test]
async fn where_describing_is_not_allowed_an_existing_type_is_taken_as_it_is() {
    let stage = SwfStage::new().await;
    assert!(run(packs(stage.worker())).drain_when_ready().await);
    stage.server.deny("DescribeActivityType".parse().unwrap());
    let events = Events::capture();
    assert!(run(packs(stage.worker())).drain_when_ready().await);
    assert_eq!(events.count(Level::WARN, ""), 0, "{:?}", events.all());
    assert_eq!(
        events.count(Level::DEBUG, "`swf:DescribeActivityType` is not allowed"),
        1
    );
}

#[tokio::test]
async fn case_06_a_registration_that_is_not_permitted_says_what_to_allow() {
    let stage = SwfStage::new().await;
    stage.server.deny("RegisterActivityType".parse().unwrap());
    let error = refused(packs(stage.worker())).await;
    let cause = cause(&error);
    for word in [
        "`swf:RegisterActivityType`",
        "/domain/tests",
        "register_types(false)",
    ] {
        assert!(cause.contains(word), "`{word}`: {cause}");
    }
}

#[tokio::test]
async fn case_06_polls_that_are_not_permitted_say_what_to_allow_and_on_what() {
    let stage = SwfStage::new().await;
    let denial = format!("PollForActivityTask:{LIST}").parse();
    stage.server.deny(denial.unwrap());
    let error = refused(packs(stage.worker())).await;
    assert!(matches!(error.kind(), RunErrorKind::Poll { .. }));
    let cause = cause(&error);
    for word in [
        "`swf:PollForActivityTask`",
        "/domain/tests",
        "`swf:taskList.name`",
        LIST,
    ] {
        assert!(cause.contains(word), "`{word}`: {cause}");
    }
}

#[tokio::test]
async fn case_06_a_domain_that_is_not_there_is_named() {
    let stage = SwfStage::new().await;
    let service = SwfService::builder(sdk_client(&stage.server.url()), "nowhere");
    for register in [true, false] {
        let worker = SwfStage::worker_on(service.clone()).register_types(register);
        let cause = cause(&refused(packs(worker)).await);
        for word in ["no domain `nowhere`", "register_domain"] {
            assert!(cause.contains(word), "`{word}`: {cause}");
        }
    }
}

#[tokio::test]
async fn the_domain_is_registered_first_and_once_if_that_is_wanted() {
    let stage = SwfStage::new().await;
    let client = sdk_client(&stage.server.url());
    let service = SwfService::builder(client, "fresh").register_domain(Retention::days(3));
    assert!(
        run(packs(SwfStage::worker_on(service.clone())))
            .drain_when_ready()
            .await
    );
    let described = stage.client.describe_domain().name("fresh").send().await;
    let configuration = described.unwrap().configuration.unwrap();
    assert_eq!(
        configuration.workflow_execution_retention_period_in_days,
        "3"
    );
    // It is there already: no error, with and without types.
    for register in [true, false] {
        let worker = SwfStage::worker_on(service.clone()).register_types(register);
        assert!(run(packs(worker)).drain_when_ready().await);
    }

    stage.server.deny("RegisterDomain".parse().unwrap());
    let cause = cause(&refused(packs(SwfStage::worker_on(service))).await);
    for word in ["`swf:RegisterDomain`", "leave out `register_domain`"] {
        assert!(cause.contains(word), "`{word}`: {cause}");
    }
}

#[tokio::test]
async fn the_domain_is_registered_by_one_call_however_many_need_it() {
    let wire = Wire::start(|request| match request.operation.as_str() {
        "RegisterDomain" => Reply::After(millis(50), 200, String::new()),
        "PollForActivityTask" => Reply::After(millis(50), 200, "{}".to_owned()),
        _ => Reply::ok(""),
    })
    .await;
    let client = aws_sdk_swf::Client::from_conf(sdk_config(wire.url(), "us-east-1").build());
    let service = SwfService::builder(client, "fresh").register_domain(Retention::NONE);
    let worker = SwfStage::worker_on(service).max_concurrent_polls(5);
    assert!(run(packs(worker)).drain_when_ready().await);
    assert_eq!(wire.count("RegisterDomain"), 1);
    let sent = &wire.requests("RegisterDomain")[0].body;
    assert_eq!(sent["workflowExecutionRetentionPeriodInDays"], "NONE");
}

#[tokio::test]
async fn case_46_hundreds_of_types_under_a_throttle_are_registered_and_start_up_succeeds() {
    const TYPES: usize = 300;
    let faults = Faults::default().throttle(0.3);
    let options = LocalServer::builder().poll_hold(millis(200)).seed(7);
    let stage = SwfStage::with(options).await;
    stage.server.set_faults(faults);
    let quick = Backoff::new(millis(1), millis(20));
    let worker = stage.worker().poll_backoff(quick);
    let worker = (0..TYPES).fold(worker, |worker, at| {
        worker.activity(activity_fn(format!("type-{at}"), "1.0", pack))
    });
    let worker = run(worker);
    ready(&worker).await;
    stage.server.set_faults(Faults::default());
    let mut registered = 0;
    let list = stage.client.list_activity_types().domain(DOMAIN);
    let list = list.registration_status(aws_sdk_swf::types::RegistrationStatus::Registered);
    let mut pages = list.into_paginator().send();
    while let Some(page) = pages.next().await {
        registered += page.unwrap().type_infos.len();
    }
    assert_eq!(registered, TYPES);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn case_06_expired_credentials_at_start_up_say_so() {
    let code = "com.amazon.coral.service#ExpiredTokenException";
    let wire = Wire::start(move |_| Reply::fault(400, code, "expired")).await;
    let client = aws_sdk_swf::Client::from_conf(sdk_config(wire.url(), "us-east-1").build());
    let service = SwfService::builder(client, DOMAIN);
    let error = refused(packs(SwfStage::worker_on(service))).await;
    let source = std::error::Error::source(&error).unwrap();
    let source = source
        .downcast_ref::<workbeat::service::ServiceError>()
        .unwrap();
    assert_eq!(source.kind(), ServiceErrorKind::NotPermitted);
    assert!(source.message().contains("expired"), "{source}");
}

/// Runs until it is ready and drains.
trait DrainWhenReady {
    async fn drain_when_ready(self) -> bool;
}

impl DrainWhenReady for Spawned {
    async fn drain_when_ready(self) -> bool {
        ready(&self).await;
        self.drain().await.is_clean()
    }
}
