//! The edge cases of cancellation.

use std::time::Duration;

use workbeat::prelude::*;
use workbeat_local::{ActivityOutcome, LocalService, StartActivity};
use workbeat_tests::{FaultyService, Operation, eventually, spawn};

async fn until_asked(ctx: ActivityContext) -> Result<(), ActivityError> {
    ctx.report("waiting");
    ctx.until_stopped(std::future::pending::<()>()).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn case_22_an_acknowledged_cancellation_is_exactly_one_canceled_outcome_with_its_details() {
    let local = LocalService::new();
    let service = FaultyService::new(local.clone());
    let worker = Worker::builder(service.clone())
        .task_list("list")
        .activity_fn("wait", "1.0", async |ctx: ActivityContext| {
            let reason = ctx.stopped().await;
            Err::<(), _>(ActivityError::canceled(format!("cleaned up: {reason}")))
        })
        .build()
        .unwrap();
    let worker = spawn(worker);
    let activity = local
        .start(
            StartActivity::new("wait", "1.0")
                .task_list("list")
                .heartbeat_timeout(Duration::from_secs(3)),
        )
        .unwrap();
    eventually("it runs", || worker.handle.status().running.len() == 1).await;
    activity.request_cancel().unwrap();
    let outcome = activity.outcome().await;
    assert!(
        matches!(outcome, ActivityOutcome::Canceled { .. }),
        "{outcome}"
    );
    let cancels = service.calls(Operation::Cancel);
    assert_eq!(cancels.len(), 1);
    assert_eq!(
        cancels[0].text.as_deref(),
        Some("cleaned up: cancel requested")
    );
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.canceled, 1);
    let _ = until_asked;
}
