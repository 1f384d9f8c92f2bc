//! The claim check between a worker and the embedded service.

mod previous;
mod progress;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::{Instant, sleep, timeout};
use workbeat::prelude::*;
use workbeat::service::{ActivityService, PollRequest, ProgressEnvelope, TaskToken};
use workbeat::worker::WorkerBuilder;
use workbeat::{CompletionClient, FailureCode};
use workbeat_claim_check::{
    ClaimCheck, PayloadErrorKind, PayloadStore, Payloads, Reference, StoreError, StoreErrorKind,
    async_trait,
};
use workbeat_local::{ActivityOutcome, LocalService, StartActivity};

/// A store in memory that can be slow, full of mistakes, or closed.
#[derive(Default)]
struct Memory {
    entries: Mutex<HashMap<String, Vec<u8>>>,
    faults: Mutex<Vec<Fault>>,
    always: Mutex<Option<Fault>>,
    puts: AtomicU32,
    gets: AtomicU32,
}

#[derive(Clone, Copy)]
enum Fault {
    Down,
    Refused,
    Hangs,
    Slow(Duration),
    Panics,
}

/// What becomes of a payload between two attempts.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Kept,
    Expired,
    Spoilt,
}

impl Memory {
    fn fault(&self) -> Option<Fault> {
        let once = self.faults.lock().expect("no panic").pop();
        once.or_else(|| *self.always.lock().expect("no panic"))
    }

    fn next(&self, fault: Fault) {
        self.faults.lock().expect("no panic").push(fault);
    }

    fn always(&self, fault: Option<Fault>) {
        *self.always.lock().expect("no panic") = fault;
    }

    fn write(&self, key: String, bytes: &[u8]) {
        let mut entries = self.entries.lock().expect("no panic");
        entries.insert(key, bytes.to_vec());
    }

    fn suffers(&self, fate: Fate) {
        let mut entries = self.entries.lock().expect("no panic");
        match fate {
            Fate::Kept => {}
            Fate::Expired => entries.clear(),
            Fate::Spoilt => entries.values_mut().for_each(|bytes| bytes.truncate(100)),
        }
    }

    fn keys(&self) -> Vec<String> {
        self.entries
            .lock()
            .expect("no panic")
            .keys()
            .cloned()
            .collect()
    }
}

async fn suffer(fault: Option<Fault>) -> Result<(), StoreError> {
    match fault {
        None => Ok(()),
        Some(Fault::Down) => Err(StoreError::new(StoreErrorKind::Unavailable, "down")),
        Some(Fault::Refused) => Err(StoreError::new(StoreErrorKind::Refused, "refused")),
        Some(Fault::Hangs) => std::future::pending().await,
        Some(Fault::Slow(time)) => {
            sleep(time).await;
            Ok(())
        }
        Some(Fault::Panics) => panic!("the store panics"),
    }
}

#[async_trait]
impl PayloadStore for Memory {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.puts.fetch_add(1, Ordering::Relaxed);
        suffer(self.fault()).await?;
        self.entries
            .lock()
            .expect("no panic")
            .insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn get(&self, key: &str, _: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.gets.fetch_add(1, Ordering::Relaxed);
        suffer(self.fault()).await?;
        Ok(self.entries.lock().expect("no panic").get(key).cloned())
    }
}

struct Stage {
    local: LocalService,
    memory: Arc<Memory>,
    payloads: Payloads,
    service: ClaimCheck<LocalService>,
}

impl Stage {
    fn new() -> Self {
        let memory = Arc::new(Memory::default());
        let payloads = Payloads::new(Arc::clone(&memory));
        let local = LocalService::new();
        let service = ClaimCheck::new(local.clone(), payloads.clone());
        Self {
            local,
            memory,
            payloads,
            service,
        }
    }

    fn worker(&self) -> WorkerBuilder {
        let worker = Worker::builder(self.service.clone());
        worker.task_list("list").max_concurrent_polls(1)
    }

    async fn run(&self, worker: WorkerBuilder, activity: StartActivity) -> ActivityOutcome {
        let worker = worker.build().expect("a worker");
        let handle = worker.handle();
        let running = tokio::spawn(worker.run());
        let activity = self.local.start(activity).expect("it starts");
        let outcome = timeout(Duration::from_secs(100_000), activity.outcome());
        let outcome = outcome.await.expect("it must end");
        handle.drain();
        let report = running.await.expect("no panic").expect("it runs");
        assert!(report.polls_given_up == 0, "{report}");
        outcome
    }
}

fn start() -> StartActivity {
    let start = StartActivity::new("work", "1.0").task_list("list");
    start.heartbeat_timeout(Duration::from_secs(10))
}

fn beats() -> ActivityOptions {
    ActivityOptions::new().heartbeat_interval(Duration::from_secs(1))
}

fn large(letter: &str) -> String {
    letter.repeat(40_000)
}

fn stored(text: Option<&str>) -> Reference {
    let reference = Reference::read(text.expect("a text")).expect("a good one");
    reference.expect("a reference")
}

#[tokio::test(start_paused = true)]
async fn a_large_input_and_a_large_result_travel_as_references() {
    let stage = Stage::new();
    let input = serde_json::to_string(&large("i")).unwrap();
    let reference = stage.payloads.store(&input).await.unwrap();
    let work = async |input: String| Ok::<_, ActivityError>(input.replace('i', "r"));
    let worker = stage.worker().activity_fn("work", "1.0", work);
    let outcome = stage
        .run(worker, start().raw_input(reference.to_text()))
        .await;
    let result = outcome.raw_result().unwrap();
    assert_eq!(stored(Some(result)).size, 40_002);
    let result = stage.payloads.resolve(result).await.unwrap();
    assert_eq!(result, serde_json::to_string(&large("r")).unwrap());
    let counts = stage.service.counts();
    assert_eq!((counts.fetched, counts.referred, counts.unused), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_the_service_takes_is_sent_as_it_is() {
    let stage = Stage::new();
    let work = async |input: String| Ok::<_, ActivityError>(input);
    let worker = stage.worker().activity_fn("work", "1.0", work);
    let outcome = stage.run(worker, start().raw_input("\"small\"")).await;
    assert_eq!(outcome.raw_result(), Some("\"small\""));
    assert_eq!(stage.memory.puts.load(Ordering::Relaxed), 0);
    assert_eq!(stage.memory.gets.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_chosen_size_is_kept_to() {
    let mut stage = Stage::new();
    stage.service = stage.service.over(2_000);
    let work = async |input: usize| Ok::<_, ActivityError>("x".repeat(input));
    for (length, puts) in [(1_998, 0), (1_999, 1)] {
        let worker = stage.worker().activity_fn("work", "1.0", work);
        stage
            .run(worker, start().raw_input(length.to_string()))
            .await;
        assert_eq!(stage.memory.puts.load(Ordering::Relaxed), puts, "{length}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_that_looks_like_a_reference_is_stored_and_read_back_as_it_was() {
    let stage = Stage::new();
    for look in [
        serde_json::json!({ "workbeat.claim-check": 1, "mine": true }),
        serde_json::json!({ "workbeat.claim-check": "not a reference" }),
    ] {
        let result = look.clone();
        let work = move || {
            let result = result.clone();
            async move { Ok::<_, ActivityError>(result) }
        };
        let worker = stage.worker().activity_fn("work", "1.0", work);
        let outcome = stage.run(worker, start()).await;
        let result = stage.payloads.resolve(outcome.raw_result().unwrap()).await;
        let result: serde_json::Value = serde_json::from_str(&result.unwrap()).unwrap();
        assert_eq!(result, look);
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_reference_fails_the_task_with_a_code_and_a_clear_sentence() {
    let stage = Stage::new();
    let missing = Reference::read(&format!(
        "{{\"workbeat.claim-check\":1,\"sha256\":\"{}\",\"size\":3}}",
        "0".repeat(64)
    ));
    let missing = missing.unwrap().unwrap().to_text();
    let whole = stage.payloads.store("[1,2,3]").await.unwrap();
    let longer = whole.to_text().replace("\"size\":7", "\"size\":8");
    let huge = whole
        .to_text()
        .replace("\"size\":7", "\"size\":99999999999");
    let corrupt = stage.payloads.store("[4,5,6]").await.unwrap();
    stage.memory.write(corrupt.key(), b"[4,5,7]");
    for (input, says) in [
        (missing, "is not in the store"),
        (longer, "its length is another"),
        (huge, "at most"),
        (corrupt.to_text(), "its digest is another"),
        ("{\"workbeat.claim-check\":2}".to_owned(), "version 2"),
    ] {
        let never = async |_: Vec<u8>| -> Result<(), ActivityError> { panic!("it must not run") };
        let worker = stage.worker().activity_fn("work", "1.0", never);
        let outcome = stage.run(worker, start().raw_input(input)).await;
        let code = outcome.reason().and_then(FailureCode::of);
        assert_eq!(code, Some(FailureCode::InputUnavailable), "{outcome}");
        let details = outcome.details().unwrap_or_default();
        assert!(details.contains(says), "{details}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_activity_without_input_fetches_none() {
    let stage = Stage::new();
    let work = async || Ok::<_, ActivityError>(1);
    let worker = stage.worker().activity_fn("work", "1.0", work);
    let bad = start().raw_input("{\"workbeat.claim-check\":2}");
    let outcome = stage.run(worker, bad).await;
    assert_eq!(outcome.raw_result(), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn while_an_input_is_fetched_the_task_heartbeats_and_what_may_pass_is_tried_again() {
    let stage = Stage::new();
    let input = stage.payloads.store("7").await.unwrap().to_text();
    stage.memory.next(Fault::Slow(Duration::from_secs(60)));
    stage.memory.next(Fault::Down);
    stage.memory.next(Fault::Panics);
    stage.memory.next(Fault::Down);
    let work = async |input: u32| Ok::<_, ActivityError>(input);
    let work = workbeat::activity_fn("work", "1.0", work).with_options(beats());
    // Its heartbeat timeout is 10 s.
    let outcome = stage
        .run(stage.worker().activity(work), start().raw_input(input))
        .await;
    assert_eq!(outcome.raw_result(), Some("7"));
    assert_eq!(stage.memory.gets.load(Ordering::Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_ends_the_wait_for_an_input() {
    let stage = Stage::new();
    let input = stage.payloads.store("7").await.unwrap().to_text();
    stage.memory.always(Some(Fault::Hangs));
    let work = async |input: u32| Ok::<_, ActivityError>(input);
    let work = workbeat::activity_fn("work", "1.0", work).with_options(beats());
    let worker = stage.worker().activity(work).build().unwrap();
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    let activity = stage.local.start(start().raw_input(input)).unwrap();
    while stage.memory.gets.load(Ordering::Relaxed) == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    activity.request_cancel().unwrap();
    assert_eq!(activity.outcome().await.to_string(), "was canceled");
    handle.drain();
    assert!(running.await.unwrap().unwrap().is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_takes_its_time_for_a_result_costs_no_heartbeat() {
    for fault in [
        Fault::Slow(Duration::from_secs(120)),
        Fault::Down,
        Fault::Refused,
        Fault::Panics,
    ] {
        let stage = Stage::new();
        stage.memory.next(fault);
        let work = async || Ok::<_, ActivityError>(large("r"));
        let work = workbeat::activity_fn("work", "1.0", work).with_options(beats());
        let outcome = stage.run(stage.worker().activity(work), start()).await;
        // Its heartbeat timeout is 10 s.
        stored(outcome.raw_result());
        let slow = matches!(fault, Fault::Slow(_));
        let puts = stage.memory.puts.load(Ordering::Relaxed);
        assert_eq!(
            puts,
            if slow { 1 } else { 2 },
            "one under way is not begun again"
        );
    }
}

#[test]
fn what_a_runtime_has_not_stored_when_it_ends_another_can_store() {
    let payloads = Payloads::new(Memory::default());
    for stores in [false, true] {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let stored = runtime.block_on(async {
            let store = payloads.store("[1]");
            if stores {
                Some(store.await)
            } else {
                store.now_or_never()
            }
        });
        assert_eq!(stored.map(|stored| stored.is_ok()), stores.then_some(true));
    }
}

#[test]
fn without_a_runtime_nothing_is_stored_and_nothing_panics() {
    let payloads = Payloads::new(Memory::default());
    for text in ["[1]".to_owned(), "x".repeat(1_000_000)] {
        let stored = payloads.store(&text).now_or_never().expect("no wait");
        let error = stored.unwrap_err();
        assert_eq!(
            error.kind(),
            PayloadErrorKind::Store(StoreErrorKind::Refused)
        );
    }
}

#[test]
fn what_a_runtime_that_ends_does_not_come_to_may_pass() {
    let runtime = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().build()
    };
    let payloads = Payloads::new(Memory::default());
    let text = "x".repeat(1_000_000);
    let stored = runtime().unwrap().block_on(payloads.store(&text));
    let reference = stored.unwrap();
    let ended = runtime().unwrap();
    let handle = ended.handle().clone();
    drop(ended);
    let _entered = handle.enter();
    let store = payloads.store(&text).now_or_never().expect("no wait");
    let fetch = payloads.fetch(&reference).now_or_never().expect("no wait");
    for error in [store.unwrap_err(), fetch.unwrap_err()] {
        let kind = PayloadErrorKind::Store(StoreErrorKind::Unavailable);
        assert_eq!(error.kind(), kind, "{error}");
        let below = std::error::Error::source(&error).expect("why");
        assert!(
            below.to_string().contains("its runtime has ended"),
            "{below}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn large_details_of_a_failure_and_a_cancellation_are_stored() {
    let stage = Stage::new();
    let work = async || Err::<(), _>(ActivityError::failed("LONG").with_details(large("d")));
    let worker = stage.worker().activity_fn("work", "1.0", work);
    let outcome = stage.run(worker, start()).await;
    assert_eq!(outcome.reason(), Some("LONG"));
    let details = stage.payloads.resolve(outcome.details().unwrap()).await;
    assert_eq!(details.unwrap(), large("d"));
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_for_a_task_that_is_closed_is_counted() {
    let stage = Stage::new();
    let token = TaskToken::new("of nobody");
    let error = stage.service.complete(&token, Some(&large("r"))).await;
    assert!(error.is_err());
    let counts = stage.service.counts();
    assert_eq!((counts.referred, counts.unused), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_completion_client_stores_too() {
    let stage = Stage::new();
    let activity = stage.local.start(start()).unwrap();
    let request = PollRequest::new("list", "test");
    let task = stage.service.poll(request).await.unwrap().unwrap();
    let client = CompletionClient::new(stage.service.clone());
    client.complete(&task.token, &large("r")).await.unwrap();
    stored(activity.outcome().await.raw_result());
}

#[tokio::test(start_paused = true)]
async fn more_than_the_largest_is_a_failure_that_says_so() {
    let stage = Stage::new();
    let payloads = stage.payloads.clone().largest(50_000);
    let service = ClaimCheck::new(stage.local.clone(), payloads.clone());
    let work = async || Ok::<_, ActivityError>("x".repeat(50_000));
    let worker = Worker::builder(service).task_list("list");
    let worker = worker.activity_fn("work", "1.0", work);
    let outcome = stage.run(worker, start()).await;
    let code = outcome.reason().and_then(FailureCode::of);
    assert_eq!(code, Some(FailureCode::ResultTooLarge), "{outcome}");
    let error = payloads.store(&"x".repeat(50_001)).await.unwrap_err();
    assert_eq!(error.kind(), PayloadErrorKind::TooLarge);
}

#[tokio::test]
async fn the_same_payload_is_stored_once_for_all_who_store_it_at_once() {
    let stage = Stage::new();
    stage.memory.next(Fault::Slow(Duration::from_millis(20)));
    let text = large("s");
    let all = (0..20).map(|_| stage.payloads.store(&text));
    let all = futures_util::future::try_join_all(all).await.unwrap();
    assert!(all.windows(2).all(|two| two[0] == two[1]));
    stage.payloads.store(&text).await.unwrap();
    assert_eq!(stage.memory.puts.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_stored_long_ago_is_stored_again_because_the_store_may_have_deleted_it() {
    let stage = Stage::new();
    stage.payloads.store("[1]").await.unwrap();
    stage.memory.entries.lock().unwrap().clear();
    sleep(Duration::from_secs(601)).await;
    let reference = stage.payloads.store("[1]").await.unwrap();
    assert_eq!(stage.payloads.fetch(&reference).await.unwrap(), "[1]");
}
