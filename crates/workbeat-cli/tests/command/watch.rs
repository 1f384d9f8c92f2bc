//! `workbeat watch`.

use serde_json::Value;

use crate::kit::{Stage, ended, line_with, lines};

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_are_lines_until_the_activity_ends() {
    let stage = Stage::with_worker().await;
    let start = ["start", "patient", "--detach", "--workflow-id", "job-7"];
    stage.done(&start).await;
    let mut child = stage.command(&["watch", "job-7"]).spawn().unwrap();
    let mut out = lines(child.stdout.take());
    let first = line_with(&mut out, "job-7 patient/1.0").await;
    assert!(!first.contains('\u{1b}'), "{first:?}");
    stage.done(&["cancel", "job-7"]).await;
    let last = line_with(&mut out, "canceled").await;
    assert_eq!(last, "job-7 patient/1.0  canceled: cleaned up");
    assert_eq!(ended(child.wait_with_output()).await.code, Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_shown_for_what_it_is() {
    let stage = Stage::with_worker().await;
    let mut child = stage.command(&["watch"]).spawn().unwrap();
    let mut err = lines(child.stderr.take());
    let mut out = lines(child.stdout.take());
    line_with(&mut err, "watching the activities").await;
    let start = [
        "start",
        "resize",
        "--input",
        // It would take more than an hour.
        "{\"steps\":100000}",
        "--workflow-id",
        "job-7",
    ];
    let started = tokio::spawn(finish_start(stage.command(&start)));
    let line = line_with(&mut out, " of 100000").await;
    assert!(
        line.starts_with("job-7 resize/1.0  ") && line.contains('%'),
        "{line}"
    );
    stage.done(&["cancel", "job-7"]).await;
    let end = line_with(&mut out, "canceled").await;
    assert!(end.starts_with("job-7 resize/1.0  canceled"), "{end}");
    assert_eq!(started.await.unwrap(), Some(5));
    let start = ["start", "resize", "--input", "{\"steps\":1}"];
    let start = [&start[..], &["--workflow-id", "job-8"]].concat();
    stage.done(&start).await;
    let end = line_with(&mut out, "completed").await;
    assert_eq!(
        end,
        "job-8 resize/1.0  completed: {\"steps\":1,\"width\":640}"
    );
}

async fn finish_start(command: tokio::process::Command) -> Option<i32> {
    crate::kit::finish(command).await.code
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reset_took_is_not_shown_for_ever() {
    let stage = Stage::with_worker().await;
    stage
        .done(&["start", "stubborn", "--detach", "--workflow-id", "job-7"])
        .await;
    let mut child = stage.command(&["watch"]).spawn().unwrap();
    let mut out = lines(child.stdout.take());
    line_with(&mut out, "job-7 stubborn/1.0  running").await;
    stage.server.reset().await.unwrap();
    line_with(&mut out, "job-7 stubborn/1.0  is gone").await;
    child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn as_json_each_line_is_a_document() {
    let stage = Stage::with_worker().await;
    let start = ["start", "patient", "--detach", "--workflow-id", "job-7"];
    stage.done(&start).await;
    let watch = ["watch", "job-7", "--output", "json"];
    let mut child = stage.command(&watch).spawn().unwrap();
    let mut out = lines(child.stdout.take());
    let line = line_with(&mut out, "heartbeat").await;
    assert!(!line.contains('\u{1b}'), "{line:?}");
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["workflowId"], "job-7");
    stage.done(&["cancel", "job-7"]).await;
    let closed = line_with(&mut out, "ActivityTaskCanceled").await;
    assert!(serde_json::from_str::<Value>(&closed).is_ok(), "{closed}");
    assert_eq!(ended(child.wait_with_output()).await.code, Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_is_told_at_once() {
    let stage = Stage::with_worker().await;
    let start = ["start", "resize", "--input", "{}", "--workflow-id", "job-7"];
    stage.done(&start).await;
    assert_eq!(
        stage.done(&["watch", "job-7"]).await,
        "{\"steps\":0,\"width\":640}\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn on_aws_there_is_nothing_to_watch() {
    let ran = crate::kit::finish(crate::kit::workbeat(&["watch", "--aws"])).await;
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("shows heartbeats to nobody"),
        "{}",
        ran.err
    );
}
