//! A service that follows Amazon SWF's rules, in your own process.
//!
//! For the development and the tests of activity workers: no account, no network, no
//! waiting. A worker runs against [`LocalService`] as it runs against SWF, and a test stands
//! where a decider would: it starts an activity, follows its heartbeats, asks for its
//! cancellation, awaits its outcome and reads its history.
//!
//! ```
//! use std::time::Duration;
//!
//! use futures_util::StreamExt;
//! use workbeat::service::{ActivityService, PollRequest};
//! use workbeat_local::{LocalService, StartActivity};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = LocalService::new();
//! let activity = service.start(
//!     StartActivity::new("pack", "1.0")
//!         .input(&["a.txt", "b.txt"])?
//!         .task_list("files")
//!         .heartbeat_timeout(Duration::from_secs(30)),
//! )?;
//! let mut heartbeats = activity.heartbeats();
//!
//! // What a `workbeat::Worker` does for you; here by hand, to show both sides.
//! let task = service.poll(PollRequest::new("files", "me")).await?.expect("a task");
//! assert_eq!(task.input.as_deref(), Some(r#"["a.txt","b.txt"]"#));
//! service.heartbeat(&task.token, Some("1")).await?;
//! activity.request_cancel()?;
//! assert!(service.heartbeat(&task.token, Some("2")).await?.cancel_requested);
//! service.cancel(&task.token, Some("removed the partial file")).await?;
//!
//! assert_eq!(heartbeats.next().await.expect("a heartbeat").details_as()?, Some(1));
//! assert_eq!(activity.outcome().await.to_string(), "was canceled");
//! let history = activity.history();
//! let [.., canceled, for_the_decider] = &history[..] else { panic!("no history") };
//! assert_eq!(canceled.event_type(), "ActivityTaskCanceled");
//! assert_eq!(for_the_decider.event_type(), "DecisionTaskScheduled");
//! # Ok(())
//! # }
//! ```
//!
//! # What it is true to
//!
//! Domains, types and their defaults, task lists with priorities, long polls, decision tasks
//! and every decision, children, signals and timers, all timeouts, cancellation before and
//! after the start, the faults that late calls get, every length limit and quota, and a
//! history with SWF's own events and attributes. The rules are in [`engine`], which does no
//! I/O and has no clock.
//!
//! [`LocalService`] decides by itself: what ends an activity schedules a decision task, as on
//! SWF, and the next decision that you ask for takes it.
//!
//! Time is tokio's, so in a test with paused time everything is exact to the millisecond
//! and nothing takes long:
//!
//! ```
//! use std::time::Duration;
//!
//! use tokio::time::Instant;
//! use workbeat_local::{LocalService, StartActivity};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = LocalService::new();
//! let day = Duration::from_secs(24 * 60 * 60);
//! let activity = service
//!     .start(StartActivity::new("pack", "1.0").schedule_to_start_timeout(day))?;
//!
//! let began = Instant::now(); // in a test with `#[tokio::test(start_paused = true)]`
//! let outcome = activity.outcome().await;
//! assert_eq!(outcome.to_string(), "timed out: SCHEDULE_TO_START");
//! assert_eq!(began.elapsed(), day);
//! # Ok(())
//! # }
//! ```
//!
//! # What it is not
//!
//! It serves one process, keeps everything in memory until it is dropped, has no throttles and
//! no access control: it is for development and tests. The same worker runs against Amazon SWF
//! with the adapter `workbeat-swf`, and the crate `workbeat-server` serves the same engine over
//! HTTP. What it does that SWF does not: timeouts may have fractions of a second, an activity
//! can be started before its type is registered (see
//! [`LocalServiceBuilder::auto_register`]), and closed executions are kept.

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

pub mod engine;
mod service;

pub use service::{
    ActivityHandle, ActivityOutcome, Heartbeat, Heartbeats, LocalError, LocalErrorKind,
    LocalService, LocalServiceBuilder, StartActivity,
};
