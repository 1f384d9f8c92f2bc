//! Whether the workers are alive and ready, for whoever supervises the process.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use workbeat::worker::WorkerState;

use crate::feed::Feed;

/// Alive is what has not ended: a worker that has does not come back by itself.
pub(super) async fn live(State(feed): State<Arc<Feed>>) -> (StatusCode, String) {
    told(&feed, |state| state != WorkerState::Ended)
}

/// Ready is what polls. A paused worker counts: who pauses it wants to reach it to resume it.
pub(super) async fn ready(State(feed): State<Arc<Feed>>) -> (StatusCode, String) {
    told(&feed, |state| {
        matches!(state, WorkerState::Running | WorkerState::Paused)
    })
}

/// A line for each worker, and 503 if one of them is not well.
fn told(feed: &Feed, is_well: impl Fn(WorkerState) -> bool) -> (StatusCode, String) {
    let mut lines = String::new();
    let mut all_well = true;
    for worker in &feed.workers {
        let state = worker.handle.state();
        all_well &= is_well(state);
        // Writing to a text does not fail.
        let _ = writeln!(lines, "{}: {state}", worker.name);
    }
    let code = if all_well {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, lines)
}
