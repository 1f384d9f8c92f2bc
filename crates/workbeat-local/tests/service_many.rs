//! Many pollers, many activities, several threads and real time: nothing gets lost.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use workbeat::service::{ActivityService, PollRequest};
use workbeat_local::{ActivityOutcome, LocalService, StartActivity};

const ACTIVITIES: usize = 1_000;
const POLLERS: u64 = 16;

/// Polls again and again, and withdraws most polls after a moment.
async fn work(
    service: LocalService,
    patience: Duration,
    done: CancellationToken,
    taken: Arc<Mutex<Vec<String>>>,
) {
    while !done.is_cancelled() {
        let withdraw = done.child_token();
        let request = PollRequest::new("files", "tester").withdraw(withdraw.clone());
        let polling = service.poll(request);
        tokio::pin!(polling);
        let polled = tokio::select! {
            polled = &mut polling => polled,
            () = tokio::time::sleep(patience) => {
                withdraw.cancel();
                polling.await
            }
        };
        if let Some(task) = polled.expect("a poll is answered") {
            service
                .heartbeat(&task.token, Some("on it"))
                .await
                .expect("the task is open");
            taken.lock().await.push(task.activity_id.to_string());
            service
                .complete(&task.token, None)
                .await
                .expect("the task is open");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_task_is_lost_or_doubled_between_polls_that_are_withdrawn_all_the_time() {
    let service = LocalService::new();
    let done = CancellationToken::new();
    let taken = Arc::new(Mutex::new(Vec::new()));
    let mut workers = JoinSet::new();
    for number in 0..POLLERS {
        let patience = Duration::from_micros(200 * number);
        workers.spawn(work(service.clone(), patience, done.clone(), taken.clone()));
    }
    let mut activities = Vec::new();
    for number in 0..ACTIVITIES {
        let start = StartActivity::new("pack", "1.0")
            .task_list("files")
            .start_to_close_timeout(Duration::from_secs(30));
        activities.push(service.start(start).unwrap());
        if number % 10 == 0 {
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }
    for activity in &activities {
        let outcome = activity.outcome().await;
        assert!(
            matches!(outcome, ActivityOutcome::Completed { .. }),
            "it {outcome}"
        );
    }
    done.cancel();
    while let Some(worker) = workers.join_next().await {
        worker.unwrap();
    }
    let taken = taken.lock().await;
    assert_eq!(taken.len(), ACTIVITIES);
    assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), ACTIVITIES);
}
