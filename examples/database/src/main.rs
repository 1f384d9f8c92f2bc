//! Activities that share a pool of database connections: a cancellation rolls the transaction back,
//! and whoever finds no free connection waits for one under heartbeats, for a while.
//!
//! ```sh
//! cargo run --release --package workbeat-examples-database
//! ```
//!
//! The activities are in `books.rs`. The database is SQLite, which is compiled with it (that takes a
//! C compiler); with a server's database the pool is another one, and the rest is the same.

#![allow(clippy::print_stdout, reason = "the screen is what it is for")]

mod books;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use workbeat::prelude::*;
use workbeat_local::{ActivityHandle, LocalService, StartActivity};

use books::{Books, CONNECTIONS, Job, Progress};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let books = Arc::new(Books::open(&folder.path().join("books.sqlite")).await?);
    let service = LocalService::new();
    let worker = Worker::builder(service.clone())
        .task_list("books")
        .activity(books.import_activity())
        .activity(books.count_activity())
        .build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    println!("A pool of {CONNECTIONS} connections, shared by all activities");

    println!("\n1. An import, in one transaction");
    let import = |lines| {
        let job = Job {
            lines,
            patience: Duration::from_secs(30),
        };
        let start = StartActivity::of(&books.import_activity(), &job)?;
        service.start(start.task_list("books"))
    };
    ended("the import", &import(100)?).await;
    println!("  the table has {} lines", lines(&books).await?);

    println!("\n2. Another one, cancelled in the midst of it");
    let cancelled = import(1_000_000)?;
    let mut heartbeats = cancelled.heartbeats();
    let mut asked = false;
    while let Some(heartbeat) = heartbeats.next().await {
        if let Some(Progress::Lines(line)) = heartbeat.details_as()?
            && !asked
        {
            println!("  a heartbeat says {line} lines; asking the service to cancel it");
            cancelled.request_cancel()?;
            asked = true;
        }
    }
    ended("the import", &cancelled).await;
    println!("  the table has {} lines", lines(&books).await?);

    println!("\n3. Four activities, while others hold every connection");
    let held = [books.pool.get().await?, books.pool.get().await?];
    let count = |patience| {
        let start = StartActivity::of(&books.count_activity(), &Job { lines: 0, patience })?;
        service.start(start.task_list("books"))
    };
    let mut counts = Vec::new();
    for number in 1..=4 {
        let activity = count(Duration::from_secs(30))?;
        if let Some(Progress::WaitsForConnection) = first_progress(&activity).await? {
            println!("  a heartbeat of count {number} says that it waits for a connection");
        }
        counts.push((number, activity));
    }
    println!("  the connections are given back");
    drop(held);
    for (number, activity) in &counts {
        ended(&format!("count {number}"), activity).await;
    }

    println!("\n4. The same for one that does not wait for long");
    let held = [books.pool.get().await?, books.pool.get().await?];
    ended("the count", &count(Duration::from_millis(100))?).await;
    drop(held);

    handle.drain();
    println!("\nThe worker: {}", running.await??);
    Ok(())
}

/// What the first heartbeat with details says.
async fn first_progress(activity: &ActivityHandle) -> Result<Option<Progress>, Box<dyn Error>> {
    let mut heartbeats = activity.heartbeats();
    while let Some(heartbeat) = heartbeats.next().await {
        if let Some(progress) = heartbeat.details_as()? {
            return Ok(Some(progress));
        }
    }
    Ok(None)
}

/// Waits for the end of an activity, and prints it.
async fn ended(name: &str, activity: &ActivityHandle) {
    let outcome = activity.outcome().await;
    match (outcome.details(), outcome.result::<u32>()) {
        (Some(details), _) => println!("  {name} {outcome}: {details}"),
        (None, Ok(lines)) => println!("  {name} {outcome}: {lines} lines"),
        (None, Err(_)) => println!("  {name} {outcome}"),
    }
}

/// How many lines there are, as everybody else sees it.
async fn lines(books: &Books) -> Result<u32, Box<dyn Error>> {
    let connection = books.pool.get().await?;
    let counted = connection
        .interact(|connection| books::count(connection))
        .await;
    Ok(counted.map_err(|error| error.to_string())??)
}
