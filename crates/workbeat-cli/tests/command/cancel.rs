//! `workbeat cancel`.

use crate::kit::{Stage, ended, line_with, lines};

#[tokio::test(flavor = "multi_thread")]
async fn a_detached_activity_is_cancelled_and_waited_for() {
    let stage = Stage::with_worker().await;
    let id = stage.done(&["start", "patient", "--detach"]).await;
    let id = id.trim();
    stage.until_event(id, "ActivityTaskStarted").await;
    let canceled = stage.json(&["cancel", id, "--wait"]).await;
    assert_eq!(canceled["status"], "canceled");
    assert_eq!(canceled["details"], "cleaned up");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_cancellation_is_requested_is_said_once() {
    let stage = Stage::with_worker().await;
    let id = stage.done(&["start", "patient", "--detach"]).await;
    let id = id.trim();
    stage.until_event(id, "ActivityTaskStarted").await;
    let ran = stage.run(&["cancel", id, "--wait"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.starts_with("waiting for the end\n"), "{ran:?}");
    let said = ran.err.matches("cancellation requested").count();
    assert!(said <= 1, "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_decides_until_the_request_is_with_the_activity() {
    let stage = Stage::with_worker().await;
    let id = stage.done(&["start", "patient", "--detach"]).await;
    let id = id.trim();
    stage.until_event(id, "ActivityTaskStarted").await;
    let ran = stage.run(&["cancel", id]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("the worker learns it"), "{}", ran.out);
    stage.until_event(id, "ActivityTaskCanceled").await;
    assert_eq!(stage.run(&["wait", id]).await.code, Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_waits_decides_by_itself() {
    let stage = Stage::with_worker().await;
    let start = ["start", "patient", "--workflow-id", "job-7"];
    let mut child = stage.command(&start).spawn().unwrap();
    let mut err = lines(child.stderr.take());
    line_with(&mut err, "running on").await;
    let canceled = stage.json(&["cancel", "job-7"]).await;
    assert_eq!(canceled["cancelRequested"], true);
    line_with(&mut err, "details: cleaned up").await;
    assert_eq!(ended(child.wait_with_output()).await.code, Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_worker_took_is_canceled_at_once() {
    let stage = Stage::with_worker().await;
    let start = ["start", "patient", "--task-list", "nobody", "--detach"];
    let id = stage.done(&start).await;
    let ran = stage.run(&["cancel", id.trim(), "--wait"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("canceled after"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_or_not_there_cannot_be_cancelled() {
    let stage = Stage::with_worker().await;
    let start = ["start", "resize", "--input", "{}", "--workflow-id", "job-7"];
    stage.done(&start).await;
    let closed = stage.run(&["cancel", "job-7"]).await;
    assert_eq!(closed.code, Some(3));
    assert!(
        closed.err.contains("`job-7` is not open: it is completed"),
        "{}",
        closed.err
    );
    let missing = stage.run(&["cancel", "job-8"]).await;
    assert_eq!(missing.code, Some(3));
    assert!(
        missing.err.contains("there is no workflow `job-8`"),
        "{}",
        missing.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_another_workflow_its_decider_must_react() {
    let stage = Stage::with_worker().await;
    let client = stage.client();
    client
        .register_workflow_type()
        .domain("workbeat")
        .name("orders")
        .version("3")
        .send()
        .await
        .unwrap();
    let orders = aws_sdk_swf::types::WorkflowType::builder()
        .name("orders")
        .version("3");
    let list = aws_sdk_swf::types::TaskList::builder().name("orders");
    client
        .start_workflow_execution()
        .domain("workbeat")
        .workflow_id("order-1")
        .workflow_type(orders.build().unwrap())
        .task_list(list.build().unwrap())
        .execution_start_to_close_timeout("600")
        .task_start_to_close_timeout("60")
        .child_policy(aws_sdk_swf::types::ChildPolicy::Terminate)
        .send()
        .await
        .unwrap();
    let ran = stage.run(&["cancel", "order-1"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out.contains("the decider of orders/3 must react"),
        "{}",
        ran.out
    );
}
