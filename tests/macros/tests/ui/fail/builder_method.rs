//! The method, and not the activity that is made of it, is registered.

use std::sync::Arc;

use workbeat::ActivityService;
use workbeat::prelude::*;

struct Store;

impl Store {
    #[activity]
    async fn copy(&self, file: String) -> Result<(), ActivityError> {
        drop(file);
        Ok(())
    }
}

fn register(service: Arc<dyn ActivityService>) {
    let _ = Worker::builder(service)
        .activity(Store)
        .activity(Store::copy)
        .activity_fn("copy", "1.0", Store::copy);
}

fn register_owned(service: Arc<dyn ActivityService>) {
    let store = Store;
    let _ = Worker::builder(service).activity(store.copy_activity());
}

fn main() {}
