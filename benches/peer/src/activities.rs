//! The activities, as one writes them with the SDK.

#![allow(dead_code, reason = "the macro makes constants to start them by")]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::measure::{INTERVAL, Stage};

/// Both of them, and what they tell the measurement.
pub(crate) struct Activities {
    pub(crate) stage: Stage,
}

#[activities]
impl Activities {
    #[activity(name = "echo")]
    async fn echo(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: String,
    ) -> Result<String, ActivityError> {
        Ok(input)
    }

    #[activity(name = "hold")]
    async fn hold(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: String,
    ) -> Result<String, ActivityError> {
        self.stage.in_flight.fetch_add(1, Ordering::AcqRel);
        let mut released = self.stage.released.clone();
        loop {
            ctx.record_heartbeat("progress: 42".to_owned()).await?;
            tokio::select! {
                _ = released.changed() => return Ok(input),
                _ = ctx.cancelled() => return Err(ActivityError::cancelled()),
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }
}
