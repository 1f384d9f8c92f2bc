use std::time::Duration;

use workbeat::prelude::*;
use workbeat::testing::ActivityTest;

#[activity]
async fn double(number: u64, ctx: ActivityContext) -> Result<u64, ActivityError> {
    for percent in [50, 100] {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        ctx.report(percent);
    }
    Ok(number * 2)
}

#[tokio::test(start_paused = true)]
async fn it_takes_two_hours_and_says_how_far_it_is() {
    let outcome = ActivityTest::new(Double).input(21).run().await;
    assert_eq!(outcome.took(), Duration::from_secs(7200));
    assert_eq!(outcome.progress_as::<u32>(), [50, 100]);
    assert_eq!(outcome.progress()[0].after(), Duration::from_secs(3600));
    assert_eq!(outcome.into_output().unwrap(), 42);
}
