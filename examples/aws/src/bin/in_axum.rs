//! An axum service that runs a worker beside its routes, and shuts both down together.
//!
//! Against the local server, in three terminals:
//!
//! ```sh
//! cargo build --release --package workbeat-cli --package workbeat-examples-aws
//! target/release/workbeat server --poll-hold 5s
//! target/release/in_axum
//! target/release/workbeat start thumbnails --task-list images --input '["a.jpg", "b.jpg", "c.jpg"]'
//! ```
//!
//! and the page at `http://127.0.0.1:8080/worker` while it runs. Ctrl-C drains the worker: what
//! runs is waited for, and so are its polls, which the server holds for 60 s unless it is told
//! otherwise. A second Ctrl-C ends it at once. An argument, such as `127.0.0.1:9000`, is where to listen.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use workbeat::WorkerHandle;
use workbeat::prelude::*;
use workbeat_examples_aws::local_client;
use workbeat_status::Status;
use workbeat_swf::{Retention, SwfService};

/// Makes a thumbnail of each picture.
#[activity(
    version = "1.0",
    heartbeat_timeout = "30s",
    heartbeat_interval = "1s", // so that progress shows at once
    start_to_close_timeout = "1h"
)]
async fn thumbnails(pictures: Vec<String>, ctx: ActivityContext) -> Result<usize, ActivityError> {
    for (done, picture) in pictures.iter().enumerate() {
        ctx.until_stopped(shrink(picture)).await?;
        ctx.report((done + 1, pictures.len()));
    }
    Ok(pictures.len())
}

/// Stands for work that takes a while.
async fn shrink(_picture: &str) {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt::init(); // what the worker has to say
    let service = SwfService::builder(local_client(), "workbeat")
        .register_domain(Retention::days(1))
        .build();
    let worker = Worker::builder(service)
        .task_list("images")
        .activity(Thumbnails)
        .build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());

    let status = Status::new().worker("images", handle.clone());
    let routes = Router::new().nest("/worker", status.allow_actions().router());
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8080")).await?;
    say(&format!("http://{}/worker", listener.local_addr()?))?;
    axum::serve(listener, routes)
        .with_graceful_shutdown(drained(handle))
        .await?;
    say(&running.await??.to_string())?;
    Ok(())
}

/// Ends when the worker has: after a drain, which Ctrl-C begins, at once after a second
/// Ctrl-C, or because it cannot run.
async fn drained(handle: WorkerHandle) {
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => handle.drain(),
            () = handle.ended() => return,
        }
    }
}

fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
}
