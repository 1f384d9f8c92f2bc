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
//! and the page at `http://127.0.0.1:8080/worker` while it runs. Ctrl-C and SIGTERM, which containers
//! are sent, drain the worker: what runs is waited for, and so are its polls, which the server holds
//! for 60 s unless it is told otherwise. A second one ends it at once. An argument, such as
//! `127.0.0.1:9000`, is where to listen. Settings of the worker can be in `worker.toml`, in the
//! folder where it is started.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use workbeat::prelude::*;
use workbeat::{WorkerConfig, WorkerHandle};
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
    // First what can fail: when `main` returns, the worker's run is dropped, and its tasks with it.
    let signals = Signals::listen()?;
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8080")).await?;
    say(&format!("http://{}/worker", listener.local_addr()?))?;
    let service = SwfService::builder(local_client(), "workbeat")
        .register_domain(Retention::days(1))
        .build();
    let worker = Worker::builder(service)
        .task_list("images") // unless the file says another
        .activity(Thumbnails)
        .configure(settings()?)
        .build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());

    let status = Status::new().worker("images", handle.clone());
    let routes = Router::new().nest("/worker", status.allow_actions().router());
    axum::serve(listener, routes)
        .with_graceful_shutdown(drained(handle, signals))
        .await?;
    say(&running.await??.to_string())?;
    Ok(())
}

/// What the file says of the worker. There need not be one.
fn settings() -> Result<WorkerConfig, Box<dyn Error>> {
    match std::fs::read_to_string("worker.toml") {
        Ok(text) => Ok(toml::from_str(&text)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(WorkerConfig::default()),
        Err(error) => Err(error.into()),
    }
}

/// Ends when the worker has: after a drain, which the first signal begins, at once after a second
/// one, or because it cannot run.
async fn drained(handle: WorkerHandle, mut signals: Signals) {
    loop {
        tokio::select! {
            () = signals.next() => handle.drain(),
            () = handle.ended() => return,
        }
    }
}

/// Streams, made once and kept: a `tokio::signal::ctrl_c()` that is made anew in each round of a
/// loop misses what comes between two rounds.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From here on they no longer end the process.
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?, // Ctrl-C
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}
