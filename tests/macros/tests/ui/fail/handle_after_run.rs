//! The handle is taken when the worker is gone.

use workbeat::prelude::*;

async fn start(worker: Worker) {
    let running = worker.run();
    let handle = worker.handle();
    handle.drain();
    let _ = running.await;
}

fn main() {}
