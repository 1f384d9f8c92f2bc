//! An SWF-compatible server for one machine: Amazon SWF's protocol over HTTP, on the rules of
//! `workbeat-local`.
//!
//! Point any AWS SDK, or the AWS CLI, at its URL: no account, no network, no waiting. The
//! `workbeat server` command is this library with flags. In a test it is embedded, on a port
//! of its own, and stands there for the whole service, cancellation and all timeouts
//! included:
//!
//! ```
//! use std::time::Duration;
//!
//! use workbeat_server::LocalServer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = LocalServer::builder().start().await?;
//!
//! // For a client: its endpoint URL, with any credentials and any region.
//! let endpoint = server.url();
//! assert!(endpoint.starts_with("http://127.0.0.1:"));
//!
//! // A timeout of a day passes at once; a client is refused; calls go wrong.
//! server.advance(Duration::from_secs(24 * 60 * 60)).await?;
//! server.deny("PollForActivityTask:video".parse()?);
//! server.set_faults("throttle=0.1,lost-answer=0.02".parse()?);
//!
//! server.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! The server runs in the runtime of whoever starts it. It installs no signal handler and no
//! subscriber, and prints nothing; with a [data file](Options::data) it has one thread of its
//! own, for the disk.
//!
//! # The protocol
//!
//! AWS JSON 1.0: `POST /` with `X-Amz-Target: SimpleWorkflowService.<Operation>`. Any
//! signature is taken. The region comes from its credential scope, and is `us-east-1` if
//! there is none; regions do not see each other. The account is 123456789012. Without an SDK:
//!
//! ```
//! # use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = workbeat_server::LocalServer::builder().start().await?;
//! let body = r#"{"name": "shop", "workflowExecutionRetentionPeriodInDays": "1"}"#;
//! let request = format!(
//!     "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
//!      X-Amz-Target: SimpleWorkflowService.RegisterDomain\r\n\
//!      Content-Length: {}\r\n\r\n{body}",
//!     body.len()
//! );
//! let mut socket = tokio::net::TcpStream::connect(server.local_addr()).await?;
//! socket.write_all(request.as_bytes()).await?;
//! let mut answer = String::new();
//! socket.read_to_string(&mut answer).await?;
//! assert!(answer.starts_with("HTTP/1.1 200 OK"));
//! # Ok(())
//! # }
//! ```
//!
//! # What it offers besides
//!
//! | request | what it does |
//! |---|---|
//! | `POST /_workbeat/reset` | forgets everything; parked polls end empty |
//! | `POST /_workbeat/advance` | skips time, by `24h` or `{"by": "24h"}`; everything up to then has fired when it answers with the new time |
//! | `GET /_workbeat/activities` | the open activities, with their last heartbeats |
//! | `GET /_workbeat/executions` | up to 100 executions, open ones first, then the newest; and how many there are |
//! | `GET /_workbeat/history/REGION/RUN` | the last 200 events of a run, their texts cut |
//! | `POST /_workbeat/cancel` | requests cancellation: `{"region": .., "domain": .., "workflowId": .., "runId": ..}` |
//! | `GET /_workbeat/events` | a line of JSON for everything that happens to an activity, as it comes |
//! | `GET /` | a page of all this for a browser; a line for everything else |
//!
//! The member `event` of such a line is `following` in the first one (nothing after it is
//! missed), then `started`, `heartbeat` or `closed` with all names of the activity, `reset`, or
//! `missed` with the number of lines that a slow reader has not got.
//!
//! # Who may call it
//!
//! Every program that can connect, and no web page but the server's own. A page of another
//! origin is known by `Origin` and `Sec-Fetch-Site`. A page whose name was bound to this
//! machine is known by `Host`: the server answers to `localhost`, to IP addresses, and to the
//! names of [`Options::allow_host`].
//!
//! A client that is idle or slow is let be until others need its
//! [room](Options::max_connections), or its [time](Options::request_timeout) is up.
//!
//! # Time
//!
//! The machine's clock plus what was skipped. It never goes back, also if the clock is set
//! back; a machine that was suspended finds everything fired that fell due meanwhile.
//!
//! # What it is not
//!
//! There is no access control and no encryption: it listens on loopback unless told
//! otherwise. It has no throttles of its own, only those that one
//! [asks for](Options::faults). It serves development and tests on one machine; past that, the
//! same clients run against Amazon SWF.

// What reaches a program from outside must not bring it down: what could panic says why it does not.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable
    )
)]

mod control;
mod error;
mod faults;
#[cfg(fuzzing)]
pub mod fuzzing;
mod host;
mod http;
mod listen;
mod options;
mod server;
mod service;
mod store;

pub use error::{ServerError, ServerErrorKind};
pub use faults::{Denial, Faults, ParseOptionError};
pub use host::HostName;
pub use listen::ListenAddress;
pub use options::Options;
pub use server::LocalServer;

/// The README's code runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
