//! One HTTP message, byte for byte.

use std::io::{Error, ErrorKind};

use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// A request or an answer whose length its head says.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) bytes: Vec<u8>,
    /// Where its body begins.
    body: usize,
}

impl Message {
    /// Reads the next message; `None` when the other side has closed.
    pub(super) async fn read(
        stream: &mut (impl AsyncBufRead + Unpin),
    ) -> std::io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        loop {
            let line = bytes.len();
            if stream.read_until(b'\n', &mut bytes).await? == 0 {
                return if line == 0 {
                    Ok(None)
                } else {
                    Err(ErrorKind::UnexpectedEof.into())
                };
            }
            if bytes[line..] == *b"\r\n" {
                break;
            }
        }
        let body = bytes.len();
        let mut message = Self { bytes, body };
        if message.header("transfer-encoding").is_some() {
            let what = "a message without a length cannot be cut";
            return Err(Error::new(ErrorKind::Unsupported, what));
        }
        let length = message.header("content-length");
        let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        message.bytes.resize(body + length, 0);
        stream.read_exact(&mut message.bytes[body..]).await?;
        Ok(Some(message))
    }

    fn head(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.body]).unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head().lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The operation that a request asks for, without its prefix.
    pub(super) fn operation(&self) -> String {
        let target = self.header("x-amz-target").unwrap_or_default();
        target.rsplit('.').next().unwrap_or_default().to_owned()
    }

    /// The status of an answer.
    pub(super) fn status(&self) -> u16 {
        let status = self.head().split(' ').nth(1);
        status.and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The body.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes[self.body..]).unwrap_or_default()
    }
}
