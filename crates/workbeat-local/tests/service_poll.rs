//! Long polls of the in-process service, in paused time.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use workbeat::service::{ActivityService, PollRequest};
use workbeat_local::{LocalService, StartActivity};

fn poll_of(task_list: &str) -> PollRequest {
    PollRequest::new(task_list, "tester")
}

fn pack() -> StartActivity {
    StartActivity::new("pack", "1.0").task_list("files")
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_waits_is_woken_at_once_by_a_task() {
    let service = LocalService::new();
    let began = Instant::now();
    let polling = tokio::spawn({
        let service = service.clone();
        async move { service.poll(poll_of("files")).await }
    });
    tokio::time::sleep(Duration::from_secs(7)).await;
    let activity = service.start(pack().raw_input("in")).unwrap();
    let task = polling.await.unwrap().unwrap().unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(7));
    assert_eq!(&*task.activity_id, activity.activity_id());
    assert_eq!(task.input.as_deref(), Some("in"));
}

#[tokio::test(start_paused = true)]
async fn a_poll_ends_empty_after_60_s_exactly() {
    let service = LocalService::new();
    let began = Instant::now();
    assert!(service.poll(poll_of("files")).await.unwrap().is_none());
    assert_eq!(began.elapsed(), Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn the_hold_of_a_poll_can_be_chosen() {
    let service = LocalService::builder()
        .poll_hold(Duration::from_millis(25))
        .build()
        .unwrap();
    let began = Instant::now();
    assert!(service.poll(poll_of("files")).await.unwrap().is_none());
    assert_eq!(began.elapsed(), Duration::from_millis(25));
}

#[tokio::test(start_paused = true)]
async fn of_two_polls_one_gets_the_task_and_the_other_waits_on() {
    let service = LocalService::new();
    let (first, second) = (
        service.poll(poll_of("files")),
        service.poll(poll_of("files")),
    );
    let start = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        service.start(pack()).unwrap()
    };
    let began = Instant::now();
    let (first, second, _) = tokio::join!(first, second, start);
    assert!(
        first.unwrap().is_some(),
        "the poll that came first gets the task"
    );
    assert!(second.unwrap().is_none());
    assert_eq!(began.elapsed(), Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn the_higher_priority_is_polled_first_and_equals_in_their_order() {
    let service = LocalService::new();
    for (id, priority) in [("low", -1), ("first", 0), ("second", 0), ("high", 9)] {
        service
            .start(pack().activity_id(id).priority(priority))
            .unwrap();
    }
    let mut order = Vec::new();
    for _ in 0..4 {
        let task = service.poll(poll_of("files")).await.unwrap().unwrap();
        order.push(task.activity_id.to_string());
    }
    assert_eq!(order, ["high", "first", "second", "low"]);
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_is_withdrawn_ends_at_once_and_loses_no_task() {
    let service = LocalService::new();
    let withdraw = CancellationToken::new();
    let polling = tokio::spawn({
        let (service, withdraw) = (service.clone(), withdraw.clone());
        async move { service.poll(poll_of("files").withdraw(withdraw)).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    withdraw.cancel();
    assert!(polling.await.unwrap().unwrap().is_none());
    assert_eq!(began.elapsed(), Duration::ZERO);

    service.start(pack()).unwrap();
    assert!(service.poll(poll_of("files")).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_has_its_task_already_brings_it_although_it_is_withdrawn() {
    let service = LocalService::new();
    let withdraw = CancellationToken::new();
    let polling = service.poll(poll_of("files").withdraw(withdraw.clone()));
    tokio::pin!(polling);
    assert!(futures_util::poll!(&mut polling).is_pending());
    service.start(pack()).unwrap();
    withdraw.cancel();
    assert!(polling.await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_is_dropped_leaves_its_place() {
    let service = LocalService::new();
    {
        let polling = service.poll(poll_of("files"));
        tokio::pin!(polling);
        assert!(futures_util::poll!(&mut polling).is_pending());
    }
    service.start(pack()).unwrap();
    assert!(service.poll(poll_of("files")).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_phantom_poll_takes_the_next_task_although_nobody_is_there() {
    let service = LocalService::builder().phantom_polls(true).build().unwrap();
    {
        let polling = service.poll(poll_of("files"));
        tokio::pin!(polling);
        assert!(futures_util::poll!(&mut polling).is_pending());
    }
    let lost = service
        .start(pack().start_to_close_timeout(Duration::from_secs(5)))
        .unwrap();
    let began = Instant::now();
    let outcome = lost.outcome().await;
    assert_eq!(outcome.to_string(), "timed out: START_TO_CLOSE");
    assert_eq!(began.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_future_that_is_kept_and_not_polled_holds_up_nobody() {
    let service = LocalService::new();
    let idle = service.poll(poll_of("elsewhere"));
    tokio::pin!(idle);
    assert!(futures_util::poll!(&mut idle).is_pending());
    let activity = service
        .start(pack().schedule_to_start_timeout(Duration::from_millis(30)))
        .unwrap();
    let began = Instant::now();
    assert_eq!(
        activity.outcome().await.to_string(),
        "timed out: SCHEDULE_TO_START"
    );
    assert_eq!(began.elapsed(), Duration::from_millis(30));
}

#[test]
fn a_service_can_be_made_and_given_work_before_there_is_a_runtime() {
    let service = LocalService::new();
    let activity = service.start(pack()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let task = runtime
        .block_on(service.poll(poll_of("files")))
        .unwrap()
        .unwrap();
    assert_eq!(&*task.activity_id, activity.activity_id());
}

#[tokio::test(start_paused = true)]
async fn a_hold_without_end_is_only_very_long() {
    let service = LocalService::builder()
        .poll_hold(Duration::MAX)
        .build()
        .unwrap();
    let polling = service.poll(poll_of("files"));
    tokio::pin!(polling);
    assert!(futures_util::poll!(&mut polling).is_pending());
    service.start(pack()).unwrap();
    assert!(polling.await.unwrap().is_some());
}
