//! A server that has a task for each poll and takes every answer, as cheaply as can be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::sides::{runtime, token};

/// Serves until it is ended.
pub(crate) fn stub() -> crate::Result<()> {
    runtime(1)?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        let given = Arc::new(AtomicU64::new(0));
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            let given = Arc::clone(&given);
            tokio::spawn(async move {
                // The client went away.
                let _ = serve(socket, &given).await;
            });
        }
    })
}

async fn serve(mut socket: TcpStream, given: &AtomicU64) -> std::io::Result<()> {
    let (read, mut write) = socket.split();
    let mut read = BufReader::new(read);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let (mut length, mut operation) = (0, String::new());
        loop {
            line.clear();
            if read.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let Some((name, value)) = line.trim_end().split_once(':') else {
                if line.trim_end().is_empty() {
                    break;
                }
                continue; // the request line
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            } else if name.eq_ignore_ascii_case("x-amz-target") {
                operation = value.rsplit('.').next().unwrap_or_default().to_owned();
            }
        }
        body.resize(length, 0);
        read.read_exact(&mut body).await?;
        let answer = answer(&operation, given);
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        );
        write.write_all(answer.as_bytes()).await?;
    }
}

fn answer(operation: &str, given: &AtomicU64) -> String {
    match operation {
        "PollForActivityTask" => {
            let number = given.fetch_add(1, Ordering::Relaxed);
            let task = json!({
                "taskToken": token(number).expose(),
                "activityId": number.to_string(),
                "startedEventId": 6,
                "activityType": { "name": "echo", "version": "1.0" },
                "workflowExecution": { "workflowId": format!("order-{number}"), "runId": "run" },
                "input": "\"hello world\"",
            });
            task.to_string()
        }
        "RecordActivityTaskHeartbeat" => r#"{"cancelRequested":false}"#.to_owned(),
        _ => String::new(),
    }
}
