//! What a plain function keeps over an await cannot move to another thread.

use std::rc::Rc;
use std::sync::Arc;

use workbeat::ActivityService;
use workbeat::prelude::*;

async fn transcode(video: String, ctx: ActivityContext) -> Result<(), ActivityError> {
    let shared = Rc::new(video);
    ctx.stopped().await;
    drop(shared);
    Ok(())
}

fn register(service: Arc<dyn ActivityService>) {
    let _ = Worker::builder(service).activity_fn("transcode", "1.0", transcode);
}

fn main() {}
