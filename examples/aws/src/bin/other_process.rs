//! A task that is completed by another process: the worker takes it and hands it on, and who holds
//! the task token ends it, here a second run of this program in the place of a person's tool.
//!
//! ```sh
//! cargo run --release --package workbeat-examples-aws --bin other_process
//! ```
//!
//! Both speak with a local server over HTTP, which is in the first process; with Amazon SWF they
//! would be on three machines. `docs/handing-on.md` says what the worker does and what may race.

#![allow(clippy::print_stdout, reason = "the screen is what it is for")]

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::process::Command;
use workbeat::CompletionClient;
use workbeat::prelude::*;
use workbeat::service::TaskToken;
use workbeat_examples_aws::{carry_out, local_client_at};
use workbeat_server::LocalServer;
use workbeat_swf::{Retention, SwfService};

const DOMAIN: &str = "workbeat";

/// What is to be approved.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    number: u64,
    /// Where to leave the task token.
    letter: PathBuf,
}

/// Asks for an approval, and does not wait for it.
///
/// The timeout is one for people. From the hand-over on only the holder of the token heartbeats.
#[activity(heartbeat_timeout = "1h", start_to_close_timeout = "1d")]
async fn approve(order: Order, ctx: ActivityContext) -> Result<String, ActivityError> {
    let token = serde_json::to_string(ctx.task_token())?;
    ctx.run_blocking(move |_| leave(&order.letter, &token))
        .await?; // first the token
    Err(ActivityError::handed_on()) // then this: no outcome, no more heartbeats, the slot is free
}

/// Leaves a letter. Who can read it can end the task, so nobody else may; and it is there whole or
/// not at all.
fn leave(letter: &Path, token: &str) -> io::Result<()> {
    let draft = letter.with_extension("draft");
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&draft)?.write_all(token.as_bytes())?;
    fs::rename(draft, letter)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match &arguments[..] {
        [] => first_process().await,
        [url, letter] => second_process(url, Path::new(letter)).await,
        _ => Err("it takes no arguments; with two it is the second process".into()),
    }
}

/// The worker, and the decider that waits for the activity.
async fn first_process() -> Result<(), Box<dyn Error + Send + Sync>> {
    let me = std::process::id();
    let hold = Duration::from_millis(200); // 60 s by default, as on Amazon SWF; a drain waits for it
    let server = LocalServer::builder().poll_hold(hold).start().await?;
    let client = local_client_at(&server.url());
    let service = SwfService::builder(client.clone(), DOMAIN)
        .register_domain(Retention::days(1))
        .build();
    let worker = Worker::builder(service)
        .task_list("orders")
        .activity(Approve)
        .build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    handle.ready().await;

    println!("[process {me}] the worker runs; order 4711 is to be approved");
    let folder = tempfile::tempdir()?;
    let letter = folder.path().join("token");
    let order = Order {
        number: 4711,
        letter: letter.clone(),
    };
    let input = serde_json::to_string(&order)?;
    let mut workflow =
        tokio::spawn(async move { carry_out(&client, DOMAIN, "orders", "approve", &input).await });
    tokio::select! {
        () = handed_on(&handle) => {}
        early = &mut workflow => return Err(format!("nothing was handed on: {early:?}").into()),
    }
    println!("[process {me}] the activity handed its task on, and its slot is free:");
    println!(
        "[process {me}]   {} activities run",
        handle.status().running.len()
    );

    // Elsewhere, hours later.
    let second = Command::new(env::current_exe()?)
        .arg(server.url())
        .arg(&letter)
        .kill_on_drop(true)
        .status()
        .await?;
    if !second.success() {
        return Err(format!("the second process: {second}").into());
    }

    let closed = workflow.await??;
    let result = closed.activity_task_completed_event_attributes();
    let result = result.and_then(|completed| completed.result());
    println!(
        "[process {me}] the history says: {}, {}",
        closed.event_type,
        result.unwrap_or("no result")
    );
    handle.drain();
    println!("[process {me}] the worker: {}", running.await??);
    server.stop().await;
    Ok(())
}

async fn handed_on(worker: &WorkerHandle) {
    while worker.status().outcomes.handed_on == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What a person's tool would do. It needs the token and the service, and no worker.
async fn second_process(url: &str, letter: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
    let me = std::process::id();
    let token: TaskToken = serde_json::from_str(&fs::read_to_string(letter)?)?;
    fs::remove_file(letter)?; // nobody needs it twice
    println!("[process {me}] I have the token: {token:?}"); // a fingerprint, for it is a secret
    let service = SwfService::builder(local_client_at(url), DOMAIN).build();
    let client = CompletionClient::new(service);
    let answer = client.heartbeat(&token, "somebody looks at it").await?;
    println!(
        "[process {me}] a heartbeat: cancel requested? {}",
        answer.cancel_requested
    );
    client.complete(&token, "approved").await?;
    println!("[process {me}] completed");
    Ok(())
}
