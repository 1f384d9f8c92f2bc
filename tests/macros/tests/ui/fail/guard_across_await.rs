//! A lock is held while something else is awaited.

use std::sync::Mutex;

use workbeat::prelude::*;

struct Store {
    copied: Mutex<u64>,
}

impl Store {
    #[activity]
    async fn copy(&self, ctx: ActivityContext) -> Result<u64, ActivityError> {
        let mut copied = self.copied.lock().unwrap();
        *copied += 1;
        ctx.stopped().await;
        Ok(*copied)
    }
}

fn main() {}
