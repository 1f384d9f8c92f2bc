//! The floor: what anybody would write by hand, with nothing that is not needed.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::service::ShortService;
use super::{SLOTS, echo};

/// Polls, spawns, decodes, runs, encodes and responds, until `end` fires.
///
/// The service's methods are called as they are, without the box that a trait object needs.
pub(super) async fn run(service: Arc<ShortService>, end: CancellationToken) {
    let slots = Arc::new(Semaphore::new(SLOTS));
    while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
        let Some(task) = service.next(&end).await else {
            return;
        };
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            let input = task.input.as_deref().unwrap_or("null");
            let Ok(input) = serde_json::from_str(input) else {
                return;
            };
            let Ok(output) = echo(input).await else {
                return;
            };
            let Ok(result) = serde_json::to_string(&output) else {
                return;
            };
            service.accept(&task.token, Some(&result)).await;
            drop(slot);
        });
    }
}

/// The service alone: a poll and an answer a task, and nothing between them.
pub(super) async fn run_service_alone(service: Arc<ShortService>, end: CancellationToken) {
    while let Some(task) = service.next(&end).await {
        service.accept(&task.token, task.input.as_deref()).await;
    }
}
