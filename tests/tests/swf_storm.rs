//! Hundreds of activities of every kind on the adapter, while a good part of all calls go wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_swf::types::{
    ActivityType, Decision, DecisionType, EventType, HistoryEvent,
    ScheduleActivityTaskDecisionAttributes,
};
use tokio::sync::mpsc;
use tokio::time::timeout;
use workbeat::completion::CompletionClient;
use workbeat::prelude::*;
use workbeat::service::TaskToken;
use workbeat::{Backoff, Worker, activity_fn};
use workbeat_server::{Faults, LocalServer};
use workbeat_swf::SwfService;
use workbeat_tests::decider::{DOMAIN, Decider, FILES, request_cancel, task_list};
use workbeat_tests::{eventually, millis, run, sdk_client, seconds};

const KINDS: [&str; 6] = ["complete", "fail", "panic", "cancel", "hand-on", "slow"];
const EACH: usize = 16;
const FAULTS: &str = "throttle=0.2,unavailable=0.1,lost-answer=0.1,phantom=0.05,latency=20ms";

/// How often each activity ran.
type Ran = Arc<Mutex<BTreeMap<String, usize>>>;

/// Does what its id says.
async fn act(
    ctx: ActivityContext,
    ran: Ran,
    handed: mpsc::UnboundedSender<TaskToken>,
) -> Result<&'static str, ActivityError> {
    let id = ctx.activity_id().to_owned();
    *ran.lock().expect("no panic").entry(id.clone()).or_default() += 1;
    match id.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "complete-" => Ok("done"),
        "fail-" => Err(ActivityError::failed("out of paper")),
        "panic-" => panic!("as it should"),
        "cancel-" => {
            ctx.cancellation_token().cancelled().await;
            Err(ActivityError::canceled("stopped"))
        }
        "hand-on-" => {
            let _ = handed.send(ctx.task_token().clone());
            Err(ActivityError::handed_on())
        }
        // Longer than a heartbeat timeout.
        _ => {
            tokio::time::sleep(seconds(11)).await;
            Ok("done at last")
        }
    }
}

fn ids(kind: &str) -> impl Iterator<Item = String> {
    (0..EACH).map(move |n| format!("{kind}-{n}"))
}

fn schedule(activity_id: &str) -> Decision {
    let pack = ActivityType::builder().name("pack").version("1");
    let attributes = ScheduleActivityTaskDecisionAttributes::builder()
        .activity_type(pack.build().expect("name and version"))
        .activity_id(activity_id)
        .task_list(task_list(FILES))
        .heartbeat_timeout(if activity_id.starts_with("hand-on") {
            "NONE"
        } else {
            "10"
        });
    Decision::builder()
        .decision_type(DecisionType::ScheduleActivityTask)
        .schedule_activity_task_decision_attributes(attributes.build().expect("type and id"))
        .build()
        .expect("a decision")
}

/// What the history says of each activity: whether it started, and the ends that it had.
fn told(history: &[HistoryEvent]) -> BTreeMap<String, (bool, Vec<String>)> {
    let mut ids = BTreeMap::new();
    let mut told: BTreeMap<String, (bool, Vec<String>)> = BTreeMap::new();
    for event in history {
        if let Some(it) = event.activity_task_scheduled_event_attributes() {
            ids.insert(event.event_id(), it.activity_id().to_owned());
            told.insert(it.activity_id().to_owned(), (false, Vec::new()));
        }
        let started = event.activity_task_started_event_attributes();
        let completed = event.activity_task_completed_event_attributes();
        let failed = event.activity_task_failed_event_attributes();
        let canceled = event.activity_task_canceled_event_attributes();
        let timed_out = event.activity_task_timed_out_event_attributes();
        let ids_of = [
            started.map(|it| it.scheduled_event_id()),
            completed.map(|it| it.scheduled_event_id()),
            failed.map(|it| it.scheduled_event_id()),
            canceled.map(|it| it.scheduled_event_id()),
            timed_out.map(|it| it.scheduled_event_id()),
        ];
        let scheduled = ids_of.into_iter().flatten().next();
        let Some(entry) = scheduled.and_then(|id| told.get_mut(&ids[&id])) else {
            continue;
        };
        if event.event_type() == &EventType::ActivityTaskStarted {
            entry.0 = true;
        } else {
            let name = event
                .event_type()
                .as_str()
                .trim_start_matches("ActivityTask");
            entry.1.push(name.to_owned());
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_task_of_hundreds_ends_once_and_none_that_lives_is_lost_while_calls_go_wrong() {
    let server = LocalServer::builder().poll_hold(millis(300)).seed(5);
    let server = server.start().await.expect("it starts");
    let decider = Decider::register(&server.url()).await;
    let execution = decider.start("storm").await;
    let all: Vec<Decision> = (0..EACH)
        .flat_map(|n| KINDS.map(|kind| schedule(&format!("{kind}-{n}"))))
        .collect();
    decider.decide(all).await;

    let ran = Ran::default();
    let (handed, mut shelf) = mpsc::unbounded_channel();
    let runs = Arc::clone(&ran);
    let pack = activity_fn("pack", "1", move |ctx: ActivityContext| {
        act(ctx, Arc::clone(&runs), handed.clone())
    });
    let options = ActivityOptions::new().heartbeat_timeout(seconds(10));
    let service = || SwfService::builder(sdk_client(&server.url()), DOMAIN).build();
    let worker = Worker::builder(service())
        .task_list(FILES)
        .slots(100)
        .max_concurrent_polls(8)
        .poll_backoff(Backoff::new(millis(10), millis(100)))
        .activity(pack.with_options(options));
    server.set_faults(FAULTS.parse().expect("faults"));
    let worker = run(worker);
    let completions = CompletionClient::new(service());
    let finish = tokio::spawn(async move {
        let mut finished = 0;
        while let Some(token) = shelf.recv().await {
            // Applied and not answered is closed, and that is fine.
            let _ = completions.complete(&token, &"elsewhere").await;
            finished += 1;
        }
        finished
    });

    let nothing_waits = async || {
        let count = decider
            .client()
            .count_pending_activity_tasks()
            .domain(DOMAIN);
        let counted = count.task_list(task_list(FILES)).send().await;
        counted.is_ok_and(|counted| counted.count() == 0)
    };
    timeout(Duration::from_secs(60), async {
        while !nothing_waits().await {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("every task is taken");
    server.set_faults(Faults::default());
    let signal = decider.client().signal_workflow_execution().domain(DOMAIN);
    let signal = signal.workflow_id("storm").signal_name("cancel");
    signal.send().await.expect("the signal is taken");
    let cancels = ids("cancel").map(|id| request_cancel(&id)).collect();
    decider.decide(cancels).await;
    server.set_faults(FAULTS.parse().expect("faults"));

    eventually("the worker is done", || {
        worker.handle.status().running.is_empty()
    })
    .await;
    let report = worker.drain().await;
    server.set_faults(Faults::default());
    finish.await.expect("no panic");
    // What lost polls took is over too.
    server.advance(seconds(600)).await.expect("time passes");
    let told = told(&decider.history(&execution).await);
    let ran = ran.lock().expect("no panic").clone();
    let mut wrong = Vec::new();
    for (id, (_, ends)) in &told {
        let expected = match (
            ran.get(id),
            id.trim_end_matches(|c: char| c.is_ascii_digit()),
        ) {
            (None, _) => "TimedOut",
            (Some(1), "complete-" | "slow-" | "hand-on-") => "Completed",
            (Some(1), "fail-" | "panic-") => "Failed",
            (Some(1), "cancel-") => "Canceled",
            (ran, _) => panic!("{id} ran {ran:?} times"),
        };
        if ends[..] != [expected] {
            wrong.push(format!("{id}: {ends:?} instead of {expected}"));
        }
    }
    assert_eq!(told.len(), EACH * KINDS.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(report.is_clean(), "{report}");
}
