//! Bytes on a connection to the server.

use std::time::Duration;

use arbitrary::{Result, Unstructured};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex, split};
use tokio::time::timeout;
use workbeat_server::LocalServer;
use workbeat_server::fuzzing::Unlistened;

use crate::step::{Step, beginning};
use crate::{odd, shapes};

/// More than the server waits for anything.
const LONG: Duration = Duration::from_secs(600);

/// Requests, well-formed or as they come, are each answered or the connection is closed; what is
/// answered is HTTP, and an error has a name and a message of a bearable length.
pub fn server_request(data: &[u8]) {
    let (raw, sent) = match data.split_first() {
        Some((0, raw)) => (true, raw.to_vec()),
        Some((_, data)) => {
            let mut u = Unstructured::new(data);
            let mut sent = Vec::new();
            // What is left of the bytes makes no request.
            while !u.is_empty() && sent.len() < 1 << 20 && request(&mut u, &mut sent).is_ok() {}
            (false, sent)
        }
        None => return,
    };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let answers = runtime.expect("a runtime").block_on(answers(&sent));
    check(&answers, raw);
}

/// All that the server says to what was sent.
async fn answers(sent: &[u8]) -> Vec<u8> {
    let options = LocalServer::builder()
        .seed(7)
        .poll_hold(Duration::from_millis(1));
    let server = Unlistened::new(&options).expect("a server without a file");
    for step in beginning() {
        let Step::Call(operation, input) = step else {
            continue;
        };
        server.call(operation, &input);
    }
    let (client, stream) = duplex(64 * 1_024);
    let (mut reader, mut writer) = split(client);
    let write = async {
        // An error says that the server has closed the connection.
        let _ = writer.write_all(sent).await;
        let _ = writer.shutdown().await;
    };
    let stop = async {
        // Whoever follows events is let go when the server stops, and not before.
        tokio::time::sleep(LONG).await;
        server.stop();
    };
    let mut answers = Vec::new();
    let read = async { reader.read_to_end(&mut answers).await };
    let served = async { tokio::join!(server.serve(stream), read) };
    let all = async {
        tokio::select! {
            (_, read) = served => read.map(drop),
            never = async { tokio::join!(write, stop); std::future::pending().await } => never,
        }
    };
    let ended = timeout(3 * LONG, all).await;
    ended
        .expect("the connection hangs")
        .expect("a stream in memory");
    answers
}

fn request(u: &mut Unstructured<'_>, sent: &mut Vec<u8>) -> Result<()> {
    let operation = if u.ratio(1, 20)? {
        odd::text(u)?
    } else {
        (*u.choose(&shapes::OPERATIONS)?).into()
    };
    let body = match u.int_in_range(0..=9)? {
        0 => odd::bytes(u)?,
        1 => odd::json(u, 3)?.to_string().into_bytes(),
        2 => format!("{}{}", "[".repeat(4_000), "]".repeat(4_000)).into_bytes(),
        3 => br#"{"domain": "d", "domain": 1, "name": "\ud800", "x": 1e999}"#.to_vec(),
        _ => shapes::input(u, &operation)?.to_string().into_bytes(),
    };
    let line = match u.int_in_range(0..=11)? {
        0 => "GET / HTTP/1.1",
        1 => "POST /_workbeat/advance HTTP/1.1",
        2 => "POST /_workbeat/reset HTTP/1.1",
        3 => "GET /_workbeat/activities HTTP/1.1",
        4 => "GET /_workbeat/events HTTP/1.1",
        5 => "POST /?a=b HTTP/1.0",
        _ => "POST / HTTP/1.1",
    };
    let mut head = format!("{line}\r\nX-Amz-Target: SimpleWorkflowService.{operation}\r\n");
    let host = *u.choose(&[
        "localhost",
        "127.0.0.1:7100",
        "[::1]:1",
        "evil.example",
        "",
        ":",
        "[",
        "a:",
    ])?;
    head.push_str(&format!("Host: {host}\r\n"));
    if u.ratio(1, 6)? {
        let origin = *u.choose(&[
            "http://localhost",
            "null",
            "https://evil.example",
            "http://",
        ])?;
        head.push_str(&format!("Origin: {origin}\r\n"));
    }
    if u.ratio(1, 6)? {
        let kind = *u.choose(&["application/x-amz-json-1.0; q", "text/plain", ";", "\u{e4}"])?;
        head.push_str(&format!("Content-Type: {kind}\r\n"));
    }
    if u.ratio(1, 6)? {
        let region = *u.choose(&[
            "eu-west-1",
            "EU|1",
            "",
            "-",
            "a/b",
            "abcdefghijklmnopqrstuvwxyz-1234567",
        ])?;
        head.push_str(&format!(
            "Authorization: Credential=A/1/{region}/swf/aws4_request\r\n"
        ));
    }
    match u.int_in_range(0..=9)? {
        0 => {
            head.push_str("Transfer-Encoding: chunked\r\n\r\n");
            sent.extend(head.as_bytes());
            sent.extend(format!("{:x}\r\n", body.len()).as_bytes());
            sent.extend(&body);
            sent.extend(b"\r\n0\r\n\r\n");
            return Ok(());
        }
        1 => {
            let length = *u.choose(&["0", "1", "99999999", "-1", "18446744073709551616", "x"])?;
            head.push_str(&format!("Content-Length: {length}\r\n\r\n"));
        }
        _ => head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len())),
    }
    sent.extend(head.as_bytes());
    sent.extend(&body);
    Ok(())
}

/// Checks answers, one after the other, as far as they tell their length.
fn check(mut answers: &[u8], raw: bool) {
    while !answers.is_empty() {
        let end = answers.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.expect("the head of an answer ends");
        let (head, rest) = (&answers[..end], &answers[end + 4..]);
        let head = std::str::from_utf8(head)
            .expect("a head is text")
            .to_lowercase();
        assert!(head.starts_with("http/1."), "{head}");
        let status: u16 = head[9..12].parse().expect("a status");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        // Events come in chunks for as long as the server runs, and an answer to HEAD has no
        // body whatever its length.
        let Some(length) = length.filter(|_| !raw) else {
            return;
        };
        let length: usize = length.parse().expect("a length");
        let (body, next) = rest.split_at(length.min(rest.len()));
        if head.contains("x-amz-json") && status >= 400 {
            let error: Value = serde_json::from_slice(body).expect("an error is JSON");
            let text = |member: &str| error[member].as_str().unwrap_or_default().to_owned();
            let (name, message) = (text("__type"), text("message"));
            assert!(name.contains('#') && !message.is_empty(), "{error}");
            assert!(message.len() < 8_192, "{} bytes of message", message.len());
        }
        assert!(
            [200, 400, 403, 404, 405, 408, 413, 415, 431].contains(&status),
            "{head}"
        );
        answers = next;
    }
}
