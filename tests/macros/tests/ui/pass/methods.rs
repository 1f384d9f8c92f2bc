//! Methods over shared state, in all their forms, with warnings as errors.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]

use std::io;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde::de::DeserializeOwned;
use workbeat::prelude::*;

/// State.
#[derive(Debug, Default)]
pub struct Store {
    copied: Mutex<u32>,
}

impl Store {
    /// Input and context.
    #[activity]
    pub async fn copy(&self, count: u32, ctx: ActivityContext) -> Result<u32, ActivityError> {
        ctx.check_stopped()?;
        *self.copied.lock().unwrap() += count;
        Ok(count)
    }

    /// The context first, by reference.
    #[activity(version = "2.0")]
    async fn verify(&self, ctx: &ActivityContext, count: u32) -> io::Result<bool> {
        ctx.stopped().await;
        Ok(*self.copied.lock().unwrap() == count)
    }

    /// Nothing, over an `Arc`.
    #[activity]
    async fn clear(self: Arc<Self>) -> Result<(), ActivityError> {
        *self.copied.lock().unwrap() = 0;
        Ok(())
    }

    /// Input alone, over a reference to an `Arc`.
    #[activity]
    async fn grow(self: &Arc<Self>, count: u32) -> Result<(), ActivityError> {
        self.copy_twice(count);
        Ok(())
    }

    /// Blocking, with the context alone.
    #[activity(blocking)]
    fn flush(&self, ctx: ActivityContext) -> Result<(), ActivityError> {
        ctx.check_stopped()?;
        Ok(())
    }

    /// Blocking, over an `Arc`, with everything.
    #[activity(blocking)]
    fn scan(self: Arc<Self>, count: u32, ctx: &ActivityContext) -> io::Result<u32> {
        ctx.report(count);
        Ok(count)
    }

    fn copy_twice(&self, count: u32) {
        *self.copied.lock().unwrap() += 2 * count;
    }
}

/// A generic state.
#[derive(Debug)]
pub struct Cache<K> {
    last: Mutex<Option<K>>,
}

impl<K: Clone + Send + Serialize + DeserializeOwned + 'static> Cache<K> {
    /// Swaps.
    #[activity]
    pub async fn swap(&self, key: K) -> Result<Option<K>, ActivityError> {
        Ok(self.last.lock().unwrap().replace(key))
    }

    /// Blocking.
    #[activity(blocking)]
    pub fn get(&self) -> Result<Option<K>, ActivityError> {
        Ok(self.last.lock().unwrap().clone())
    }
}

fn owned(activity: impl Activity) -> String {
    format!("{} {}", activity.name(), activity.version())
}

fn typed<I, O>(_: &impl Activity<Input = I, Output = O>) -> &'static str {
    std::any::type_name::<fn(I) -> O>()
}

fn main() {
    let store = Arc::new(Store::default());
    assert_eq!(owned(store.copy_activity()), "copy 1.0");
    assert_eq!(owned(Store::verify_activity(&store)), "verify 2.0");
    assert_eq!(owned(store.clear_activity()), "clear 1.0");
    assert_eq!(owned(store.grow_activity()), "grow 1.0");
    assert_eq!(owned(store.flush_activity()), "flush 1.0");
    assert_eq!(owned(store.scan_activity()), "scan 1.0");
    assert_eq!(typed(&store.copy_activity()), "fn(u32) -> u32");

    // The activity keeps the state, so that it may outlive the handle it was made from.
    let cache = Arc::new(Cache::<String> {
        last: Mutex::new(None),
    });
    let activity = cache.swap_activity();
    let get = cache.get_activity();
    drop(cache);
    assert_eq!(owned(activity), "swap 1.0");
    assert_eq!(owned(get), "get 1.0");
}
