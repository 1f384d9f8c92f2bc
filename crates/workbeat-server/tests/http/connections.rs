//! Connections that are used in ways that no SDK uses them.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use workbeat_server::LocalServer;

use crate::client::{Client, parked, poll, register, swf, within};

const COUNT: &str = r#"{"domain": "tests", "taskList": {"name": "files"}}"#;

async fn server() -> LocalServer {
    let server = LocalServer::builder().start().await.unwrap();
    register(&server).await;
    server
}

#[tokio::test]
async fn one_connection_takes_one_request_after_the_other() {
    let server = server().await;
    let mut client = Client::connect(server.local_addr()).await;
    for _ in 0..3 {
        client.send(swf("CountPendingActivityTasks", COUNT)).await;
        assert_eq!(client.response().await.status, 200);
    }
}

#[tokio::test]
async fn requests_that_come_together_are_answered_in_order() {
    let server = server().await;
    let mut client = Client::connect(server.local_addr()).await;
    let requests = [
        swf("CountPendingActivityTasks", COUNT),
        swf("PollForCoffee", "{}"),
        swf("CountPendingActivityTasks", COUNT),
    ];
    client.send(requests.concat()).await;
    assert_eq!(client.response().await.status, 200);
    assert_eq!(client.response().await.status, 400);
    assert_eq!(client.response().await.status, 200);
}

#[tokio::test]
async fn a_client_that_asks_before_it_sends_its_body_is_told_to_go_on() {
    let server = server().await;
    let mut client = Client::connect(server.local_addr()).await;
    let request = swf("CountPendingActivityTasks", COUNT);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    client
        .send(format!("{head}\r\nExpect: 100-continue\r\n\r\n"))
        .await;
    assert_eq!(client.response().await.status, 100);
    client.send(body).await;
    assert_eq!(client.response().await.status, 200);
}

#[tokio::test]
async fn a_client_of_http_1_0_is_answered_and_its_connection_closed() {
    let server = server().await;
    let mut client = Client::connect(server.local_addr()).await;
    let request = swf("CountPendingActivityTasks", COUNT);
    client.send(request.replace("HTTP/1.1", "HTTP/1.0")).await;
    assert_eq!(client.response().await.status, 200);
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn a_request_that_is_cut_short_changes_nothing() {
    let server = LocalServer::builder().start().await.unwrap();
    let mut client = Client::connect(server.local_addr()).await;
    let body = r#"{"name": "tests", "workflowExecutionRetentionPeriodInDays": "1"}"#;
    let request = swf("RegisterDomain", body);
    client.send(&request[..request.len() - 1]).await;
    client.stream.shutdown().await.unwrap();
    assert!(client.is_closed().await);
    register(&server).await;
}

#[tokio::test]
async fn a_request_that_comes_byte_by_byte_is_answered() {
    let server = server().await;
    let mut client = Client::connect(server.local_addr()).await;
    for byte in swf("CountPendingActivityTasks", COUNT).bytes() {
        client.send([byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(client.response().await.status, 200);
}

#[tokio::test]
async fn a_client_that_sends_its_request_and_closes_its_half_is_answered() {
    let server = server().await;
    let mut client = Client::connect(server.local_addr()).await;
    client.send(swf("CountPendingActivityTasks", COUNT)).await;
    client.stream.shutdown().await.unwrap();
    assert_eq!(client.response().await.status, 200);
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn a_client_that_has_closed_its_half_waits_also_for_a_late_answer() {
    let server = server().await;
    server.set_faults("latency=30ms".parse().unwrap());
    let mut client = Client::connect(server.local_addr()).await;
    client.send(swf("CountPendingActivityTasks", COUNT)).await;
    client.stream.shutdown().await.unwrap();
    assert_eq!(client.response().await.status, 200);
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn requests_that_come_together_before_a_closed_half_are_all_answered() {
    let server = server().await;
    let mut client = Client::connect(server.local_addr()).await;
    let request = swf("CountPendingActivityTasks", COUNT);
    client.send(request.repeat(20)).await;
    client.stream.shutdown().await.unwrap();
    for _ in 0..20 {
        assert_eq!(client.response().await.status, 200);
    }
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn a_client_that_closes_its_half_while_it_polls_has_gone_away() {
    let server = server().await;
    let mut client = Client::connect(server.local_addr()).await;
    client.send(poll()).await;
    client.stream.shutdown().await.unwrap();
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn a_head_that_never_ends_costs_the_connection() {
    let server = LocalServer::builder()
        .request_timeout(Duration::from_millis(400))
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(server.local_addr()).await;
    client.send("POST / HTTP/1.1\r\nX-Slow: ").await;
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn a_body_that_never_comes_is_told_so() {
    let server = LocalServer::builder()
        .request_timeout(Duration::from_millis(400))
        .start()
        .await
        .unwrap();
    let request = swf("CountPendingActivityTasks", COUNT);
    let is_told = async {
        loop {
            let mut client = Client::connect(server.local_addr()).await;
            client.send(&request[..request.len() - 1]).await;
            // On a machine that is slow, the head can have come too late already.
            if let Some(response) = client.try_response().await {
                return response.status;
            }
        }
    };
    assert_eq!(within(is_told).await, 408);
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_poll_with_it() {
    let server = server().await;
    let mut gone = Client::connect(server.local_addr()).await;
    gone.send(poll()).await;
    drop(gone);
    // It is not seen from outside when the server has noticed; that no task is lost to the
    // poll is shown where the SDK schedules one.
    let mut client = Client::connect(server.local_addr()).await;
    client.send(swf("CountPendingActivityTasks", COUNT)).await;
    assert_eq!(client.response().await.status, 200);
}

#[tokio::test]
async fn a_stop_ends_polls_empty_and_takes_no_new_connections() {
    let server = server().await;
    let mut polling = Client::connect(server.local_addr()).await;
    polling.send(poll()).await;
    parked(&server, 1).await;
    let mut idle = Client::connect(server.local_addr()).await;
    idle.send(swf("CountPendingActivityTasks", COUNT)).await;
    idle.response().await;

    within(server.stop()).await;
    let ended = polling.response().await;
    assert_eq!(ended.status, 200);
    assert_eq!(ended.json()["startedEventId"], 0);
    assert!(idle.is_closed().await);
    let refused = tokio::net::TcpStream::connect(server.local_addr()).await;
    assert!(refused.is_err());
    within(server.stop()).await;
}

#[tokio::test]
async fn a_second_stop_does_not_wait_for_slow_clients() {
    let server = LocalServer::builder()
        .stop_grace(Duration::from_secs(3_600))
        .start()
        .await
        .unwrap();
    let mut slow = Client::connect(server.local_addr()).await;
    slow.send("POST / HTTP/1.1\r\nX-Slow: ").await;
    // Until the server has read the beginning, there is nothing that it would wait for.
    let first = async {
        within(server.stop()).await;
    };
    let second = async {
        tokio::task::yield_now().await;
        within(server.stop()).await;
    };
    tokio::join!(first, second);
    assert!(slow.is_closed().await);
}

#[tokio::test]
async fn a_server_that_is_dropped_closes_its_connections() {
    let server = server().await;
    let mut client = Client::connect(server.local_addr()).await;
    client.send(poll()).await;
    drop(server);
    assert!(client.is_closed().await);
}
