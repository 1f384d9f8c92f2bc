//! The stream of events.

#![expect(
    clippy::unwrap_used,
    reason = "a test has nothing better to do with an error"
)]

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use workbeat_status::Status;

use crate::kit::{Stage, get, send};

async fn stream(app: &Router) -> Response {
    send(app, Request::get("/events").body(Body::empty()).unwrap()).await
}

/// The next event of a stream: its name and its data. None at the end.
async fn next(stream: &mut Response) -> Option<(String, Value)> {
    let frame = stream.body_mut().frame().await?.unwrap();
    let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
    let field = |name: &str| {
        let mut lines = text.lines();
        lines
            .find_map(|line| line.strip_prefix(name))
            .unwrap_or_default()
    };
    Some((
        field("event: ").to_owned(),
        serde_json::from_str(field("data: ")).unwrap(),
    ))
}

#[tokio::test(start_paused = true)]
async fn a_stream_follows_the_worker_to_its_end() {
    let stage = Stage::new().await;
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let mut stream = stream(&app).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let (name, told) = next(&mut stream).await.unwrap();
    assert_eq!(
        (name.as_str(), &told["workers"][0]["running_count"]),
        ("", &json!(0))
    );
    stage.hold("held", json!([1, 2])).await;
    let shown = async |stream: &mut Response| loop {
        let (_, told) = next(stream).await.unwrap();
        if told["workers"][0]["running_count"] == 1 {
            return told;
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(60), shown(&mut stream)).await;
    assert_eq!(
        told.unwrap()["workers"][0]["running"][0]["progress"]["fraction"],
        0.5
    );
    stage.handle.stop();
    stage.handle.ended().await;
    let (name, told) = next(&mut stream).await.unwrap();
    assert_eq!(
        (name.as_str(), &told["workers"][0]["state"]),
        ("ended", &json!("ended"))
    );
    assert_eq!(next(&mut stream).await, None);
}

#[tokio::test(start_paused = true)]
async fn readers_share_a_snapshot() {
    let stage = Stage::new().await;
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let (mut one, mut other) = (stream(&app).await, stream(&app).await);
    let first = next(&mut one).await.unwrap().1;
    stage.hold("held", json!(1)).await;
    assert_eq!(next(&mut other).await.unwrap().1, first);
    // Who asks for the JSON too: however often, it costs no more than a page does.
    let told = get(&app, "/status.json").await.json();
    assert_eq!(told["workers"][0]["running_count"], 0);
    tokio::time::advance(Duration::from_millis(500)).await;
    let told = get(&app, "/status.json").await.json();
    assert_eq!(told["workers"][0]["running_count"], 1);
}

#[tokio::test(start_paused = true)]
async fn there_is_an_end_to_the_number_of_streams() {
    let stage = Stage::new().await;
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let mut streams = Vec::new();
    for _ in 0..64 {
        streams.push(stream(&app).await);
    }
    assert!(
        streams
            .iter()
            .all(|stream| stream.status() == StatusCode::OK)
    );
    let refused = stream(&app).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "10");
    streams.pop();
    assert_eq!(stream(&app).await.status(), StatusCode::OK);
}
