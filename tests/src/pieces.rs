//! Small pieces that the tests of several areas are made of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use workbeat::FailureCode;
use workbeat::prelude::*;
use workbeat_local::ActivityOutcome;

use crate::Stage;

/// So many seconds.
#[must_use]
pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// So many milliseconds.
#[must_use]
pub fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A service that holds a poll for a minute whatever the worker would rather have, as SWF does.
#[must_use]
pub fn stage_that_keeps_polls() -> Stage {
    let mut stage = Stage::new();
    stage.service = stage.service.keeps_polls();
    stage
}

/// An activity that takes so many seconds.
///
/// # Errors
///
/// None.
pub async fn rest(seconds: u64) -> Result<&'static str, ActivityError> {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    Ok("rested")
}

/// An activity that never ends by itself.
///
/// # Errors
///
/// None.
pub async fn forever() -> Result<(), ActivityError> {
    std::future::pending().await
}

/// The code of a failure that the framework made.
#[must_use]
pub fn code(outcome: &ActivityOutcome) -> Option<FailureCode> {
    FailureCode::of(outcome.reason()?)
}

/// Says when it is dropped.
#[derive(Debug)]
pub struct OnDrop(pub Arc<AtomicBool>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
