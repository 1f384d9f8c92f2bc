use workbeat::prelude::*;
use workbeat::testing::{ActivityTest, When};

#[activity]
async fn upload(ctx: ActivityContext) -> Result<(), ActivityError> {
    ctx.report("begun");
    let reason = ctx.stopped().await;
    if reason.is_closed() {
        ctx.report("nobody waits: the part stays");
    } else {
        ctx.report("removed the part");
    }
    Err(ActivityError::canceled(""))
}

#[tokio::test(start_paused = true)]
async fn a_part_stays_where_nobody_waits_for_the_task() {
    for (reason, last) in [
        (StopReason::CancelRequested, "removed the part"),
        (StopReason::HeartbeatLost, "removed the part"),
        (StopReason::TimedOut, "removed the part"),
        (StopReason::TaskClosed, "nobody waits: the part stays"),
        (StopReason::WorkflowClosed, "nobody waits: the part stays"),
    ] {
        let outcome = ActivityTest::new(Upload).stop_when(When::Progress(1), reason).run().await;
        assert_eq!(outcome.progress_as::<String>(), ["begun", last]);
    }
}
