//! What the page can do, where it may.

use axum::http::StatusCode;
use serde_json::json;
use workbeat::worker::WorkerState;
use workbeat_status::Status;

use crate::kit::{Stage, get, post};

const MEANT: (&str, &str) = ("x-workbeat-action", "1");

#[tokio::test(start_paused = true)]
async fn there_are_no_actions_unless_the_application_turns_them_on() {
    let stage = Stage::new().await;
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let answer = post(&app, "/workers/0/pause", &[MEANT]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(stage.handle.state(), WorkerState::Running);
}

#[tokio::test(start_paused = true)]
async fn a_worker_is_paused_resumed_and_drained_once() {
    let stage = Stage::new().await;
    stage.hold("held", json!(1)).await;
    let status = Status::new().worker("video", stage.handle.clone());
    let app = status.allow_actions().router();
    let act = async |action: &str| post(&app, &format!("/workers/0/{action}"), &[MEANT]).await;
    let state = |answer: &crate::kit::Answer| answer.json()["workers"][0]["state"].clone();
    assert_eq!(state(&act("pause").await), "paused");
    assert_eq!(state(&act("resume").await), "running");
    assert_eq!(state(&act("drain").await), "draining");
    // A second one must not be the impatient one that stops at once.
    assert_eq!(act("drain").await.status, StatusCode::CONFLICT);
    assert_eq!(stage.handle.state(), WorkerState::Draining);
    assert_eq!(stage.handle.status().running.len(), 1);
    // Nor does it make the first call of the application's own handler the impatient one.
    stage.handle.drain();
    assert!(!stage.handle.begin_drain());
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(stage.handle.status().running.len(), 1);
    assert_eq!(stage.handle.state(), WorkerState::Draining);
    stage.handle.drain();
    stage.handle.ended().await;
    for path in ["/workers/0/stop", "/workers/1/pause"] {
        assert_eq!(
            post(&app, path, &[MEANT]).await.status,
            StatusCode::NOT_FOUND
        );
    }
    let read = get(&app, "/workers/0/pause").await;
    assert_eq!(read.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(start_paused = true)]
async fn nobody_elses_page_can_act() {
    let stage = Stage::new().await;
    let status = Status::new().worker("video", stage.handle.clone());
    let app = status.allow_actions().router();
    for headers in [
        &[("host", "localhost")][..],
        &[
            MEANT,
            ("host", "localhost"),
            ("origin", "http://evil.example"),
        ],
        &[
            MEANT,
            ("host", "localhost"),
            ("sec-fetch-site", "cross-site"),
        ],
    ] {
        let answer = post(&app, "/workers/0/pause", headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert_eq!(stage.handle.state(), WorkerState::Running);
}
