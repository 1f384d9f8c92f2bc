//! Clients that mean harm, each kind by itself, with limits that are small: all at once, and
//! with the limits as they are, they come in the tests that cross crates.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use workbeat_server::{LocalServer, Options};

use crate::client::{Client, once, poll, register, swf, within};

const COUNT: &str = r#"{"domain": "tests", "taskList": {"name": "files"}}"#;

async fn start(options: Options) -> LocalServer {
    let server = options.start().await.unwrap();
    register(&server).await;
    server
}

/// A server with room for few, which nobody leaves for being slow alone.
fn with_room_for(most: usize) -> Options {
    LocalServer::builder()
        .max_connections(most)
        .request_timeout(Duration::from_secs(3_600))
}

async fn crowded(most: usize) -> LocalServer {
    start(with_room_for(most)).await
}

/// A client that comes now is answered.
async fn is_answered(server: &LocalServer) {
    let response = once(server, swf("CountPendingActivityTasks", COUNT)).await;
    assert_eq!(response.status, 200, "{response:?}");
}

/// Many more connections than there is room for, each with this much of a request.
async fn crowd(server: &LocalServer, begun: &str) -> Vec<Client> {
    let mut crowd = Vec::new();
    for _ in 0..100 {
        let mut client = Client::connect(server.local_addr()).await;
        // It may have given way already.
        let _ = client.stream.write_all(begun.as_bytes()).await;
        crowd.push(client);
        if crowd.len() % 10 == 0 {
            is_answered(server).await;
        }
    }
    crowd
}

#[tokio::test]
async fn those_who_say_nothing_give_way_the_first_ones_first() {
    let server = crowded(20).await;
    let mut crowd = crowd(&server, "").await;
    is_answered(&server).await;
    assert!(crowd[0].is_closed().await);
    // The last ones are still there.
    let last = crowd.last_mut().unwrap();
    last.send(swf("CountPendingActivityTasks", COUNT)).await;
    assert_eq!(last.response().await.status, 200);
}

#[tokio::test]
async fn those_who_send_a_head_slowly_give_way() {
    let server = crowded(20).await;
    let mut crowd = crowd(&server, "POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: a").await;
    is_answered(&server).await;
    assert!(crowd[0].is_closed().await);
}

#[tokio::test]
async fn those_who_send_a_body_slowly_give_way_and_nothing_of_it_is_done() {
    let server = with_room_for(20).start().await.unwrap();
    let body = r#"{"name": "slow", "workflowExecutionRetentionPeriodInDays": "1"}"#;
    let request = swf("RegisterDomain", body);
    let begun = &request[..request.len() - 1];
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut client = Client::connect(server.local_addr()).await;
        let _ = client.stream.write_all(begun.as_bytes()).await;
        slow.push(client);
    }
    register(&server).await;
    assert!(slow[0].is_closed().await);
    let all = r#"{"registrationStatus": "REGISTERED"}"#;
    let domains = once(&server, swf("ListDomains", all)).await;
    assert!(domains.body.contains("tests") && !domains.body.contains("slow"));
}

#[tokio::test]
async fn where_everybody_polls_the_oldest_poll_ends_empty() {
    let server = crowded(5).await;
    let mut polls = Vec::new();
    for parked in 1..=5 {
        let mut client = Client::connect(server.local_addr()).await;
        client.send(poll()).await;
        crate::client::parked(&server, parked).await;
        polls.push(client);
    }
    is_answered(&server).await;
    let ended = polls[0].response().await;
    assert_eq!(
        (ended.status, &ended.json()["startedEventId"]),
        (200, &0.into())
    );
    assert!(polls[0].is_closed().await);
    assert_eq!(server.parked_polls(), 4);
}

#[tokio::test]
async fn a_flood_of_requests_whose_answers_nobody_takes_ends_with_its_connection() {
    let options = LocalServer::builder().request_timeout(Duration::from_millis(400));
    let server = options.start().await.unwrap();
    let mut flood = Client::connect(server.local_addr()).await;
    let list = swf("ListDomains", r#"{"registrationStatus": "REGISTERED"}"#);
    let requests = list.repeat(100);
    within(async { while flood.stream.write_all(requests.as_bytes()).await.is_ok() {} }).await;
    // On a machine that is slow, one more client can seem slow too.
    let is_answered = async {
        loop {
            let mut client = Client::connect(server.local_addr()).await;
            let _ = client.stream.write_all(list.as_bytes()).await;
            if let Some(response) = client.try_response().await {
                return response.status;
            }
        }
    };
    assert_eq!(within(is_answered).await, 200);
}

#[tokio::test]
async fn a_flood_of_requests_does_not_keep_others_waiting() {
    let server = start(LocalServer::builder()).await;
    let address = server.local_addr();
    let flood = tokio::spawn(async move {
        let client = Client::connect(address).await;
        let (mut answers, mut requests) = client.stream.into_split();
        let flood = swf("CountPendingActivityTasks", COUNT).repeat(100);
        let mut taken = [0; 4_096];
        tokio::select! {
            () = async { while requests.write_all(flood.as_bytes()).await.is_ok() {} } => {}
            () = async { while answers.read(&mut taken).await.is_ok_and(|read| read > 0) {} } => {}
        }
    });
    for _ in 0..50 {
        is_answered(&server).await;
    }
    assert!(!flood.is_finished());
    flood.abort();
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = start(LocalServer::builder()).await;
    let long = format!("X-Long: {}\r\n", "a".repeat(100_000));
    let many = "X-Many: a\r\n".repeat(1_000);
    let path = format!("/{}", "a".repeat(100_000));
    for (path, headers) in [("/", &long), ("/", &many), (path.as_str(), &String::new())] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        let mut client = Client::connect(server.local_addr()).await;
        let _ = client.stream.write_all(request.as_bytes()).await;
        // What is still on its way when the connection closes may cost the answer.
        if let Some(response) = client.try_response().await {
            assert!([414, 431].contains(&response.status), "{response:?}");
        }
        is_answered(&server).await;
    }
    // What a client with a long session token sends has room.
    let token = format!("X-Amz-Security-Token: {}\r\n", "a".repeat(16_000));
    let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{token}\r\n");
    assert_eq!(once(&server, request).await.status, 200);
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let server = start(LocalServer::builder()).await;
    let count = swf("CountPendingActivityTasks", COUNT);
    let clashing = "Transfer-Encoding: chunked\r\nContent-Length";
    for bytes in [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x00\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n".to_vec(),
        b"GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        count
            .replace("Content-Length: ", "Content-Length: -")
            .into_bytes(),
        count
            .replace("Content-Length: ", "Content-Length: 9,")
            .into_bytes(),
        count.replace("Content-Length", clashing).into_bytes(),
    ] {
        let mut client = Client::connect(server.local_addr()).await;
        let _ = client.stream.write_all(&bytes).await;
        client.stream.shutdown().await.ok();
        if let Some(response) = client.try_response().await {
            let shown = String::from_utf8_lossy(&bytes);
            assert!(response.status >= 400, "{shown:?}: {response:?}");
        }
        is_answered(&server).await;
    }
}

#[tokio::test]
async fn who_asks_before_sending_too_much_need_not_send_it() {
    let server = start(LocalServer::builder()).await;
    let mut client = Client::connect(server.local_addr()).await;
    let request = swf("CountPendingActivityTasks", COUNT);
    let (head, _) = request.split_once("\r\n\r\n").unwrap();
    let length = format!("Content-Length: {}", COUNT.len());
    let head = head.replace(&length, "Content-Length: 100000000\r\nExpect: 100-continue");
    client.send(format!("{head}\r\n\r\n")).await;
    assert_eq!(client.response().await.status, 413);
}

#[tokio::test]
async fn what_is_compressed_is_refused_and_not_unpacked() {
    let server = start(LocalServer::builder()).await;
    let request = swf("CountPendingActivityTasks", COUNT);
    for encoding in ["gzip", "deflate, gzip", "br", "zstd"] {
        let packed = request.replace(
            "Content-Type",
            &format!("Content-Encoding: {encoding}\r\nContent-Type"),
        );
        let response = once(&server, packed).await;
        assert_eq!(response.status, 415, "{response:?}");
        assert!(response.body.contains("Content-Encoding"), "{response:?}");
    }
    let plain = request.replace("Content-Type", "Content-Encoding: identity\r\nContent-Type");
    assert_eq!(once(&server, plain).await.status, 200);
}

#[tokio::test]
async fn there_is_an_end_to_those_who_follow_the_events() {
    let server = start(LocalServer::builder()).await;
    let request = "GET /_workbeat/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut followers = Vec::new();
    for _ in 0..256 {
        let mut client = Client::connect(server.local_addr()).await;
        client.send(request).await;
        assert_eq!(client.head().await.status, 200);
        followers.push(client);
    }
    let refused = once(&server, request).await;
    assert_eq!(refused.status, 503);
    assert!(refused.body.contains("256"), "{refused:?}");
    drop(followers);
    within(async {
        while once_head(&server, request).await != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn once_head(server: &LocalServer, request: &str) -> u16 {
    let mut client = Client::connect(server.local_addr()).await;
    client.send(request).await;
    client.head().await.status
}
