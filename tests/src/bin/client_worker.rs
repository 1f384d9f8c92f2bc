//! A worker for the checks with other people's servers: `tests/clients`.
//!
//! It is set up by `ENDPOINT`, `DOMAIN` and `TASK_LIST`, says `ready`, and drains on SIGTERM.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use workbeat::prelude::*;
use workbeat_swf::SwfService;
use workbeat_tests::sdk_client;

#[activity(version = "1.0", heartbeat_timeout = "60s")]
async fn double(number: u32) -> Result<u32, ActivityError> {
    Ok(number * 2)
}

#[activity(version = "1.0", heartbeat_timeout = "60s")]
async fn refuse(why: String) -> Result<(), ActivityError> {
    Err(ActivityError::failed("refused").with_details(why))
}

/// Stays until it is told to stop. Its heartbeats come often enough that it soon is.
#[activity(version = "1.0", heartbeat_timeout = "60s", heartbeat_interval = "3s")]
async fn linger(ctx: ActivityContext) -> Result<(), ActivityError> {
    let reason = ctx.stopped().await;
    say(&format!("linger was stopped: {reason}"))?;
    Err(ActivityError::canceled("stopped"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let set = |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    let service = SwfService::builder(sdk_client(&set("ENDPOINT")?), set("DOMAIN")?).build();
    let worker = Worker::builder(service)
        .task_list(set("TASK_LIST")?)
        .activity(Double)
        .activity(Refuse)
        .activity(Linger)
        .drain_deadline(Duration::from_secs(10))
        .build()?;
    let handle = worker.handle();
    let mut terminated = signal(SignalKind::terminate())?;
    let running = tokio::spawn(worker.run());
    if handle.ready().await {
        say("ready")?;
    }
    tokio::select! {
        _ = terminated.recv() => handle.drain(),
        () = handle.ended() => {}
    }
    say(&running.await??.to_string())?;
    Ok(())
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
