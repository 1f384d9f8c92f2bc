//! Alive and ready.

use axum::http::StatusCode;
use serde_json::json;
use workbeat_status::Status;

use crate::kit::{Stage, get};

#[tokio::test(start_paused = true)]
async fn a_worker_is_ready_while_it_polls_and_alive_until_it_has_ended() {
    let (stage, worker) = Stage::not_started();
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let told = async || {
        let ready = get(&app, "/health/ready").await;
        let live = get(&app, "/health/live").await;
        (ready.status, live.status, ready.text)
    };
    let (well, not) = (StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(told().await, (not, well, "video: not started\n".to_owned()));
    let run = tokio::spawn(worker.run());
    assert!(stage.handle.ready().await);
    assert_eq!(told().await, (well, well, "video: running\n".to_owned()));
    stage.handle.pause();
    assert_eq!(told().await, (well, well, "video: paused\n".to_owned()));
    stage.handle.resume();
    stage.hold("held", json!(1)).await;
    stage.handle.drain();
    assert_eq!(told().await, (not, well, "video: draining\n".to_owned()));
    stage.handle.stop();
    let _report = run.await.unwrap().unwrap();
    assert_eq!(told().await, (not, not, "video: ended\n".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn one_of_several_that_is_not_well_is_enough() {
    let (one, (other, _worker)) = (Stage::new().await, Stage::not_started());
    let app = Status::new()
        .worker("one", one.handle.clone())
        .worker("other", other.handle.clone())
        .router();
    let ready = get(&app, "/health/ready").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.text, "one: running\nother: not started\n");
}
