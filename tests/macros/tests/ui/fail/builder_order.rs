//! The context before the input, and a context that is borrowed.

use std::sync::Arc;

use workbeat::ActivityService;
use workbeat::prelude::*;

async fn reversed(ctx: ActivityContext, folder: String) -> Result<(), ActivityError> {
    drop((ctx, folder));
    Ok(())
}

async fn borrowed(folder: String, ctx: &ActivityContext) -> Result<(), ActivityError> {
    drop((folder, ctx));
    Ok(())
}

fn register(service: Arc<dyn ActivityService>) {
    let _ = Worker::builder(service)
        .activity_fn("reversed", "1.0", reversed)
        .activity_fn("borrowed", "1.0", borrowed);
}

fn main() {}
