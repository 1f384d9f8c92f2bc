use std::time::Duration;

use workbeat::prelude::*;
use workbeat::testing::{ActivityTest, When};

#[activity(blocking)]
fn watch(ctx: ActivityContext) -> Result<(), ActivityError> {
    loop {
        ctx.report("looked");
        // Where other code would sleep.
        let _ = ctx.block_until_stopped(Duration::from_millis(5));
        ctx.check_stopped()?;
    }
}

#[tokio::test]
async fn it_looks_until_it_is_canceled() {
    let outcome = ActivityTest::new(Watch)
        .cancel_when(When::Progress(3))
        .give_up_after(Duration::from_secs(30))
        .run()
        .await;
    outcome.assert_canceled();
    assert_eq!(outcome.progress().len(), 3);
}
