//! The real aws-sdk-swf against the server: what goes over the wire is what it expects.

#![allow(clippy::unwrap_used, reason = "a helper of a test may unwrap too")]

use aws_sdk_swf::error::ProvideErrorMetadata;
use aws_sdk_swf::types::TaskList;
use workbeat_server::LocalServer;
use workbeat_tests::{sdk_client, sdk_client_in};

fn list(name: &str) -> TaskList {
    TaskList::builder().name(name).build().unwrap()
}

async fn register(client: &aws_sdk_swf::Client) {
    let register = client.register_domain().name("tests");
    register
        .workflow_execution_retention_period_in_days("1")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn two_regions_do_not_see_each_other() {
    let server = LocalServer::builder().start().await.unwrap();
    let here = sdk_client_in(&server.url(), "eu-central-1");
    let there = sdk_client_in(&server.url(), "us-west-2");
    register(&here).await;
    let count = |client: &aws_sdk_swf::Client| {
        let count = client.count_pending_activity_tasks();
        count.domain("tests").task_list(list("files")).send()
    };
    assert_eq!(count(&here).await.unwrap().count, 0);
    let error = count(&there).await.unwrap_err().into_service_error();
    assert!(error.is_unknown_resource_fault(), "{error:?}");
    register(&there).await;
    assert_eq!(count(&there).await.unwrap().count, 0);
}

#[tokio::test]
async fn a_fault_is_the_error_that_the_sdk_knows() {
    let server = LocalServer::builder().start().await.unwrap();
    let client = sdk_client(&server.url());
    register(&client).await;
    let again = client.register_domain().name("tests");
    let again = again.workflow_execution_retention_period_in_days("1");
    let error = again.send().await.unwrap_err().into_service_error();
    assert!(error.is_domain_already_exists_fault(), "{error:?}");
    assert_eq!(error.message(), Some("tests"));
}
