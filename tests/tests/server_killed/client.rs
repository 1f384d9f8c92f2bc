//! A client on one connection, which knows an answer from none.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

/// The answer of the server, or its fault.
pub(crate) type Answer = Result<Value, String>;

/// Nobody answered: what was asked for may have happened or not.
#[derive(Debug)]
pub(crate) struct Gone;

pub(crate) struct Client {
    stream: BufStream<TcpStream>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self, Gone> {
        let stream = TcpStream::connect(address).await.map_err(|_| Gone)?;
        stream.set_nodelay(true).map_err(|_| Gone)?;
        let stream = BufStream::new(stream);
        Ok(Self { stream })
    }

    /// Calls an operation.
    pub(crate) async fn call(&mut self, operation: &str, input: &Value) -> Result<Answer, Gone> {
        let head = format!("POST / HTTP/1.1\r\nX-Amz-Target: SimpleWorkflowService.{operation}");
        let (status, text) = self
            .exchange(&head, &input.to_string())
            .await
            .map_err(|_| Gone)?;
        assert!(
            status == 200 || status == 400,
            "{operation}: {status} {text}"
        );
        if status == 200 {
            let answer = if text.is_empty() { "{}" } else { &text };
            return Ok(Ok(serde_json::from_str(answer).expect("JSON")));
        }
        Ok(Err(text))
    }

    /// What the server shows of its open activities.
    pub(crate) async fn activities(&mut self) -> Result<Value, Gone> {
        let head = "GET /_workbeat/activities HTTP/1.1";
        let (_, text) = self.exchange(head, "").await.map_err(|_| Gone)?;
        Ok(serde_json::from_str(&text).expect("JSON"))
    }

    /// Skips time.
    pub(crate) async fn advance(&mut self, by: std::time::Duration) -> Result<(), Gone> {
        let head = "POST /_workbeat/advance HTTP/1.1";
        let by = format!("{}s", by.as_secs());
        let (status, text) = self.exchange(head, &by).await.map_err(|_| Gone)?;
        assert_eq!(status, 200, "{text}");
        Ok(())
    }

    async fn exchange(&mut self, head: &str, body: &str) -> std::io::Result<(u16, String)> {
        let length = body.len();
        let request =
            format!("{head}\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}");
        self.stream.write_all(request.as_bytes()).await?;
        self.stream.flush().await?;
        let status = self.line().await?;
        let status = status.split(' ').nth(1).and_then(|it| it.parse().ok());
        let mut length = 0;
        loop {
            let line = self.line().await?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        let text = String::from_utf8(body).expect("text");
        Ok((status.expect("a status"), text))
    }

    async fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
