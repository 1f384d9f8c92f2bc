//! A server, a worker, and the command as a process.

use std::io;
use std::process::{Output, Stdio};
use std::time::Duration;

use aws_sdk_swf::config::{BehaviorVersion, Config, Credentials, Region};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use workbeat::{activity_fn, prelude::*};
use workbeat_server::LocalServer;
use workbeat_swf::{Retention, SwfService};

/// How long anything may take before a test fails.
pub(crate) const LIMIT: Duration = Duration::from_secs(300);

/// A server of its own for each test.
pub(crate) struct Stage {
    pub(crate) server: LocalServer,
    workers: Vec<JoinHandle<()>>,
}

/// The input of the activities.
#[derive(Deserialize, Serialize)]
struct Job {
    #[serde(default)]
    steps: u64,
}

/// How long an activity is at a step.
const STEP: Duration = Duration::from_millis(50);

async fn resize(job: Job, ctx: ActivityContext) -> Result<Value, ActivityError> {
    for step in 0..job.steps {
        ctx.report((step + 1, job.steps));
        ctx.until_stopped(tokio::time::sleep(STEP)).await?;
    }
    Ok(serde_json::json!({"width": 640, "steps": job.steps}))
}

async fn break_down() -> Result<(), ActivityError> {
    Err(ActivityError::failed("no disk"))
}

/// It runs until it is stopped.
async fn patient(ctx: ActivityContext) -> Result<(), ActivityError> {
    ctx.report("\u{1b}[2Jwaiting");
    match ctx.until_stopped(std::future::pending::<()>()).await {
        Ok(()) => Ok(()),
        Err(_) => Err(ActivityError::canceled("cleaned up")),
    }
}

/// It cannot be cancelled.
async fn stubborn() -> Result<(), ActivityError> {
    std::future::pending().await
}

impl Stage {
    /// A server that nobody has used.
    pub(crate) async fn empty() -> Self {
        let options = LocalServer::builder().poll_hold(Duration::from_secs(2));
        Self {
            server: options.start().await.unwrap(),
            workers: Vec::new(),
        }
    }

    /// A server with a worker that knows some activities.
    pub(crate) async fn with_worker() -> Self {
        let mut stage = Self::empty().await;
        stage.work().await;
        stage
    }

    /// One more worker.
    pub(crate) async fn work(&mut self) {
        let service = SwfService::builder(self.client(), "workbeat")
            .register_domain(Retention::days(1))
            .build();
        let options = ActivityOptions::new()
            .task_list("images")
            .heartbeat_timeout(Duration::from_secs(30))
            .heartbeat_interval(Duration::from_millis(20));
        let worker = Worker::builder(service)
            .task_list("images")
            .activity(activity_fn("resize", "1.0", resize).with_options(options.clone()))
            .activity(activity_fn("break", "1.0", break_down).with_options(options.clone()))
            .activity(activity_fn("patient", "1.0", patient).with_options(options.clone()))
            .activity(activity_fn("stubborn", "1.0", stubborn).with_options(options.clone()))
            .activity(activity_fn("twice", "1.0", resize).with_options(options.clone()))
            .activity(activity_fn("twice", "2.0", resize).with_options(options))
            .build()
            .unwrap();
        let handle = worker.handle();
        self.workers.push(tokio::spawn(async move {
            let report = worker.run().await.unwrap();
            assert!(report.is_clean(), "{report}");
        }));
        assert!(handle.ready().await);
    }

    /// A client, as an application would have one.
    pub(crate) fn client(&self) -> aws_sdk_swf::Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(self.server.url())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("any", "any", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        aws_sdk_swf::Client::from_conf(config)
    }

    /// The command against this server, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = workbeat(arguments);
        command.env("WORKBEAT_ENDPOINT", self.server.url());
        command
    }

    /// Runs the command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments)).await
    }

    /// Runs the command, which is to do what it is asked; answers its stdout.
    pub(crate) async fn done(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments).await;
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        ran.out
    }

    /// Runs the command for its JSON.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--output", "json"]].concat();
        let ran = self.run(&arguments).await;
        assert_eq!(ran.err, "", "{arguments:?}");
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
    }

    /// Waits until the last event of an execution is of this type.
    pub(crate) async fn until_event(&self, workflow_id: &str, kind: &str) {
        eventually(kind, async || {
            let ran = self.run(&["show", workflow_id, "--output", "json"]).await;
            let history: Value = serde_json::from_str(&ran.out).unwrap_or_default();
            let events = history["events"].as_array().cloned().unwrap_or_default();
            events.iter().any(|event| event["eventType"] == kind)
        })
        .await;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for worker in &self.workers {
            worker.abort();
        }
    }
}

/// Waits until a condition holds.
pub(crate) async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let waiting = async { while !condition().await {} };
    let waited = tokio::time::timeout(LIMIT, waiting).await;
    assert!(waited.is_ok(), "it never came true: {what}");
}

/// The command with nothing of this environment that it would heed.
pub(crate) fn workbeat(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workbeat"));
    command
        .args(arguments)
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command to its end.
pub(crate) async fn finish(mut command: Command) -> Ran {
    let child = command.spawn().unwrap();
    ended(child.wait_with_output()).await
}

/// Waits for a command that was started.
pub(crate) async fn ended(output: impl Future<Output = io::Result<Output>>) -> Ran {
    let output = tokio::time::timeout(LIMIT, output).await;
    let output = output.expect("the command ends in time").unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The lines that a running command writes.
pub(crate) fn lines<R: AsyncRead + Unpin>(stream: Option<R>) -> Lines<BufReader<R>> {
    BufReader::new(stream.expect("the stream is piped")).lines()
}

/// Reads lines until one holds a text; answers it.
pub(crate) async fn line_with<R>(lines: &mut Lines<BufReader<R>>, text: &str) -> String
where
    R: AsyncRead + Unpin,
{
    let reading = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains(text) {
                return line;
            }
        }
        panic!("no line has {text:?}");
    };
    let read = tokio::time::timeout(LIMIT, reading).await;
    read.unwrap_or_else(|_| panic!("no line has {text:?} in time"))
}

/// Sends a signal to a process.
#[cfg(unix)]
pub(crate) async fn signal(child: &Child, signal: &str) {
    let id = child.id().expect("it runs").to_string();
    let sent = Command::new("kill")
        .args(["-s", signal, &id])
        .status()
        .await;
    assert!(sent.unwrap().success());
}
