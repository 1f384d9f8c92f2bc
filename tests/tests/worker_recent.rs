//! What a worker's status tells of the tasks that left it.

use workbeat::prelude::*;
use workbeat::worker::{TaskEnd, Unanswered};
use workbeat_tests::{Ended, Stage, eventually, rest, run, seconds, start};

#[tokio::test(start_paused = true)]
async fn the_last_fifty_that_ended_are_told_newest_first() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest).activity_fn(
        "break",
        "2.0",
        async |(): ()| Err::<(), _>(ActivityError::failed("a secret")),
    ));
    for number in 0..60 {
        let work = start("rest").input(&3_u64).unwrap();
        let work = work.activity_id(format!("rest-{number}"));
        stage.start(work).ended().await;
    }
    stage.start(start("break")).ended().await;
    let status = || worker.handle.status();
    eventually("all have ended", || status().outcomes.failed == 1).await;
    tokio::time::advance(seconds(5)).await;
    let recent = status().recent;
    assert_eq!(recent.len(), 50);
    assert_eq!(recent[0].end, TaskEnd::Failed);
    assert_eq!(recent[0].activity_type.to_string(), "break 1.0");
    assert!(!format!("{recent:?}").contains("secret"));
    for (task, number) in recent[1..].iter().zip((11..60).rev()) {
        assert_eq!(*task.activity_id, *format!("rest-{number}"));
        assert_eq!(task.end, TaskEnd::Completed);
        assert!(
            task.took >= seconds(3) && task.took < seconds(4),
            "{task:?}"
        );
    }
    assert!(recent[0].ago >= seconds(5) && recent[0].ago < seconds(6));
    assert!(recent.iter().map(|task| task.ago).is_sorted());
}

#[tokio::test(start_paused = true)]
async fn a_task_without_an_answer_is_among_them() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    let _work = stage.start(start("rest").input(&100_u64).unwrap());
    eventually("it runs", || !worker.handle.status().running.is_empty()).await;
    worker.handle.stop();
    worker.handle.ended().await;
    let recent = worker.handle.status().recent;
    let end = TaskEnd::Unanswered(Unanswered::StoppedAtOnce);
    assert_eq!(recent.len(), 1);
    assert_eq!(recent[0].end, end);
    assert_eq!(end.to_string(), "unanswered: stopped at once");
}
