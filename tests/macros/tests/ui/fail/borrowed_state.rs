//! State that the activity only borrows, and state that its closure does not own.

use std::sync::Arc;

use workbeat::ActivityService;
use workbeat::prelude::*;

struct Pool(u32);

struct Store<'a> {
    pool: &'a Pool,
}

impl Activity for Store<'static> {
    type Input = String;
    type Output = u32;

    fn name(&self) -> &str {
        "store"
    }

    fn version(&self) -> &str {
        "1.0"
    }

    async fn run(&self, _: String, _: ActivityContext) -> Result<u32, ActivityError> {
        Ok(self.pool.0)
    }
}

fn register(service: Arc<dyn ActivityService>) {
    let pool = Pool(1);
    let _ = Worker::builder(service).activity(Store { pool: &pool });
}

fn register_fn(service: Arc<dyn ActivityService>) {
    let pool = Pool(1);
    let _ = Worker::builder(service).activity_fn("store", "1.0", |_: String| async {
        Ok::<_, ActivityError>(pool.0)
    });
}

fn main() {}
