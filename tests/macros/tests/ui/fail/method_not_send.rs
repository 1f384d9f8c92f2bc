use std::cell::Cell;
use std::rc::Rc;

use workbeat::prelude::*;

struct Store;

impl Store {
    #[activity]
    async fn copy(&self, ctx: ActivityContext) -> Result<(), ActivityError> {
        let shared = Rc::new(1);
        ctx.stopped().await;
        drop(shared);
        Ok(())
    }
}

struct Counter {
    count: Cell<u32>,
}

impl Counter {
    #[activity]
    async fn count(&self) -> Result<u32, ActivityError> {
        Ok(self.count.get())
    }
}

fn main() {}
