//! The health, the metrics and a live status page of [workbeat]'s workers, as an axum
//! [`Router`](axum::Router) that an application mounts or serves alone.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use axum::Router;
//! use workbeat::prelude::*;
//! use workbeat_status::Status;
//!
//! # async fn example(service: impl workbeat::ActivityService) -> Result<(), Box<dyn std::error::Error>> {
//! let worker = Worker::builder(service)
//!     .task_list("video")
//!     .activity_fn("encode", "1.0", async |clip: String| Ok::<_, ActivityError>(clip))
//!     .build()?;
//! let handle = worker.handle();
//! // First what can fail: a run that is dropped loses its tasks.
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! let running = tokio::spawn(worker.run());
//!
//! let status = Status::new().worker("video", handle.clone());
//! let app = Router::new().nest("/worker", status.router());
//! let ended = handle.clone();
//! let server = axum::serve(listener, app)
//!     .with_graceful_shutdown(async move { ended.ended().await }) // ends the streams as well
//!     .into_future();
//! let over = async move {
//!     handle.ended().await;
//!     tokio::time::sleep(Duration::from_secs(5)).await;
//! };
//! tokio::select! {
//!     served = server => served?,
//!     () = over => {} // a client that sends half a request and stays would keep it for ever
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | path | what it answers |
//! |---|---|
//! | `GET /` | the page |
//! | `GET /status.json` | what the page shows |
//! | `GET /events` | the same as server-sent events, about once a second, until every worker has ended |
//! | `GET /health/live` | 200, or 503 when a worker has ended |
//! | `GET /health/ready` | 200 when every worker runs or is paused, else 503: starting, draining, ended |
//! | `GET /metrics` | Prometheus's text format |
//! | `POST /workers/0/pause` | and `resume` and `drain`, of the first worker; only with [`Status::allow_actions`] |
//!
//! # What it shows, and to whom
//!
//! Whoever can reach the routes sees the names and ids of activities and workflows, and what
//! activities report of their progress, cut to 200 characters;
//! [`hide_progress`](Status::hide_progress) leaves that out. Task tokens, inputs, results,
//! reasons and details of failures are not shown.
//!
//! The routes ask for no password: put the application's own middleware around them. They send no
//! CORS header, and a content security policy under which nothing runs but their own script.
//! Names and progress are text wherever they stand. An action must be a POST with the header
//! `X-Workbeat-Action`, of no other origin by `Sec-Fetch-Site`, or else by `Origin` and `Host`.
//! Whether the name in `Host` is the application's is for the application to check.
//!
//! # What it costs
//!
//! Nothing while nobody looks. Then the worker's status is taken at most twice in a
//! [`refresh`](Status::refresh) interval, for all pages together. 64 pages at a time are kept up
//! to date by events; the others ask for the JSON every few seconds. Prometheus's text is made anew for
//! each scrape.

// What could panic in the library says why it does not.
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable
    )
)]

mod exposition;
mod feed;
mod routes;
mod snapshot;
mod status;

pub use status::Status;
