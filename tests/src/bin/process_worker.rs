//! A worker in a process of its own, for tests that send it signals.
//!
//! It is set up by `ENDPOINT`, `DOMAIN`, `TASK_LIST`, `TASKS` and `DRAIN` (in seconds). It says
//! `full` once it holds so many tasks, drains on SIGTERM, and then says what became of each one.

use std::error::Error;
use std::io::Write;
use std::sync::mpsc::channel;
use std::time::Duration;

use serde_json::json;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep};
use workbeat::prelude::*;
use workbeat::worker::DrainReport;
use workbeat::{Worker, activity_fn};
use workbeat_swf::SwfService;
use workbeat_tests::sdk_client;

/// Does what its id says.
async fn act(ctx: ActivityContext) -> Result<&'static str, ActivityError> {
    match ctx.activity_id().split('-').next().unwrap_or_default() {
        // Ends early because the worker drains.
        "finish" => {
            ctx.draining().await;
            Ok("a checkpoint")
        }
        "hand" => Err(ActivityError::handed_on()),
        "block" => {
            let (open, never) = channel::<()>();
            let wait = move || {
                let _open = open;
                never.recv().is_ok()
            };
            ctx.run_blocking(move |_| wait()).await;
            Ok("never")
        }
        "work" => {
            for at in 0.. {
                ctx.report(json!({ "at": at }));
                sleep(Duration::from_millis(20)).await;
            }
            Ok("never")
        }
        _ => std::future::pending().await,
    }
}

fn set(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|error| format!("{name}: {error}"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let ran = runtime.block_on(run());
    // What blocks a thread would be waited for.
    runtime.shutdown_background();
    ran
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut terminated = signal(SignalKind::terminate())?;
    let tasks: usize = set("TASKS")?.parse()?;
    let options = ActivityOptions::new().heartbeat_interval(match tasks {
        ..100 => Duration::from_millis(200),
        // A slow machine is left the time to do more than to take heartbeats.
        _ => Duration::from_secs(100),
    });
    let service = SwfService::builder(sdk_client(&set("ENDPOINT")?), set("DOMAIN")?).build();
    let worker = Worker::builder(service)
        .task_list(set("TASK_LIST")?)
        .slots(tasks + 2)
        .max_concurrent_polls(2)
        .register_types(false)
        .activity(activity_fn("pack", "1", act).with_options(options))
        .drain_deadline(Duration::from_secs(set("DRAIN")?.parse()?))
        .build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    while handle.status().running.len() < tasks {
        sleep(Duration::from_millis(20)).await;
    }
    say("full")?;
    terminated.recv().await;
    let began = Instant::now();
    handle.drain();
    let report = running.await??;
    say(&told(&report, began.elapsed()))?;
    Ok(())
}

fn told(report: &DrainReport, took: Duration) -> String {
    let unanswered = report.unanswered.iter().map(|task| task.token.expose());
    let still_running = report.still_running.iter().map(|it| &it.activity_id);
    let outcomes = report.outcomes;
    let told = json!({
        "took": took.as_secs_f64(),
        "completed": outcomes.completed,
        "failed": outcomes.failed,
        "canceled": outcomes.canceled,
        "closed": outcomes.closed,
        "handed_on": outcomes.handed_on,
        "unanswered": unanswered.collect::<Vec<_>>(),
        "omitted": report.unanswered_omitted,
        "still_running": still_running.collect::<Vec<_>>(),
        "polls_given_up": report.polls_given_up,
    });
    told.to_string()
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
