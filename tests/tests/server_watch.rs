//! Following activities from outside: the open ones, and what happens to them.

#![allow(clippy::unwrap_used, reason = "a helper of a test may unwrap too")]

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use workbeat_server::LocalServer;
use workbeat_tests::decider::Decider;

async fn stage() -> (LocalServer, Decider) {
    let server = LocalServer::builder().start().await.unwrap();
    let decider = Decider::register(&server.url()).await;
    (server, decider)
}

async fn get(server: &LocalServer, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn activities(server: &LocalServer) -> Vec<Value> {
    let mut text = String::new();
    let mut stream = get(server, "/_workbeat/activities").await;
    stream.read_to_string(&mut text).await.unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    body["activities"].as_array().unwrap().clone()
}

/// Lines as they come.
struct Lines {
    stream: TcpStream,
    read: String,
}

impl Lines {
    async fn follow(server: &LocalServer) -> Self {
        let stream = get(server, "/_workbeat/events").await;
        let read = String::new();
        let mut lines = Self { stream, read };
        assert_eq!(lines.next().await.unwrap()["event"], "following");
        lines
    }

    /// The next line; `None` once the server has ended them.
    async fn next(&mut self) -> Option<Value> {
        loop {
            // Lines come in chunks: what is between them is not JSON.
            while let Some((line, rest)) = self.read.split_once('\n') {
                let line = serde_json::from_str::<Value>(line);
                self.read = rest.to_owned();
                if let Ok(line) = line
                    && line.is_object()
                {
                    return Some(line);
                }
            }
            let mut bytes = [0; 4_096];
            let count = self.stream.read(&mut bytes).await.unwrap();
            if count == 0 {
                return None;
            }
            self.read
                .push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        }
    }
}

#[tokio::test]
async fn an_open_activity_shows_with_its_last_heartbeat() {
    let (server, decider) = stage().await;
    let execution = decider.start_activity("order-1").await;
    let [waiting] = &activities(&server).await[..] else {
        panic!("there is one activity");
    };
    assert_eq!(waiting["state"], "scheduled");
    assert_eq!(waiting["runId"], execution.run_id());
    assert_eq!(waiting["timeouts"]["scheduleToClose"], "NONE");

    let task = decider.poll().await;
    decider.heartbeat(task.task_token(), "half").await;
    server
        .advance(std::time::Duration::from_secs(7))
        .await
        .unwrap();
    let running = &activities(&server).await[0];
    assert_eq!(running["state"], "started");
    assert_eq!(running["activityType"]["name"], "pack");
    assert_eq!(running["details"], "half");
    assert_eq!(running["cancelRequested"], false);
    assert!(running["heartbeatAge"].as_f64().unwrap() >= 7.0);
    assert_eq!(running["timeouts"]["heartbeat"], "300");

    let complete = decider.client().respond_activity_task_completed();
    complete.task_token(task.task_token()).send().await.unwrap();
    assert!(activities(&server).await.is_empty());
}

#[tokio::test]
async fn what_happens_to_an_activity_comes_line_by_line() {
    let (server, decider) = stage().await;
    let mut lines = Lines::follow(&server).await;
    decider.start_activity("order-1").await;
    let task = decider.poll().await;
    let started = lines.next().await.unwrap();
    assert_eq!(started["event"], "started");
    assert_eq!(started["identity"], "a test");
    assert_eq!(started["activityId"], "order-1");

    decider.heartbeat(task.task_token(), "half").await;
    let beat = lines.next().await.unwrap();
    assert_eq!(beat["event"], "heartbeat");
    assert_eq!(beat["details"], "half");
    assert_eq!(beat["domain"], "tests");

    let complete = decider.client().respond_activity_task_completed();
    complete.task_token(task.task_token()).send().await.unwrap();
    let closed = lines.next().await.unwrap();
    assert_eq!(closed["event"], "closed");
    assert_eq!(closed["activityType"]["version"], "1");
    let event = &closed["historyEvent"];
    assert_eq!(event["eventType"], "ActivityTaskCompleted");

    server.reset().await.unwrap();
    assert_eq!(lines.next().await.unwrap()["event"], "reset");
    server.stop().await;
    assert!(lines.next().await.is_none());
}

#[tokio::test]
async fn the_end_of_an_activity_is_told_also_if_its_execution_is_forgotten_by_then() {
    let (server, decider) = stage().await;
    let mut lines = Lines::follow(&server).await;
    let execution = decider.start_activity("order-1").await;
    decider.poll().await;
    assert_eq!(lines.next().await.unwrap()["event"], "started");
    // All of it passes at once: its timeout, that of the execution, and the retention.
    let years = std::time::Duration::from_secs(2 * 366 * 24 * 60 * 60);
    server.advance(years).await.unwrap();
    server.reset().await.unwrap();
    let closed = lines.next().await.unwrap();
    assert_eq!(closed["event"], "closed");
    assert_eq!(closed["runId"], execution.run_id());
    assert_eq!(closed["activityId"], "order-1");
}
