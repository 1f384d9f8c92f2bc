//! Requests that no SDK would send, and what they are told.

use workbeat_server::LocalServer;

use crate::client::{Client, header, once, post, register, swf};

async fn server() -> LocalServer {
    LocalServer::builder().start().await.unwrap()
}

#[tokio::test]
async fn an_answer_has_the_form_of_aws() {
    let server = server().await;
    register(&server).await;
    let count = r#"{"domain": "tests", "taskList": {"name": "files"}}"#;
    let response = once(&server, swf("CountPendingActivityTasks", count)).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.json()["count"], 0);
    let content_type = header(&response.head, "content-type");
    assert_eq!(content_type, Some("application/x-amz-json-1.0"));
    let id = header(&response.head, "x-amzn-requestid").unwrap();
    assert_eq!(id.len(), 36);
}

#[tokio::test]
async fn an_operation_that_answers_nothing_has_an_empty_body() {
    let server = server().await;
    let body = r#"{"name": "tests", "workflowExecutionRetentionPeriodInDays": "1"}"#;
    let response = once(&server, swf("RegisterDomain", body)).await;
    assert_eq!((response.status, &*response.body), (200, ""));
}

#[tokio::test]
async fn a_fault_of_swf_is_an_http_400_with_its_type() {
    let server = server().await;
    let count = r#"{"domain": "nowhere", "taskList": {"name": "files"}}"#;
    let response = once(&server, swf("CountPendingActivityTasks", count)).await;
    assert_eq!(response.status, 400);
    let expected = "com.amazonaws.swf.base.model#UnknownResourceFault";
    assert_eq!(response.json()["__type"], expected);
    assert_eq!(response.json()["message"], "Unknown domain: nowhere");
}

#[tokio::test]
async fn a_request_without_a_target_is_told_what_to_send() {
    let server = server().await;
    let response = once(&server, post("/", "", "{}")).await;
    assert_eq!(response.status, 400);
    assert_eq!(response.fault(), "UnknownOperationException");
    assert!(response.body.contains("X-Amz-Target"), "{response:?}");
}

#[tokio::test]
async fn an_operation_that_swf_does_not_have_is_unknown() {
    let server = server().await;
    let response = once(&server, swf("PollForCoffee", "{}")).await;
    assert_eq!(response.status, 400);
    assert_eq!(response.fault(), "UnknownOperationException");
}

#[tokio::test]
async fn a_target_of_another_service_is_refused() {
    let server = server().await;
    let target = "X-Amz-Target: DynamoDB_20120810.ListTables\r\n";
    let response = once(&server, post("/", target, "{}")).await;
    assert_eq!(response.fault(), "UnknownOperationException");
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_a_serialization_exception() {
    let server = server().await;
    for body in ["", "{", "[]", "null", "\"text\"", "{\"domain\": 1}"] {
        let response = once(&server, swf("CountPendingActivityTasks", body)).await;
        assert_eq!(response.status, 400, "{body}");
        if !body.is_empty() {
            assert_eq!(response.fault(), "SerializationException", "{body}");
        }
    }
}

#[tokio::test]
async fn a_body_of_another_content_type_is_refused() {
    let server = server().await;
    let headers = "X-Amz-Target: SimpleWorkflowService.ListDomains\r\nContent-Type: text/plain\r\n";
    let response = once(&server, post("/", headers, "{}")).await;
    assert_eq!(response.status, 415);
    assert!(response.body.contains("application/x-amz-json-1.0"));
}

#[tokio::test]
async fn a_body_over_a_megabyte_is_too_large_and_the_client_is_told() {
    let server = server().await;
    let body = format!("{{\"domain\": \"{}\"}}", "a".repeat(3_000_000));
    let response = once(&server, swf("CountPendingActivityTasks", &body)).await;
    assert_eq!(response.status, 413);
    assert_eq!(response.fault(), "RequestEntityTooLargeException");
    assert!(response.body.contains("1048576"));
}

#[tokio::test]
async fn a_body_in_chunks_is_bounded_too() {
    let server = server().await;
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\
                X-Amz-Target: SimpleWorkflowService.CountPendingActivityTasks\r\n\r\n";
    let small = format!(
        "{head}2\r\n{{\"\r\n6\r\ndomain\r\n2c\r\n\": \"nowhere\", \"taskList\": {{\"name\": \"files\"}}}}\r\n0\r\n\r\n"
    );
    let response = once(&server, small).await;
    assert_eq!(response.fault(), "UnknownResourceFault", "{response:?}");

    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    let large = format!("{head}{}0\r\n\r\n", chunk.repeat(20));
    assert_eq!(once(&server, large).await.status, 413);
}

#[tokio::test]
async fn other_paths_and_methods_are_told_what_there_is() {
    let server = server().await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let greeting = once(&server, get("/")).await;
    assert_eq!(greeting.status, 200);
    assert!(greeting.body.contains("Amazon SWF"));
    assert_eq!(greeting.body.lines().count(), 1);

    let nowhere = once(&server, get("/favicon.ico")).await;
    assert_eq!(nowhere.status, 404);
    assert!(nowhere.body.contains("POST /"));

    let put = once(
        &server,
        "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    assert_eq!(put.status, 405);
    assert!(put.body.contains("POST"));
}

#[tokio::test]
async fn bytes_that_are_no_http_are_refused() {
    let server = server().await;
    let mut client = Client::connect(server.local_addr()).await;
    client.send("nonsense\r\n\r\n").await;
    assert_eq!(client.response().await.status, 400);
}
