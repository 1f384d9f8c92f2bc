use std::rc::Rc;

use workbeat::prelude::*;

#[activity]
async fn transcode(video: String, ctx: ActivityContext) -> Result<(), ActivityError> {
    let shared = Rc::new(video);
    ctx.stopped().await;
    drop(shared);
    Ok(())
}

#[activity]
async fn probe(video: String, ctx: &ActivityContext) -> Result<(), ActivityError> {
    let shared = Rc::new(video);
    ctx.stopped().await;
    drop(shared);
    Ok(())
}

fn main() {}
