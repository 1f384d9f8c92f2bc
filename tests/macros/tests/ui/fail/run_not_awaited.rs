//! A worker that is not run, and a stop that nobody looks at. These are warnings.

#![deny(unused_must_use)]

use workbeat::prelude::*;

async fn start(worker: Worker) {
    worker.run();
}

async fn build(builder: workbeat::worker::WorkerBuilder) {
    builder.task_list("files");
}

async fn work(ctx: ActivityContext) {
    ctx.stopped();
    ctx.until_stopped(async {}).await;
    ctx.check_stopped();
}

fn main() {}
