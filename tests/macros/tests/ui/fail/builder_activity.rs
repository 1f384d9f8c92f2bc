//! The function, and not its type, is registered; and a type that is no activity.

use std::sync::Arc;

use workbeat::ActivityService;
use workbeat::prelude::*;

#[activity]
async fn pack(folder: String) -> Result<(), ActivityError> {
    drop(folder);
    Ok(())
}

struct Unpack;

fn register(service: Arc<dyn ActivityService>) {
    let _ = Worker::builder(service).activity(pack).activity(Unpack);
}

fn main() {}
