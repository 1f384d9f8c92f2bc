//! Closures whose argument types nobody says.

use std::sync::Arc;

use workbeat::ActivityService;
use workbeat::prelude::*;

fn register(service: Arc<dyn ActivityService>) {
    let _ = Worker::builder(service).activity_fn("length", "1.0", |input| async move {
        Ok::<_, ActivityError>(input.len())
    });
}

fn register_both(service: Arc<dyn ActivityService>) {
    let _ = Worker::builder(service).activity_fn("pass", "1.0", |input, ctx| async move {
        ctx.report(1);
        Ok::<_, ActivityError>(input)
    });
}

fn main() {}
