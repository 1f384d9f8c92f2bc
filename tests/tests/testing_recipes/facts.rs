use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use workbeat::prelude::*;
use workbeat::service::WorkflowExecution;
use workbeat::testing::ActivityTest;

#[derive(Default)]
struct Bank {
    charged: Mutex<HashSet<String>>,
}

impl Bank {
    /// Charges once, however often the task is delivered; and not if the time is short.
    #[activity]
    async fn charge(&self, ctx: ActivityContext) -> Result<bool, ActivityError> {
        if ctx.time_left().is_some_and(|left| left < Duration::from_secs(5)) {
            return Err(ActivityError::failed("NO_TIME"));
        }
        Ok(self.charged.lock().unwrap().insert(ctx.idempotency_key()))
    }
}

fn charge(bank: &Arc<Bank>) -> ActivityTest<bool> {
    ActivityTest::new(bank.charge_activity())
        .activity_id("charge-7")
        .workflow(WorkflowExecution::new("order-7", "run-1"))
        .deadline(Duration::from_secs(30))
}

#[tokio::test(start_paused = true)]
async fn a_second_attempt_charges_nothing() {
    let bank = Arc::new(Bank::default());
    charge(&bank).run().await.assert_completed(true);
    charge(&bank).run().await.assert_completed(false);
}

#[tokio::test(start_paused = true)]
async fn in_the_last_seconds_it_does_not_begin() {
    let bank = Arc::new(Bank::default());
    let outcome = charge(&bank).deadline(Duration::from_secs(4)).run().await;
    outcome.assert_failed("NO_TIME");
}

#[tokio::test(start_paused = true)]
async fn where_no_deadline_is_known_it_charges() {
    let bank = Arc::new(Bank::default());
    let outcome = ActivityTest::new(bank.charge_activity()).run().await;
    outcome.assert_completed(true);
}
