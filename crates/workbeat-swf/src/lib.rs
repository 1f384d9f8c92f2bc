//! Amazon SWF for [`workbeat`]: the same activities, on the real service, through the official
//! [`aws_sdk_swf`].
//!
//! A [`SwfService`] is a domain, reached through a client that you make. Credentials, region,
//! endpoint, HTTP client, retries and interceptors are the client's, and stay yours.
//! The adapter makes two clients of it, one for polls and one for the other calls. They share the
//! HTTP client and the identity cache of your configuration; what it does not set, the SDK makes
//! for them anew.
//!
//! ```no_run
//! use workbeat::prelude::*;
//! use workbeat_swf::SwfService;
//!
//! /// Transcodes a video.
//! #[activity(version = "1.0", heartbeat_timeout = "30s", start_to_close_timeout = "2h")]
//! async fn transcode(video: String, ctx: ActivityContext) -> Result<u64, ActivityError> {
//!     let mut frames = 0;
//!     while let Some(chunk) = ctx.until_stopped(next_chunk(&video, frames)).await? {
//!         frames += chunk;
//!         ctx.report(frames); // goes out with the next heartbeat
//!     }
//!     Ok(frames)
//! }
//! # async fn next_chunk(_: &str, _: u64) -> Option<u64> { None }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
//!     let client = aws_sdk_swf::Client::new(&config);
//!     let worker = Worker::builder(SwfService::new(client, "media"))
//!         .task_list("video")
//!         .activity(Transcode)
//!         .build()?;
//!     println!("{}", worker.run().await?);
//!     Ok(())
//! }
//! ```
//!
//! The AWS crates are taken without their default features, so turn on in your own manifest what
//! your program needs: `rt-tokio` and `default-https-client` of `aws-sdk-swf` and of `aws-config`.
//!
//! # On one machine
//!
//! `workbeat-server` speaks Amazon SWF's protocol. Only the client differs:
//!
//! ```
//! use std::time::Duration;
//!
//! use aws_sdk_swf::config::{BehaviorVersion, Config, Credentials, Region};
//! use workbeat::prelude::*;
//! use workbeat_server::LocalServer;
//! use workbeat_swf::{Retention, SwfService};
//!
//! #[activity(version = "1.0", heartbeat_timeout = "30s")]
//! async fn greet(name: String) -> Result<String, ActivityError> {
//!     Ok(format!("Hello, {name}!"))
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Amazon SWF holds a poll for a minute, and a drain waits for it.
//! let server = LocalServer::builder().poll_hold(Duration::from_millis(50)).start().await?;
//! let config = Config::builder()
//!     .behavior_version(BehaviorVersion::latest())
//!     .endpoint_url(server.url())
//!     .region(Region::new("us-east-1"))
//!     .credentials_provider(Credentials::new("any", "any", None, None, "local"))
//!     .http_client(aws_smithy_http_client::Builder::new().build_http())
//!     .build();
//! let service = SwfService::builder(aws_sdk_swf::Client::from_conf(config), "greetings")
//!     .register_domain(Retention::days(1))
//!     .build();
//! let worker = Worker::builder(service).task_list("hello").activity(Greet).build()?;
//! let handle = worker.handle();
//! let running = tokio::spawn(worker.run());
//! assert!(handle.ready().await); // domain and type are registered, and it polls
//!
//! handle.drain();
//! assert!(running.await??.is_clean());
//! # Ok(())
//! # }
//! ```
//!
//! # The calls
//!
//! A **poll** is one request on the wire. It has a read timeout of 75 s and no other, whatever
//! the client is set to, and the SDK's own retries are off for it: the worker backs off and
//! polls again. A drain waits for polls under way, because Amazon SWF may hand a task to a poll
//! whose client went away; `withdraw` is ignored.
//!
//! A **heartbeat** is one request too. While the SDK waits out a throttle, the worker's
//! [budget](workbeat::HeartbeatBudget) could not learn of it; and the worker tries again by
//! itself, as the heartbeat timeout and the budget allow.
//!
//! **Every other call** has the client's retries, within an operation timeout of 9 s unless the
//! client or [`call_timeout`](SwfServiceBuilder::call_timeout) sets another. The worker retries
//! too, for as long as it takes: see its documentation. So the SDK's retries save little.
//!
//! # Registration
//!
//! Types are registered when the worker starts. One that is there already is fine; the worker
//! then looks at it, and warns of each default that it declares and the service holds otherwise.
//! One that is deprecated ends the run with an error. `register_types(false)` of the worker
//! turns all of that off.
//!
//! # Errors
//!
//! An error says how to mend it: which IAM action is missing and on what, that credentials have
//! expired, that a domain is not there. It quotes neither a payload nor a task token. What may
//! have been applied although the call failed is [said](workbeat::service::ServiceError::is_ambiguous).
//!
//! # What Amazon SWF does not tell
//!
//! A task comes without its timeouts; [`Timeouts`] is the choice of where to take them from. It
//! also comes without its priority and without the number of the attempt.
//!
//! What an earlier attempt [reported](workbeat::ActivityContext::previous_progress) is in the
//! history. A worker that is told to ask for it needs `swf:GetWorkflowExecutionHistory`: one call each
//! time an activity asks, and another for every 1,000 events that the attempt before lies further back.
//! For a first attempt that is the whole history.

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

mod builder;
mod calls;
mod errors;
mod history;
mod operation;
mod poll;
mod previous;
mod registration;
mod retention;
mod seconds;
mod service;
mod timeouts;

pub use builder::SwfServiceBuilder;
pub use retention::Retention;
pub use service::SwfService;
pub use timeouts::Timeouts;
