use std::time::Duration;

use workbeat::prelude::*;
use workbeat::testing::ActivityTest;

#[activity]
async fn follow(ctx: ActivityContext) -> Result<u32, ActivityError> {
    let mut lines = 0;
    loop {
        tokio::select! {
            () = ctx.draining() => return Ok(lines),
            line = ctx.until_stopped(next_line()) => line?,
        }
        lines += 1;
        ctx.report(lines);
    }
}

async fn next_line() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn when_the_worker_drains_it_ends_with_what_it_has() {
    let mut run = ActivityTest::new(Follow).start();
    while let Some(progress) = run.next_progress().await {
        if progress.details_as::<u32>() == 3 {
            run.drain();
        }
    }
    run.outcome().await.assert_completed(3);
}

#[tokio::test(start_paused = true)]
async fn it_can_be_cancelled_between_two_lines() {
    let run = ActivityTest::new(Follow).start();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    run.cancel();
    let outcome = run.outcome().await;
    assert_eq!(outcome.assert_canceled().took(), Duration::from_millis(2_500));
}
