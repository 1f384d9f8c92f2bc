use std::time::Duration;

use workbeat::prelude::*;
use workbeat::testing::{ActivityTest, When};

#[activity(cancel_grace = "1m")]
async fn copy(files: Vec<String>, ctx: ActivityContext) -> Result<usize, ActivityError> {
    for (done, file) in files.iter().enumerate() {
        if ctx.until_stopped(copy_file(file)).await.is_err() {
            remove(&files[..done]).await;
            return Err(ActivityError::canceled(format!("removed {done} copies")));
        }
        ctx.report(done + 1);
    }
    Ok(files.len())
}

async fn copy_file(_file: &str) {
    tokio::time::sleep(Duration::from_secs(10)).await;
}

async fn remove(_copies: &[String]) {
    tokio::time::sleep(Duration::from_secs(5)).await;
}

#[tokio::test(start_paused = true)]
async fn canceled_after_two_files_it_removes_both() {
    let outcome = ActivityTest::new(Copy)
        .input(["a", "b", "c"])
        .cancel_when(When::Progress(2))
        .run()
        .await;
    assert_eq!(outcome.assert_canceled().details(), Some("removed 2 copies"));
}

#[tokio::test(start_paused = true)]
async fn canceled_within_a_file_it_does_not_wait_for_it() {
    let outcome = ActivityTest::new(Copy)
        .input(["a", "b", "c"])
        .cancel_when(When::Elapsed(Duration::from_secs(14)))
        .run()
        .await;
    assert_eq!(outcome.assert_canceled().took(), Duration::from_secs(14 + 5));
}

#[tokio::test(start_paused = true)]
async fn canceled_at_the_last_report_it_has_nothing_to_stop() {
    let outcome = ActivityTest::new(Copy).input(["a"]).cancel_when(When::Progress(1)).run().await;
    outcome.assert_completed(1);
}
