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
//! and the page at `http://127.0.0.1:8080/worker` while it runs, with metrics for Prometheus at
//! `/worker/metrics`. Ctrl-C and SIGTERM, which containers are sent, drain the worker: what runs is
//! waited for, and so are its polls, which the server holds for 60 s unless it is told otherwise. A
//! second one ends it at once. An argument, such as `127.0.0.1:9000`, is where to listen. Settings of
//! the worker can be in `worker.toml`, in the folder where it is started.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::time::sleep;
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
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // As a text for people: its `Debug`, which `main` would print, can show all of a file.
            let _ = writeln!(io::stderr().lock(), "{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt::init(); // what the worker has to say
    // First what can fail: when this returns, the worker's run is dropped, and its tasks with it.
    let signals = Signals::listen()?;
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8080")).await?;
    say(&format!("http://{}/worker", listener.local_addr()?))?;
    let prometheus = recorder()?;
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

    let status = Status::new()
        .worker("images", handle.clone())
        .metrics(move || prometheus.render())
        .allow_actions();
    let routes = Router::new().nest("/worker", status.router());
    let ended = handle.clone();
    let server = axum::serve(listener, routes)
        .with_graceful_shutdown(async move { ended.ended().await })
        .into_future();
    tokio::select! {
        served = server => served?,
        why = over(handle, signals) => say(why)?,
    }
    say(&running.await??.to_string())?;
    Ok(())
}

/// Takes what the worker counts, from before it runs.
fn recorder() -> Result<PrometheusHandle, Box<dyn Error>> {
    let prometheus = PrometheusBuilder::new()
        .set_buckets_for_metric(
            Matcher::Suffix("_seconds".into()),
            &[0.1, 1.0, 10.0, 60.0, 600.0, 3600.0],
        )?
        .install_recorder()?;
    let upkeep = prometheus.clone();
    tokio::spawn(async move {
        loop {
            sleep(Duration::from_secs(5)).await;
            upkeep.run_upkeep(); // or its histograms grow for as long as nobody scrapes
        }
    });
    Ok(prometheus)
}

/// What the file says of the worker. There need not be one.
fn settings() -> Result<WorkerConfig, Box<dyn Error>> {
    match std::fs::read_to_string("worker.toml") {
        Ok(text) => Ok(toml::from_str(&text).map_err(|error| format!("worker.toml: {error}"))?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(WorkerConfig::default()),
        Err(error) => Err(format!("worker.toml: {error}").into()),
    }
}

/// The first signal drains the worker: what runs is waited for. A second one ends all at once. When
/// the worker has ended, also because it could not run, clients have 5 s to be gone.
async fn over(worker: WorkerHandle, mut signals: Signals) -> &'static str {
    let gone = async {
        worker.ended().await;
        sleep(Duration::from_secs(5)).await;
    };
    tokio::pin!(gone);
    tokio::select! {
        () = signals.next() => worker.drain(),
        () = &mut gone => return "clients are cut off",
    }
    tokio::select! {
        () = signals.next() => {
            worker.stop();
            "ended at once"
        }
        () = gone => "clients are cut off",
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
