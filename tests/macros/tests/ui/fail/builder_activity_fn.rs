//! Functions that cannot be activities, and a type where a function is wanted.

use std::sync::Arc;

use workbeat::ActivityService;
use workbeat::prelude::*;

struct Video;

async fn input(_: Video) -> Result<(), ActivityError> {
    Ok(())
}

async fn two_inputs(_: u8, _: u8) -> Result<(), ActivityError> {
    Ok(())
}

#[activity]
async fn pack() -> Result<(), ActivityError> {
    Ok(())
}

fn register(service: Arc<dyn ActivityService>) {
    let _ = Worker::builder(service)
        .activity_fn("input", "1.0", input)
        .activity_fn("two_inputs", "1.0", two_inputs)
        .activity_fn("pack", "1.0", Pack);
}

fn main() {}
