//! Large progress that has changed with every heartbeat.

use futures_util::StreamExt as _;
use tokio::time::{Duration, sleep};
use workbeat::service::{ActivityService, PollRequest, TaskToken};
use workbeat_claim_check::{ClaimCheck, ObjectStorePayloads, Payloads};
use workbeat_local::{Heartbeats, LocalService, StartActivity};

struct Stage {
    payloads: Payloads,
    service: ClaimCheck<LocalService>,
    heartbeats: Heartbeats,
    token: TaskToken,
}

impl Stage {
    /// A task that was polled.
    async fn new() -> Self {
        let payloads = Payloads::new(ObjectStorePayloads::in_memory());
        let local = LocalService::new();
        let service = ClaimCheck::new(local.clone(), payloads.clone());
        let start = StartActivity::new("work", "1.0").task_list("list");
        let start = start.heartbeat_timeout(Duration::from_secs(10));
        let activity = local.start(start).expect("it starts");
        let task = service.poll(PollRequest::new("list", "tests")).await;
        let token = task.expect("it is polled").expect("a task").token;
        Self {
            payloads,
            service,
            heartbeats: activity.heartbeats(),
            token,
        }
    }

    /// What the service has after a heartbeat with this progress, followed. Nothing is stored
    /// meanwhile.
    async fn has_after(&mut self, progress: &str) -> Option<String> {
        let beat = self.service.heartbeat(&self.token, Some(progress)).await;
        beat.expect("it is accepted");
        let beat = self.heartbeats.next().await.expect("it is seen");
        let resolved = self.payloads.resolve(beat.details.as_ref()?.as_str()).await;
        Some(resolved.expect("it is there").into_owned())
    }
}

/// Time enough for the store.
async fn a_while() {
    sleep(Duration::from_secs(1)).await;
}

fn large(number: usize) -> String {
    format!("{number}:{}", "x".repeat(40_000))
}

#[tokio::test(start_paused = true)]
async fn each_heartbeat_carries_what_was_reported_by_the_one_before() {
    let mut stage = Stage::new().await;
    for number in 0..10_usize {
        let has = stage.has_after(&large(number)).await;
        assert_eq!(has, number.checked_sub(1).map(large));
        a_while().await;
    }
    // When it does not change any more the newest is there.
    assert_eq!(stage.has_after(&large(9)).await, Some(large(9)));
    let counts = stage.service.counts();
    let counts = (counts.progress_late, counts.referred, counts.unused);
    assert_eq!(counts, (10, 10, 9));
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_later_is_not_taken_for_newer() {
    let mut stage = Stage::new().await;
    assert_eq!(stage.has_after(&large(1)).await, None);
    assert_eq!(stage.has_after("2").await.as_deref(), Some("2"));
    a_while().await;
    // If the first is stored by now, it is older than what the service has.
    assert_eq!(stage.has_after(&large(3)).await.as_deref(), Some("2"));
    a_while().await;
    assert_eq!(stage.has_after(&large(4)).await, Some(large(3)));
    assert_eq!(stage.has_after("5").await.as_deref(), Some("5"));
    assert_eq!(stage.has_after(&large(6)).await.as_deref(), Some("5"));
}
