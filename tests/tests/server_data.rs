//! The data file: what an answer acknowledged is there after the server's end, however it ended.

#![allow(clippy::unwrap_used, reason = "a helper of a test may unwrap too")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_sdk_swf::types::{EventType, HistoryEvent, WorkflowExecution, WorkflowType};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use workbeat_server::LocalServer;
use workbeat_tests::decider::{Decider, complete, request_cancel, schedule};
use workbeat_tests::sdk_client;

/// A file that servers come and go on.
struct Stage {
    folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("state.redb")
    }

    async fn serve(&self) -> (LocalServer, Decider) {
        let options = LocalServer::builder().data(self.file());
        let server = options.start().await.unwrap();
        let decider = Decider::over(sdk_client(&server.url()));
        (server, decider)
    }

    async fn first(&self) -> (LocalServer, Decider) {
        let (server, _) = self.serve().await;
        let decider = Decider::register(&server.url()).await;
        (server, decider)
    }
}

#[tokio::test]
async fn a_running_activity_goes_on_over_a_restart() {
    let stage = Stage::new();
    let (server, decider) = stage.first().await;
    let execution = decider.start_activity("order-1").await;
    let task = decider.poll().await;
    decider.heartbeat(task.task_token(), "half").await;
    let before = decider.history(&execution).await;
    drop(server);

    let (_server, decider) = stage.serve().await;
    assert_eq!(decider.history(&execution).await, before);
    assert!(!decider.heartbeat(task.task_token(), "more").await);
    let signal = decider.client().signal_workflow_execution().domain("tests");
    let signal = signal.workflow_id("order-1").signal_name("stop");
    signal.send().await.unwrap();
    decider.decide(vec![request_cancel("order-1")]).await;
    assert!(decider.heartbeat(task.task_token(), "more").await);
    let canceled = decider.client().respond_activity_task_canceled();
    canceled.task_token(task.task_token()).send().await.unwrap();
    decider.decide(vec![complete()]).await;
    let last = decider.last(&execution, 1).await;
    assert_eq!(last, [EventType::WorkflowExecutionCompleted]);
}

#[tokio::test]
async fn tasks_that_waited_are_handed_out_after_a_restart() {
    let stage = Stage::new();
    let (server, decider) = stage.first().await;
    decider.start("order-1").await;
    drop(server);
    let (server, decider) = stage.serve().await;
    decider.decide(vec![schedule("a"), schedule("b")]).await;
    server.stop().await;
    let (_server, decider) = stage.serve().await;
    assert_eq!(decider.poll().await.activity_id(), "a");
    assert_eq!(decider.poll().await.activity_id(), "b");
}

#[tokio::test]
async fn a_timeout_that_began_before_a_restart_fires_at_its_own_time() {
    let stage = Stage::new();
    let (server, decider) = stage.first().await;
    let execution = decider.start_activity("order-1").await;
    let task = decider.poll().await;
    server.advance(Duration::from_secs(200)).await.unwrap();
    decider.heartbeat(task.task_token(), "alive").await;
    drop(server);

    let (server, decider) = stage.serve().await;
    server.advance(Duration::from_secs(200)).await.unwrap();
    let history = decider.history(&execution).await;
    let timed_out = history
        .iter()
        .find_map(|event| event.activity_task_timed_out_event_attributes())
        .unwrap();
    assert_eq!(timed_out.timeout_type().as_str(), "START_TO_CLOSE");
    assert_eq!(timed_out.details(), Some("alive"));
    let at = |wanted: EventType| {
        let is = |event: &&HistoryEvent| event.event_type() == &wanted;
        history
            .iter()
            .find(is)
            .unwrap()
            .event_timestamp()
            .as_secs_f64()
    };
    let ran = at(EventType::ActivityTaskTimedOut) - at(EventType::ActivityTaskStarted);
    assert!((ran - 300.0).abs() < 0.002, "{ran}");
}

#[tokio::test]
async fn a_reset_is_kept_too() {
    let stage = Stage::new();
    let (server, decider) = stage.first().await;
    decider.start_activity("order-1").await;
    server.reset().await.unwrap();
    drop(server);
    let (server, _) = stage.first().await;
    drop(server);
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let stage = Stage::new();
    let (mut child, url) = serve_elsewhere(&stage.file()).await;
    let decider = Decider::register(&url).await;
    let starters: Vec<_> = (0..4)
        .map(|n| {
            let decider = decider.clone();
            tokio::spawn(start_until_killed(decider, n))
        })
        .collect();
    let acknowledged = decider.clone();
    let mut count = 0;
    while count < 40 {
        let counted = acknowledged.client().count_pending_decision_tasks();
        let counted = counted.domain("tests");
        let list = workbeat_tests::decider::task_list("decisions");
        count = counted.task_list(list).send().await.unwrap().count();
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let (_server, decider) = stage.serve().await;
    let mut all = 0;
    for starter in starters {
        for execution in starter.await.unwrap() {
            let history = decider.history(&execution).await;
            assert_eq!(history.len(), 2, "{history:?}");
            all += 1;
        }
    }
    assert!(all >= 36, "{all}");
}

#[tokio::test]
async fn a_server_that_is_killed_over_and_over_forgets_no_completion() {
    let stage = Stage::new();
    let (server, decider) = stage.first().await;
    for n in 0..12 {
        decider.start(&format!("order-{n}")).await;
        let activities = (0..5).map(|m| schedule(&format!("{n}-{m}")));
        decider.decide(activities.collect()).await;
    }
    server.stop().await;

    let mut completed = Vec::new();
    for round in 0..4 {
        let (mut child, url) = serve_elsewhere(&stage.file()).await;
        let decider = Decider::over(sdk_client(&url));
        let (sender, mut done) = unbounded_channel();
        let workers: Vec<_> = (0..3)
            .map(|_| tokio::spawn(work_until_killed(decider.clone(), sender.clone())))
            .collect();
        // Killed while others are under way.
        for _ in 0..(3 + round) {
            completed.push(done.recv().await.unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        drop(sender);
        for worker in workers {
            worker.await.unwrap();
        }
        while let Some(activity) = done.recv().await {
            completed.push(activity);
        }
    }

    let (_server, decider) = stage.serve().await;
    for (execution, started) in completed {
        let history = decider.history(&execution).await;
        let completions = history.iter().filter(|event| {
            let completed = event.activity_task_completed_event_attributes();
            completed.is_some_and(|completed| completed.started_event_id() == started)
        });
        assert_eq!(completions.count(), 1, "{history:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_killed_while_it_makes_its_file_starts_again() {
    for _ in 0..10 {
        let stage = Stage::new();
        let folder = stage.folder.path().to_owned();
        let kill = tokio::task::spawn_blocking(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_serve"));
            command.arg(folder.join("state.redb")).stdout(Stdio::null());
            let mut child = command.spawn().unwrap();
            // As soon as anything of a file is there.
            let length =
                |file: std::io::Result<std::fs::DirEntry>| file?.metadata().map(|file| file.len());
            while !std::fs::read_dir(&folder)
                .unwrap()
                .any(|file| length(file).is_ok_and(|length| length > 0))
            {
                assert!(child.try_wait().unwrap().is_none(), "it must serve");
            }
            child.kill().unwrap();
            child.wait().unwrap();
        });
        kill.await.unwrap();
        stage.first().await;
    }
}

/// Completes activities until the server does not answer, and says which were acknowledged.
async fn work_until_killed(decider: Decider, done: UnboundedSender<(WorkflowExecution, i64)>) {
    let client = decider.client();
    let files = || workbeat_tests::decider::task_list("files");
    loop {
        let poll = client.poll_for_activity_task().domain("tests");
        let Ok(task) = poll.task_list(files()).send().await else {
            return;
        };
        let token = task.task_token();
        let beat = client.record_activity_task_heartbeat().task_token(token);
        if beat.details("half").send().await.is_err() {
            return;
        }
        let complete = client.respond_activity_task_completed();
        if complete.task_token(token).send().await.is_err() {
            return;
        }
        let execution = task.workflow_execution().unwrap().clone();
        done.send((execution, task.started_event_id())).unwrap();
    }
}

/// Starts workflows until the server does not answer, and says which were acknowledged.
async fn start_until_killed(decider: Decider, starter: usize) -> Vec<WorkflowExecution> {
    let mut acknowledged = Vec::new();
    for n in 0.. {
        let workflow_id = format!("order-{starter}-{n}");
        let order = WorkflowType::builder().name("order").version("1").build();
        let start = decider.client().start_workflow_execution().domain("tests");
        let start = start
            .workflow_id(&workflow_id)
            .workflow_type(order.unwrap());
        let Ok(run) = start.send().await else { break };
        let execution = WorkflowExecution::builder().workflow_id(workflow_id);
        let execution = execution.run_id(run.run_id().unwrap());
        acknowledged.push(execution.build().unwrap());
    }
    acknowledged
}

/// A server in a process of its own, and its URL.
async fn serve_elsewhere(file: &Path) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_serve"));
    command.arg(file).stdout(Stdio::piped());
    tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut url = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut url).unwrap();
        (child, url.trim().to_owned())
    })
    .await
    .unwrap()
}
