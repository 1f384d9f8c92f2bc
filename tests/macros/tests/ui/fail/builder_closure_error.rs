//! A closure of whose error nobody says the type.

use std::sync::Arc;

use workbeat::ActivityService;
use workbeat::prelude::*;

fn register(service: Arc<dyn ActivityService>) {
    let _ = Worker::builder(service)
        .activity_fn("length", "1.0", async |input: String| Ok(input.len()));
}

fn main() {}
