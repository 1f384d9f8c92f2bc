//! `workbeat start --detach` and `workbeat wait`.

use serde_json::json;

use crate::kit::{Ran, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_detached_is_finished_by_wait() {
    let stage = Stage::with_worker().await;
    let id = stage
        .done(&["start", "resize", "--input", "{\"steps\":2}", "--detach"])
        .await;
    let id = id.trim();
    // Its activity ends, and nobody decides: nothing is closed, and nothing is lost.
    stage.until_event(id, "ActivityTaskCompleted").await;
    let open = stage.json(&["list", "--open"]).await;
    assert_eq!(open["executions"][0]["workflowId"], id);
    assert_eq!(open["executions"][0]["toBeFinished"], true);
    let told = stage.run(&["list"]).await;
    assert!(told.out.contains("open, to be finished"), "{told:?}");
    assert!(
        told.err.contains(&format!("`workbeat wait {id}`")),
        "{told:?}"
    );

    let ran = stage.run(&["wait", id]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.out, "{\"steps\":2,\"width\":640}\n");
    let again = stage.json(&["wait", id]).await;
    assert_eq!(again["result"], json!({"steps": 2, "width": 640}));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_can_wait_for_the_same() {
    let stage = Stage::with_worker().await;
    let start = ["start", "resize", "--input", "{\"steps\":8}", "--detach"];
    let id = stage.done(&start).await;
    let wait = ["wait", id.trim()];
    let (one, other) = tokio::join!(stage.done(&wait), stage.done(&wait));
    assert_eq!(one, "{\"steps\":8,\"width\":640}\n");
    assert_eq!(one, other);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_is_the_activitys() {
    let stage = Stage::with_worker().await;
    let id = stage.done(&["start", "break", "--detach"]).await;
    assert_eq!(stage.run(&["wait", id.trim()]).await.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_workflow_is_exit_code_8() {
    let stage = Stage::with_worker().await;
    let id = stage.done(&["start", "patient", "--detach"]).await;
    let id = id.trim();
    let terminate = ["terminate", id, "--reason", "by mistake"];
    assert_eq!(stage.done(&terminate).await, format!("terminated {id}\n"));
    let ran = stage.run(&["wait", id]).await;
    assert_eq!(ran.code, Some(8), "{ran:?}");
    assert!(ran.err.contains("terminated: by mistake"), "{}", ran.err);
    let again = stage.run(&terminate).await;
    assert_eq!(again.code, Some(3), "{again:?}");
    assert!(again.err.contains("is not open"), "{}", again.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_history_is_kept_it_is_said_that_the_end_is_gone() {
    let mut stage = Stage::empty().await;
    let register = stage.client().register_domain().name("workbeat");
    let none = register.workflow_execution_retention_period_in_days("NONE");
    none.send().await.unwrap();
    stage.work().await;

    let is_said = |arguments: &[&str], ran: &Ran| {
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{arguments:?}");
        for said in [
            "is closed",
            "its retention is NONE",
            "use a domain with a retention",
        ] {
            assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
        }
        assert!(!ran.err.contains("goes on"), "{arguments:?}: {}", ran.err);
    };
    let start = ["start", "resize", "--input", "{}"];
    is_said(&start, &stage.run(&start).await);
    let json = [&start[..], &["--output", "json"]].concat();
    is_said(&json, &stage.run(&json).await);

    let id = stage.done(&[&start[..], &["--detach"]].concat()).await;
    let wait = ["wait", id.trim()];
    is_said(&wait, &stage.run(&wait).await);
    let again = stage.run(&wait).await;
    assert_eq!(again.code, Some(3), "{again:?}");
    assert!(again.err.contains("there is no workflow"), "{}", again.err);
    assert!(again.err.contains("retention NONE"), "{}", again.err);
}
