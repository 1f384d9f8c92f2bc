//! `workbeat start`.

use serde_json::json;

use crate::kit::{Stage, ended, line_with, lines};

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_is_started_and_its_result_is_all_of_stdout() {
    let stage = Stage::with_worker().await;
    let ran = stage
        .run(&["start", "resize", "--input", "{\"steps\":3}"])
        .await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.out, "{\"steps\":3,\"width\":640}\n");
    assert!(
        ran.err.contains("started resize/1.0 as workflow resize-"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("completed in"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn as_json_it_is_one_document() {
    let stage = Stage::with_worker().await;
    let start = ["start", "resize/1.0", "-i", "{}", "--workflow-id", "job-7"];
    let ended = stage.json(&start).await;
    assert_eq!(ended["workflowId"], "job-7");
    assert_eq!(ended["status"], "completed");
    assert_eq!(ended["exitCode"], 0);
    assert_eq!(
        ended["activityType"],
        json!({"name": "resize", "version": "1.0"})
    );
    assert_eq!(ended["result"], json!({"steps": 0, "width": 640}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_activity_is_exit_code_1_and_says_why() {
    let stage = Stage::with_worker().await;
    let ran = stage.run(&["start", "break"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("failed: no disk"), "{}", ran.err);

    let failed = stage.json(&["start", "break"]).await;
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["reason"], "no disk");
    assert_eq!(failed["exitCode"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_that_nobody_takes_times_out_as_exit_code_4() {
    let stage = Stage::with_worker().await;
    let start = [
        "start",
        "resize",
        "--task-list",
        "nobody",
        "--schedule-to-start",
        "1s",
    ];
    let ran = stage.run(&start).await;
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(
        ran.err.contains("waiting for a worker on task list nobody"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("no worker took it"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_are_shown_while_it_runs() {
    let stage = Stage::with_worker().await;
    // It would take more than an hour.
    let start = ["start", "resize", "--input", "{\"steps\":100000}"];
    let start = [&start[..], &["--workflow-id", "job-7"]].concat();
    let mut child = stage.command(&start).spawn().unwrap();
    let mut err = lines(child.stderr.take());
    line_with(&mut err, "running on ").await;
    let line = line_with(&mut err, " of 100000").await;
    assert!(line.ends_with(" of 100000"), "{line:?}");
    stage.done(&["cancel", "job-7"]).await;
    assert_eq!(ended(child.wait_with_output()).await.code, Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_comes_from_a_file_or_stdin() {
    use tokio::io::AsyncWriteExt;

    let stage = Stage::with_worker().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "{\"steps\": 2}\n").unwrap();
    let at = format!("@{}", file.path().display());
    let out = stage.done(&["start", "resize", "--input", &at]).await;
    assert_eq!(out, "{\"steps\":2,\"width\":640}\n");

    let mut command = stage.command(&["start", "resize", "--input", "-"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"{\"steps\": 1}").await.unwrap();
    drop(stdin);
    let ran = ended(child.wait_with_output()).await;
    assert_eq!(ran.out, "{\"steps\":1,\"width\":640}\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_started_says_what_can() {
    let stage = Stage::with_worker().await;
    let unknown = stage.run(&["start", "resice"]).await;
    assert_eq!(unknown.code, Some(3));
    let registered =
        "registered are: break/1.0, patient/1.0, resize/1.0, stubborn/1.0, twice/1.0, twice/2.0";
    assert!(unknown.err.contains(registered), "{}", unknown.err);

    // Each region is a world of its own.
    let elsewhere = stage
        .run(&["start", "resize", "--region", "eu-west-1"])
        .await;
    assert_eq!(elsewhere.code, Some(3));
    let none = "none is registered in region eu-west-1";
    assert!(elsewhere.err.contains(none), "{}", elsewhere.err);

    let version = stage.run(&["start", "resize/9"]).await;
    assert_eq!(version.code, Some(3));
    assert!(version.err.contains("`resize/9`"), "{}", version.err);

    let several = stage.run(&["start", "twice"]).await;
    assert_eq!(several.code, Some(2));
    assert!(
        several.err.contains("twice/1.0, twice/2.0"),
        "{}",
        several.err
    );
    let one = stage.run(&["start", "twice/2.0", "--input", "{}"]).await;
    assert_eq!(one.code, Some(0), "{}", one.err);

    let words = stage.run(&["start", "resize", "--input", "words"]).await;
    assert_eq!(words.code, Some(2));
    assert!(words.err.contains("--raw-input"), "{}", words.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_open_workflows_cannot_have_the_same_id() {
    let stage = Stage::with_worker().await;
    let start = ["start", "patient", "--detach", "--workflow-id", "job-7"];
    assert_eq!(stage.done(&start).await, "job-7\n");
    let again = stage.run(&start).await;
    assert_eq!(again.code, Some(9), "{again:?}");
    assert!(
        again.err.contains("workflow `job-7` is open already"),
        "{}",
        again.err
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_first_ctrl_c_asks_and_waits_for_the_activity() {
    use crate::kit::signal;

    let stage = Stage::with_worker().await;
    let mut child = stage.command(&["start", "patient"]).spawn().unwrap();
    let mut err = lines(child.stderr.take());
    line_with(&mut err, "running on").await;
    signal(&child, "INT").await;
    line_with(&mut err, "Ctrl-C: asking for the cancellation").await;
    line_with(&mut err, "details: cleaned up").await;
    let ran = ended(child.wait_with_output()).await;
    assert_eq!(ran.code, Some(5), "{ran:?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_second_ctrl_c_leaves_and_another_command_finishes() {
    use crate::kit::signal;

    let stage = Stage::with_worker().await;
    let start = ["start", "stubborn", "--workflow-id", "job-7"];
    let mut child = stage.command(&start).spawn().unwrap();
    let mut err = lines(child.stderr.take());
    line_with(&mut err, "running on").await;
    signal(&child, "INT").await;
    line_with(&mut err, "cancellation requested").await;
    signal(&child, "INT").await;
    line_with(&mut err, "workflow `job-7` goes on").await;
    line_with(&mut err, "`workbeat wait job-7`").await;
    let ran = ended(child.wait_with_output()).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(130), ""));

    let mut waiting = stage.command(&["wait", "job-7"]).spawn().unwrap();
    line_with(&mut lines(waiting.stderr.take()), "cancellation requested").await;
    stage.done(&["terminate", "job-7"]).await;
    assert_eq!(ended(waiting.wait_with_output()).await.code, Some(8));
}
