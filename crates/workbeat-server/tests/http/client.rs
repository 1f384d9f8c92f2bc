//! A client that sends exactly the bytes that it is told to.

#![expect(
    clippy::unwrap_used,
    reason = "a test has nothing better to do with an error"
)]

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use workbeat_server::LocalServer;

/// A wait that is longer than this will not end.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    /// The error's name, without its namespace.
    pub(crate) fn fault(&self) -> String {
        let type_name = self.json()["__type"].as_str().unwrap_or("").to_owned();
        let (_, name) = type_name.split_once('#').unwrap_or_default();
        name.to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = within(TcpStream::connect(address)).await.unwrap();
        let read = Vec::new();
        Self { stream, read }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        within(self.stream.write_all(bytes.as_ref())).await.unwrap();
    }

    /// The next response, whose length is announced.
    pub(crate) async fn response(&mut self) -> Response {
        let response = self.try_response().await;
        response.expect("the server closed the connection")
    }

    /// The next response; `None` if the server closes the connection before its end.
    pub(crate) async fn try_response(&mut self) -> Option<Response> {
        let mut response = self.try_head().await?;
        let length = header(&response.head, "content-length");
        let length = length.map_or(0, |text| text.parse().unwrap());
        while self.read.len() < length {
            if !self.fill().await {
                return None;
            }
        }
        let body = self.read.drain(..length).collect();
        response.body = String::from_utf8(body).unwrap();
        Some(response)
    }

    /// The head of the next response, whose body may have no end.
    pub(crate) async fn head(&mut self) -> Response {
        let head = self.try_head().await;
        head.expect("the server closed the connection")
    }

    async fn try_head(&mut self) -> Option<Response> {
        let end = loop {
            if let Some(at) = find(&self.read, b"\r\n\r\n") {
                break at + 4;
            }
            if !self.fill().await {
                return None;
            }
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        Some(Response {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head,
            body: String::new(),
        })
    }

    /// Whether the server closes the connection without another byte.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.read.is_empty() && !self.fill().await
    }

    async fn fill(&mut self) -> bool {
        within(self.stream.read_buf(&mut self.read))
            .await
            .is_ok_and(|read| read > 0)
    }
}

/// One request on a connection of its own.
pub(crate) async fn once(server: &LocalServer, request: impl AsRef<[u8]>) -> Response {
    let mut client = Client::connect(server.local_addr()).await;
    client.send(request).await;
    client.response().await
}

/// Waits until the server holds so many polls.
pub(crate) async fn parked(server: &LocalServer, polls: usize) {
    within(async {
        while server.parked_polls() != polls {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// One of SWF's operations, as a request.
pub(crate) fn swf(operation: &str, body: &str) -> String {
    post(
        "/",
        &format!(
            "X-Amz-Target: SimpleWorkflowService.{operation}\r\n\
             Content-Type: application/x-amz-json-1.0\r\n"
        ),
        body,
    )
}

pub(crate) fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Registers the domain `tests`.
pub(crate) async fn register(server: &LocalServer) {
    let body = r#"{"name": "tests", "workflowExecutionRetentionPeriodInDays": "1"}"#;
    let response = once(server, swf("RegisterDomain", body)).await;
    assert_eq!(response.status, 200, "{response:?}");
}

/// A poll for the domain `tests`.
pub(crate) fn poll() -> String {
    swf(
        "PollForActivityTask",
        r#"{"domain": "tests", "taskList": {"name": "files"}}"#,
    )
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|found| found == wanted)
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(LIMIT, future).await.expect("it takes too long")
}
