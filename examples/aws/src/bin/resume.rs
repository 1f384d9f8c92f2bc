//! A large copy that resumes after its worker was killed, by what the worker last reported: the
//! activity asks for it, and neither the input nor the decider knows of it.
//!
//! ```sh
//! cargo run --release --package workbeat-examples-aws --bin resume
//! ```
//!
//! The first process has the service and the decider. It starts a second one, the worker, kills it
//! with SIGKILL half way, and starts a third. With Amazon SWF only the client would differ, and the
//! worker needs the permission `swf:GetWorkflowExecutionHistory`; see `docs/resuming.md`.

#![allow(clippy::print_stdout, reason = "the screen is what it is for")]

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::Instant;
use workbeat::prelude::*;
use workbeat_examples_aws::{carry_out_in, local_client_at};
use workbeat_server::LocalServer;
use workbeat_swf::{Retention, SwfService};

const DOMAIN: &str = "workbeat";
const CHUNK: usize = 64 * 1024;
const FILE_SIZE: usize = 100 * CHUNK;

/// The input: the same for each attempt.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    from: PathBuf,
    to: PathBuf,
}

/// What goes out with the heartbeats, and comes back to the next attempt.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Checkpoint {
    offset: u64,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
struct Copied {
    /// Where the last attempt began.
    resumed_at: u64,
    /// How much it copied.
    bytes: u64,
}

/// Copies a file chunk by chunk.
///
/// Only what is on the disk may be called a checkpoint: so first `sync_data`, then `report`. What was
/// written after the last heartbeat is written again, to the same place and with the same content.
#[activity(
    heartbeat_timeout = "3s", // so long is a dead worker unnoticed
    heartbeat_interval = "50ms",
    start_to_close_timeout = "1h",
    blocking
)]
fn copy(job: Job, ctx: &ActivityContext) -> Result<Copied, ActivityError> {
    let previous = ctx.previous_progress_blocking::<Checkpoint>()?;
    let Checkpoint { mut offset } = previous.unwrap_or_default();
    let mut from = File::open(job.from)?;
    let mut options = File::options();
    let options = options.create(true).truncate(false).write(true);
    let mut to = options.open(&job.to)?;
    if to.metadata()?.len() < offset {
        offset = 0; // another machine than the last time: here is nothing to go on with
    }
    let resumed_at = offset;
    println!(
        "[process {}] the copy begins at {offset}",
        std::process::id()
    );
    ctx.report(Checkpoint { offset }); // so that an attempt after this one finds it too
    from.seek(SeekFrom::Start(offset))?;
    to.seek(SeekFrom::Start(offset))?;
    let mut chunk = vec![0; CHUNK];
    loop {
        ctx.check_stopped()?;
        let read = from.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        to.write_all(&chunk[..read])?;
        to.sync_data()?;
        offset += read as u64;
        ctx.report(Checkpoint { offset });
        // Stands for a file so large that it takes a while.
        let _ = ctx.block_until_stopped(Duration::from_millis(20));
    }
    Ok(Copied {
        resumed_at,
        bytes: offset - resumed_at,
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match &arguments[..] {
        [] => first_process().await,
        [url] => worker(url).await,
        _ => Err("it takes no arguments; with one it is the worker".into()),
    }
}

/// The worker. Nothing of it knows that it will be killed.
async fn worker(url: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let service = SwfService::builder(local_client_at(url), DOMAIN)
        .register_domain(Retention::days(1))
        .build();
    let worker = Worker::builder(service)
        .task_list("files")
        .activity(Copy)
        .previous_progress(true) // it is off by default: it costs calls and a permission
        .build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    handle.ready().await;
    println!("[process {}] the worker runs", std::process::id());
    say_when_half_is_known(&handle).await;
    println!("{}", running.await??);
    Ok(())
}

/// So that this example kills it only when the service knows enough.
async fn say_when_half_is_known(worker: &WorkerHandle) {
    let mut since = None;
    loop {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let now = Instant::now();
        let status = worker.status();
        let Some(task) = status.running.first() else {
            continue;
        };
        let progress = task.last_progress.as_deref().unwrap_or("{}");
        let checkpoint = serde_json::from_str::<Checkpoint>(progress).unwrap_or_default();
        if checkpoint.offset * 2 > FILE_SIZE as u64 {
            let since = *since.get_or_insert(now);
            let beaten = task.since_last_heartbeat;
            if beaten.is_some_and(|ago| now.duration_since(since) > ago) {
                break println!(
                    "[process {}] a heartbeat has carried more than half",
                    std::process::id()
                );
            }
        }
    }
}

/// The service and the decider, and who starts and kills workers.
async fn first_process() -> Result<(), Box<dyn Error + Send + Sync>> {
    let me = std::process::id();
    let hold = Duration::from_millis(200); // 60 s by default, as on Amazon SWF
    let server = LocalServer::builder().poll_hold(hold).start().await?;
    let folder = tempfile::tempdir()?;
    let (from, to) = (folder.path().join("film"), folder.path().join("copy"));
    let content: Vec<u8> = (0..FILE_SIZE).map(|at| (at % 251) as u8).collect();
    fs::write(&from, content)?;
    println!("[process {me}] a file of {FILE_SIZE} bytes is to be copied");

    let (mut worker, mut says) = start_worker(&server.url())?;
    hear(&mut says, "the worker runs").await?;
    let job = Job {
        from: from.clone(),
        to: to.clone(),
    };
    let (input, client) = (serde_json::to_string(&job)?, local_client_at(&server.url()));
    // After a timeout the decider schedules the same activity again, with the same input.
    let mut workflow = tokio::spawn(async move {
        let attempts = 5;
        carry_out_in(attempts, &client, DOMAIN, "files", "copy", &input).await
    });
    tokio::select! {
        heard = hear(&mut says, "more than half") => heard?,
        early = &mut workflow => return Err(format!("nothing was copied: {early:?}").into()),
    }
    worker.kill().await?; // SIGKILL: it cannot even say goodbye
    println!("[process {me}] the worker is killed");

    let (mut worker, mut says) = start_worker(&server.url())?;
    let closed = tokio::select! {
        closed = &mut workflow => closed??,
        heard = hear(&mut says, "nothing more") => return heard,
    };
    let result = closed.activity_task_completed_event_attributes();
    let result = result.and_then(|completed| completed.result());
    let result = result.ok_or_else(|| format!("the copy did not complete: {closed:?}"))?;
    let copied: Copied = serde_json::from_str(result)?;
    println!(
        "[process {me}] completed: resumed at {}, and copied {} bytes",
        copied.resumed_at, copied.bytes
    );
    println!("[process {me}] SHA-256 of the copy:     {}", digest(&to)?);
    println!("[process {me}] SHA-256 of the original: {}", digest(&from)?);
    worker.kill().await?;
    server.stop().await;
    Ok(())
}

type Says = Lines<BufReader<ChildStdout>>;

fn start_worker(url: &str) -> Result<(Child, Says), Box<dyn Error + Send + Sync>> {
    let mut command = Command::new(env::current_exe()?);
    let command = command.arg(url).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let output = child.stdout.take().ok_or("the worker says nothing")?;
    Ok((child, BufReader::new(output).lines()))
}

/// Shows what the worker says, up to a line with this text.
async fn hear(says: &mut Says, text: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    while let Some(line) = says.next_line().await? {
        println!("{line}");
        if line.contains(text) {
            return Ok(());
        }
    }
    Err(format!("the worker ended before it said `{text}`").into())
}

/// The SHA-256 of a file.
fn digest(path: &Path) -> io::Result<String> {
    let mut hex = String::new();
    for byte in Sha256::digest(fs::read(path)?) {
        let _ = write!(hex, "{byte:02x}"); // a String takes everything
    }
    Ok(hex)
}
