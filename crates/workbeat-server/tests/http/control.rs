//! The endpoints under `/_workbeat/`.

use workbeat_server::LocalServer;

use crate::client::{Client, once, parked, poll, post, register};

async fn server() -> LocalServer {
    let server = LocalServer::builder().start().await.unwrap();
    register(&server).await;
    server
}

#[tokio::test]
async fn time_that_is_skipped_ends_a_poll_at_once() {
    let server = server().await;
    let mut polling = Client::connect(server.local_addr()).await;
    polling.send(poll()).await;
    parked(&server, 1).await;
    let before = once(&server, post("/_workbeat/advance", "", "0s")).await;
    let after = once(&server, post("/_workbeat/advance", "", r#"{"by": "24h"}"#)).await;
    assert_eq!(after.status, 200);
    let seconds = |json: serde_json::Value| json["now"].as_f64().unwrap();
    assert!(seconds(after.json()) >= seconds(before.json()) + 86_400.0);
    assert!(after.json()["time"].as_str().unwrap().ends_with('Z'));
    assert_eq!(polling.response().await.json()["startedEventId"], 0);
}

#[tokio::test]
async fn a_reset_ends_polls_and_forgets_everything() {
    let server = server().await;
    let mut polling = Client::connect(server.local_addr()).await;
    polling.send(poll()).await;
    parked(&server, 1).await;
    let reset = once(&server, post("/_workbeat/reset", "", "")).await;
    assert_eq!(reset.status, 200);
    assert!([200, 400].contains(&polling.response().await.status));
    register(&server).await;
}

#[tokio::test]
async fn a_duration_that_cannot_be_read_is_told_how_to_write_it() {
    let server = server().await;
    let response = once(&server, post("/_workbeat/advance", "", "24")).await;
    assert_eq!(response.status, 400);
    assert!(response.body.contains("24h"), "{response:?}");
}

#[tokio::test]
async fn the_wrong_method_is_told_the_right_one() {
    let server = server().await;
    let get = "GET /_workbeat/reset HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let response = once(&server, get).await;
    assert_eq!(response.status, 405);
    assert!(response.body.contains("POST"));
}
