//! One worker on two services, of which one is not like the other, or not as it should be.

use std::sync::{Arc, Mutex};

use tokio::time::sleep;
use workbeat::prelude::*;
use workbeat::service::{
    ActivityService, ActivityTask, HeartbeatAnswer, PollRequest, ProgressEnvelope,
    ServiceCapabilities, ServiceError, ServiceErrorKind, ServiceLimits, TaskToken,
};
use workbeat::worker::{RunErrorKind, TaskSource, Unanswered, WorkerBuilder};
use workbeat::{CompletionClient, FailureCode, activity_fn};
use workbeat_local::LocalService;
use workbeat_sfn::SfnService;
use workbeat_tests::{
    Ended, Fault, LIST, Operation, Stage, States, TaskEnded, eventually, eventually_some, forever,
    rest, run, seconds, start,
};

fn both(one: &Stage, two: &Stage) -> WorkerBuilder {
    one.worker()
        .source(TaskSource::new(two.service.clone()).task_list(LIST))
}

/// The embedded service with another name, with limits and without what Step Functions cannot do.
struct Other {
    local: LocalService,
    name: &'static str,
    heartbeats: Arc<Mutex<Vec<Option<String>>>>,
}

impl Other {
    fn called(name: &'static str) -> Self {
        Self {
            local: LocalService::new(),
            name,
            heartbeats: Arc::default(),
        }
    }
}

#[async_trait::async_trait]
impl ActivityService for Other {
    async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        self.local.poll(request).await
    }

    async fn heartbeat(
        &self,
        token: &TaskToken,
        details: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        let carried = details.map(str::to_owned);
        self.heartbeats.lock().expect("no panic").push(carried);
        self.local.heartbeat(token, details).await
    }

    async fn complete(&self, token: &TaskToken, result: Option<&str>) -> Result<(), ServiceError> {
        self.local.complete(token, result).await
    }

    async fn fail(
        &self,
        token: &TaskToken,
        reason: Option<&str>,
        details: Option<&str>,
    ) -> Result<(), ServiceError> {
        self.local.fail(token, reason, details).await
    }

    async fn cancel(&self, token: &TaskToken, details: Option<&str>) -> Result<(), ServiceError> {
        self.local.cancel(token, details).await
    }

    fn name(&self) -> &str {
        self.name
    }

    fn limits(&self) -> ServiceLimits {
        ServiceLimits::SWF.result(100)
    }

    fn capabilities(&self) -> ServiceCapabilities {
        ServiceCapabilities::default().heartbeat_details(false)
    }
}

#[tokio::test(start_paused = true)]
async fn each_task_is_held_to_the_limits_and_capabilities_of_its_own_service() {
    let (one, other) = (Stage::new(), Other::called("other"));
    let (local, heartbeats) = (other.local.clone(), Arc::clone(&other.heartbeats));
    let work = activity_fn("work", "1.0", async |ctx: ActivityContext| {
        ctx.report("half way");
        sleep(seconds(5)).await;
        Ok::<_, ActivityError>("x".repeat(200))
    });
    let options = ActivityOptions::new().heartbeat_interval(seconds(1));
    let source = TaskSource::new(other).task_list(LIST);
    let worker = run(one
        .worker()
        .source(source)
        .activity(work.with_options(options)));
    let here = one.start(start("work"));
    let there = local.start(start("work")).unwrap();
    let result = here.ended().await.result::<String>().unwrap();
    assert_eq!(result.len(), 200);
    let reason = there.ended().await;
    let code = reason.reason().and_then(FailureCode::of);
    assert_eq!(code, Some(FailureCode::ResultTooLarge));
    let beats = one.service.calls(Operation::Heartbeat);
    let carried = beats.iter().filter(|beat| beat.text.is_some());
    assert!(carried.count() > 0);
    let heartbeats = heartbeats.lock().unwrap().clone();
    assert!(!heartbeats.is_empty());
    assert!(heartbeats.iter().all(Option::is_none), "{heartbeats:?}");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn progress_is_put_into_a_failure_only_where_the_next_attempt_can_ask_for_it() {
    let (one, other) = (Stage::new(), Other::called("other"));
    let local = other.local.clone();
    let work = async |ctx: ActivityContext| {
        ctx.report(7);
        Err::<(), _>(ActivityError::failed("DISK_FULL").with_details("on /tmp"))
    };
    let worker = one.worker().progress_in_failures(true);
    let worker = worker.source(TaskSource::new(other).task_list(LIST));
    let worker = run(worker.activity_fn("work", "1.0", work));
    let here = one.start(start("work")).ended().await;
    let there = local.start(start("work")).unwrap().ended().await;
    let envelope = ProgressEnvelope::new("7").with_details("on /tmp");
    assert_eq!(here.details(), Some(envelope.to_text().as_str()));
    assert_eq!(there.details(), Some("on /tmp"));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn who_speaks_for_a_task_elsewhere_gives_a_service_no_details_that_it_cannot_carry() {
    let other = Other::called("other");
    let heartbeats = Arc::clone(&other.heartbeats);
    let _task = other.local.start(start("rest")).unwrap();
    let poll = other.local.poll(PollRequest::new(LIST, "somebody"));
    let token = poll.await.unwrap().expect("the task").token;
    let client = CompletionClient::new(other);
    client.heartbeat(&token, &1).await.unwrap();
    client.heartbeat_text(&token, "half way").await.unwrap();
    assert_eq!(*heartbeats.lock().unwrap(), [None, None]);
}

#[tokio::test(start_paused = true)]
async fn no_two_services_of_a_worker_have_the_same_name() {
    let one = Stage::new();
    let names = |others: &[&'static str]| {
        let worker = others.iter().fold(one.worker(), |worker, name| {
            worker.source(TaskSource::new(Other::called(name)).task_list(LIST))
        });
        let worker = worker.activity_fn("forever", "1.0", forever);
        let services = worker.build().unwrap().handle().status().services;
        services.into_iter().map(|of| of.name).collect::<Vec<_>>()
    };
    assert_eq!(
        names(&["service", "service 2", "service"]),
        ["service", "service 2", "service 2 2", "service 3"]
    );
    // To begin as another does is not to have its name.
    let begins = ["swf east", "swf", "swf"];
    assert_eq!(names(&begins)[1..], ["swf east", "swf", "swf 2"]);
}

#[tokio::test(start_paused = true)]
async fn a_task_without_an_answer_is_listed_with_the_service_that_takes_one() {
    let (one, two) = (Stage::new(), Stage::new());
    let worker = run(both(&one, &two).activity_fn("forever", "1.0", forever));
    let _tasks = [one.start(start("forever")), two.start(start("forever"))];
    worker.holds(2).await;
    worker.handle.stop();
    let report = worker.end().await;
    let mut listed: Vec<_> = report.unanswered.iter().collect();
    listed.sort_by_key(|task| task.service.clone());
    let services: Vec<_> = listed.iter().map(|task| task.service.as_deref()).collect();
    assert_eq!(services, [Some("service"), Some("service 2")]);
    assert!(
        listed
            .iter()
            .all(|task| task.why == Unanswered::StoppedAtOnce)
    );
    // With one service there is nothing to tell apart.
    let worker = run(one.worker().activity_fn("forever", "1.0", forever));
    let _task = one.start(start("forever"));
    worker.holds(1).await;
    worker.handle.stop();
    assert_eq!(worker.end().await.unanswered[0].service, None);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_which_service_and_what_the_other_brought_is_ended_first() {
    let (one, two) = (Stage::new(), Stage::new());
    let late = Fault::LateError(seconds(20), ServiceErrorKind::UnknownResource);
    two.service.always(Operation::Poll, late);
    let worker = run(both(&one, &two).activity_fn("rest", "1.0", async || rest(60).await));
    let task = one.start(start("rest"));
    let error = worker.outcome().await.unwrap_err();
    assert_eq!(task.ended().await.result::<String>().unwrap(), "rested");
    assert!(matches!(error.kind(), RunErrorKind::Poll { .. }), "{error}");
    assert_eq!(error.service(), Some("service 2"));
    assert!(error.to_string().contains("with service 2"), "{error}");
    assert!(error.report().is_clean());
    assert_eq!(error.report().outcomes.completed, 1);

    two.service.mend(Operation::Poll);
    let refused = Fault::Error(ServiceErrorKind::Invalid);
    two.service.always(Operation::Register, refused);
    let worker = run(both(&one, &two).activity_fn("rest", "1.0", async || rest(60).await));
    let error = worker.outcome().await.unwrap_err();
    assert!(
        matches!(error.kind(), RunErrorKind::Registration(_)),
        "{error}"
    );
    assert_eq!(error.service(), Some("service 2"));

    let refused = Fault::Error(ServiceErrorKind::Invalid);
    one.service.always(Operation::Register, refused);
    let worker = run(one
        .worker()
        .activity_fn("rest", "1.0", async || rest(60).await));
    let error = worker.outcome().await.unwrap_err();
    assert_eq!(error.service(), None);
}

#[tokio::test(start_paused = true)]
async fn polls_of_one_service_that_hang_leave_the_other_all_slots_but_theirs() {
    let (one, two) = (Stage::new(), Stage::new());
    two.service.always(Operation::Poll, Fault::Hang);
    let worker = both(&one, &two).slots(4).max_concurrent_polls(2);
    let worker = run(worker.activity_fn("rest", "1.0", async || rest(10).await));
    let tasks: Vec<_> = (0..20).map(|_| one.start(start("rest"))).collect();
    for task in &tasks {
        assert_eq!(task.ended().await.result::<String>().unwrap(), "rested");
    }
    assert!(two.service.under_way(Operation::Poll) <= 2);
    worker.handle.stop();
    assert!(worker.end().await.polls_given_up <= 2);
}

#[tokio::test(start_paused = true)]
async fn a_service_without_tasks_does_not_starve_beside_one_that_always_has_some() {
    let (one, two) = (Stage::new(), Stage::new());
    let worker = both(&one, &two).slots(2);
    let worker = run(worker.activity_fn("rest", "1.0", async || rest(1).await));
    let _busy: Vec<_> = (0..600).map(|_| one.start(start("rest"))).collect();
    sleep(seconds(100)).await;
    let task = two.start(start("rest"));
    assert_eq!(task.ended().await.result::<String>().unwrap(), "rested");
    let waits = one.local.pending(LIST).unwrap();
    assert!(
        waits > 100,
        "its turn came while {waits} of the other waited"
    );
    worker.handle.stop();
    assert_eq!(worker.end().await.polls_given_up, 0);
}

/// Two accounts or regions can come to the same token, by chance or because a stand-in counts.
#[tokio::test]
async fn the_same_token_of_two_services_is_two_tasks() {
    let (one, two) = (States::start().await, States::start().await);
    let service = |states: &States| {
        let builder = SfnService::builder(states.client());
        builder.create_activities().build()
    };
    let echo = async |text: String| Ok::<_, ActivityError>(text);
    let worker = Worker::builder(service(&one)).task_list("echo");
    let worker = worker
        .source(TaskSource::new(service(&two)).task_list("echo"))
        .activity_fn("echo", "1.0", echo);
    let worker = run(worker);
    let tokens = [
        one.schedule("echo", "\"one\""),
        two.schedule("echo", "\"two\""),
    ];
    assert_eq!(tokens[0], tokens[1]);
    for (states, text) in [(&one, "\"one\""), (&two, "\"two\"")] {
        let ended = eventually_some("it ends", || states.ended(&tokens[0])).await;
        assert_eq!(ended, TaskEnded::Succeeded(text.to_owned()));
    }
    worker.holds(0).await;
    let report = worker.drain().await;
    assert!(report.is_clean());
    assert_eq!(report.outcomes.completed, 2);
}

#[tokio::test(start_paused = true)]
async fn a_worker_after_another_on_the_same_services_takes_up_where_that_ended() {
    let (one, two) = (Stage::new(), Stage::new());
    for _ in 0..3 {
        let worker = run(both(&one, &two).activity_fn("rest", "1.0", async || rest(1).await));
        for stage in [&one, &two] {
            stage.start(start("rest")).ended().await;
        }
        assert!(worker.drain().await.is_clean());
        let idle =
            || one.service.under_way(Operation::Poll) + two.service.under_way(Operation::Poll);
        eventually("no poll is left", || idle() == 0).await;
    }
}
