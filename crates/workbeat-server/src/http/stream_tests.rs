//! Any bytes on a connection, without a socket.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex, split};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::connection::serve;
use crate::server::LocalServer;
use crate::service::Shared;

/// All that a server says to what was sent, when nothing more is.
fn answers(sent: &[u8]) -> String {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    let options = LocalServer::builder().poll_hold(Duration::from_millis(1));
    let closing = CancellationToken::new();
    let shared = Arc::new(Shared::new(&options, closing.clone()).unwrap());
    runtime.block_on(async {
        let (client, stream) = duplex(64 * 1_024);
        let (mut reader, mut writer) = split(client);
        let mut answers = Vec::new();
        let write = async {
            // An error says that the server has closed the connection.
            let _ = writer.write_all(sent).await;
            let _ = writer.shutdown().await;
            // Whoever follows events is let go when the server stops.
            tokio::time::sleep(Duration::from_secs(600)).await;
            closing.cancel();
        };
        let read = async { reader.read_to_end(&mut answers).await };
        let place = shared.room.enter().await;
        let served = serve(shared.clone(), stream, place);
        let all = async { tokio::join!(served, read, write) };
        let ended = timeout(Duration::from_secs(3_600), all).await;
        ended.expect("the connection ends").1.unwrap();
        String::from_utf8(answers).unwrap()
    })
}

fn post(headers: &str, body: &str) -> String {
    let length = body.len();
    format!("POST / HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

fn called(operation: &str, body: &str) -> String {
    let headers = format!("X-Amz-Target: SimpleWorkflowService.{operation}\r\n");
    answers(post(&headers, body).as_bytes())
}

#[test]
fn json_that_is_more_than_odd_is_refused_with_its_place_or_taken() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep = format!(r#"{{"name": {deep}}}"#);
    for (body, expected) in [
        (deep.as_str(), "the body is no JSON: line 1"),
        (r#"{"name": "\ud800"}"#, "the body is no JSON: line 1"),
        (r#"{"name": 1e999}"#, "the body is no JSON: line 1"),
        (r#"{"name": "a", "name": 1}"#, "'name'"),
        ("{\"name\": \"\u{0}\"}", "the body is no JSON: line 1"),
        (r#"{"name": "\u0000"}"#, "'name'"),
        (r#"{"name": "a"} x"#, "the body is no JSON: line 1"),
        ("\u{feff}{}", "the body is no JSON: line 1"),
        (r#"{"name": 123456789012345678901234567890}"#, "'name'"),
        ("null", "the body is no JSON object"),
    ] {
        let answer = called("DescribeDomain", body);
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert!(answer.contains(expected), "{answer}");
    }
}

#[test]
fn what_follows_one_request_is_the_next_one() {
    let list = r#"{"registrationStatus": "REGISTERED"}"#;
    let header = "X-Amz-Target: SimpleWorkflowService.ListDomains\r\n";
    let two = format!("{}{}", post(header, list), post("", list));
    let answers = answers(two.as_bytes());
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 1, "{answers}");
    assert_eq!(answers.matches("HTTP/1.1 400").count(), 1, "{answers}");
}

/// Pieces of which requests are made.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "POST / HTTP/1.1\r\n",
        "GET /_workbeat/events HTTP/1.1\r\n",
        "POST /_workbeat/advance HTTP/1.1\r\n",
        "HEAD / HTTP/1.0\r\n",
        "Host: localhost\r\n",
        "Origin: null\r\n",
        "X-Amz-Target: SimpleWorkflowService.RegisterDomain\r\n",
        "X-Amz-Target: SimpleWorkflowService.PollForActivityTask\r\n",
        "Authorization: Credential=A/1/EU|1/swf/aws4_request\r\n",
        "Content-Type: ;\r\n",
        "Content-Length: 2\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Expect: 100-continue\r\n",
        "\r\n",
        "{}",
        "2\r\n{}\r\n",
        "0\r\n\r\n",
        r#"{"domain": "d", "taskList": {"name": "l"}}"#,
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    let known = prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec());
    prop_oneof![12 => known, 1 => prop::collection::vec(any::<u8>(), 0..40)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_is_sent_the_connection_ends_and_what_was_said_is_http(
        sent in prop::collection::vec(piece(), 0..24),
    ) {
        let answers = answers(&sent.concat());
        prop_assert!(answers.is_empty() || answers.starts_with("HTTP/1."), "{}", answers);
        prop_assert!(answers.len() < 200_000, "{} bytes", answers.len());
    }
}
