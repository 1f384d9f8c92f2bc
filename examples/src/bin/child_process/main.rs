//! A child process as an activity: exit codes become failures, what it said last on stderr is in
//! the details, and a cancellation ends it with all that it started.
//!
//! ```sh
//! cargo run --release --package workbeat-examples --bin child_process
//! ```
//!
//! The activity is in `run_tool.rs`. What it does not do: a process that leaves the group
//! (`setsid`, as daemons do) is not found. If the worker itself is killed with SIGKILL, nobody is
//! left to end the child: that takes a cgroup or a container around both. And it needs Unix, as
//! there are no process groups elsewhere; there `kill_on_drop` alone ends the child, and not what
//! the child started.

#![allow(clippy::print_stdout, reason = "the screen is what it is for")]

#[cfg(unix)]
mod group;
#[cfg(unix)]
mod run_tool;

use std::error::Error;

#[cfg(not(unix))]
fn main() -> Result<(), Box<dyn Error>> {
    Err("it shows process groups, and those are Unix's".into())
}

#[cfg(unix)]
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    use workbeat::Worker;
    use workbeat_local::LocalService;

    let service = LocalService::new();
    let worker = Worker::builder(service.clone())
        .task_list("tools")
        .activity(run_tool::RunTool)
        .build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());

    println!("1. A tool that ends well");
    show(&service, "echo packing; echo 3 files packed", false).await?;
    println!("\n2. One that fails");
    let fails = "echo packing; echo 'tape 7 is full' >&2; exit 3";
    show(&service, fails, false).await?;
    println!("\n3. One that never ends, nor does what it started: cancelled");
    let cleans_up = "trap 'rm -f part; exit' TERM; sleep 3600 & echo waiting for $!; wait";
    show(&service, cleans_up, true).await?;
    println!("\n4. One that does not listen: cancelled");
    let deaf = "trap '' TERM; sleep 3600 & echo waiting for $!; wait";
    show(&service, deaf, true).await?;

    handle.drain();
    println!("\nThe worker: {}", running.await??);
    Ok(())
}

/// Runs a line of shell, and shows what the service hears of it.
#[cfg(unix)]
async fn show(
    service: &workbeat_local::LocalService,
    line: &str,
    cancel: bool,
) -> Result<(), Box<dyn Error>> {
    use futures_util::StreamExt;
    use workbeat_local::StartActivity;

    println!("  $ {line}");
    let tool = run_tool::Tool {
        program: "sh".to_owned(),
        arguments: vec!["-c".to_owned(), line.to_owned()],
    };
    let start = StartActivity::of(&run_tool::RunTool, &tool)?.task_list("tools");
    let activity = service.start(start)?;
    let mut heartbeats = activity.heartbeats();
    let mut asked = false;
    while let Some(heartbeat) = heartbeats.next().await {
        // It has printed a line: so it has begun.
        if let Some(said) = heartbeat.details_as::<String>()?
            && cancel
            && !asked
        {
            println!("  a heartbeat says: \"{said}\"; asking the service to cancel it");
            activity.request_cancel()?;
            asked = true;
        }
    }
    let outcome = activity.outcome().await;
    match outcome.details() {
        Some(details) => println!("  it {outcome}: {details}"),
        None => println!("  it {outcome}: \"{}\"", outcome.result::<String>()?),
    }
    Ok(())
}
