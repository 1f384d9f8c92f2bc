//! Activity workers that heartbeat, report progress and cancel by themselves.
//!
//! A workflow service, such as Amazon SWF, keeps lists of tasks. An *activity worker* polls a
//! task list, does the work of each task, and says what came of it. In between it has to
//! heartbeat, or the service gives the task up; and only the answer to a heartbeat says that
//! somebody asked for the task to be cancelled. Workbeat is that worker. You write what an
//! activity does.
//!
//! ```
//! use workbeat::prelude::*;
//! use workbeat_local::{LocalService, StartActivity};
//!
//! /// Counts the words of a book, page by page.
//! #[activity(version = "1.0", heartbeat_timeout = "30s")]
//! async fn count_words(pages: Vec<String>, ctx: ActivityContext) -> Result<usize, ActivityError> {
//!     let mut words = 0;
//!     for (done, page) in pages.iter().enumerate() {
//!         words += ctx.until_stopped(read(page)).await?; // cancelled? end here, and acknowledge
//!         ctx.report(done + 1); // goes out with the next heartbeat
//!     }
//!     Ok(words)
//! }
//!
//! async fn read(page: &str) -> usize {
//!     page.split_whitespace().count()
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let service = LocalService::new(); // the embedded service; any `ActivityService` will do
//!     let worker = Worker::builder(service.clone())
//!         .task_list("books")
//!         .activity(CountWords)
//!         .build()?;
//!     let handle = worker.handle();
//!     let running = tokio::spawn(worker.run());
//!
//!     // What a decider does: schedule an activity and wait for it.
//!     let book = vec!["Call me Ishmael.".to_owned()];
//!     let start = StartActivity::of(&CountWords, &book)?.task_list("books");
//!     let outcome = service.start(start)?.outcome().await;
//!     assert_eq!(outcome.result::<usize>()?, 3);
//!
//!     handle.drain();
//!     assert!(running.await??.is_clean());
//!     Ok(())
//! }
//! ```
//!
//! # Activities
//!
//! An [`Activity`] has a name and a version, an input that is `Deserialize` and an output that
//! is `Serialize`: they travel as JSON. There are four ways to make one:
//!
//! - [`#[activity]`](macro@activity) on an async fn, or on a sync fn that is `blocking`;
//! - the same on a method, over state that the activities of a type share;
//! - [`activity_fn`](worker::WorkerBuilder::activity_fn), for a closure or a plain async fn;
//! - the trait itself.
//!
//! [`untyped_activity_fn`](worker::WorkerBuilder::untyped_activity_fn) serves the names that
//! are known only at run time.
//!
//! An activity is given an [`ActivityContext`]: it [reports](ActivityContext::report) progress,
//! sees its [cancellation](ActivityContext::until_stopped) and its
//! [deadline](ActivityContext::deadline), and knows the task's facts, an
//! [idempotency key](ActivityContext::idempotency_key) among them.
//!
//! # What happens beside it
//!
//! A [`Worker`] takes a slot, polls, and starts the activity as a tokio task of its own. From
//! then on, until the service has accepted an outcome, it heartbeats for the task:
//!
//! - at the interval that the activity declares, else at a third of the heartbeat timeout (at
//!   most 60 s), else every 10 s;
//! - with what the activity last reported;
//! - also while the activity cleans up, waits for a [limit](worker::WorkerBuilder::activity_limit)
//!   of its type, or has ended and its outcome could not be sent yet;
//! - within a [budget](HeartbeatBudget), given or learned from throttling, under which intervals
//!   stretch before a task is lost.
//!
//! How the activity ended, and what the service has said, make one outcome: completed, failed
//! or canceled; or none, if the task is closed. It is checked against the service's limits, and
//! sent until the service accepts it or says that the task is closed.
//!
//! # Cancellation compared with draining
//!
//! *Cancellation* is about one task. The service asks for it in the answer to a heartbeat; the
//! task's token fires; the activity cleans up, and acknowledges by returning
//! [`ActivityError::canceled`], which is what `?` on
//! [`until_stopped`](ActivityContext::until_stopped) does. An activity may also ignore it. The
//! token fires for other reasons too, which [`StopReason`] names.
//!
//! *Draining* is about the worker. [`WorkerHandle::drain`] ends polling and waits for what
//! runs, whose heartbeats and outcomes work as before. No token fires until shortly before the
//! drain deadline; then what is left is failed, so that a decider can schedule it again.
//!
//! # Errors and failure codes
//!
//! An activity ends badly with an [`ActivityError`]: failed, with a reason and details, or
//! canceled. Every error that can be boxed turns into a failure with `?`. What the framework
//! itself fails, such as a panic or an input that does not decode, has a stable
//! [`FailureCode`], because deciders branch on it.
//!
//! # Handing a task on
//!
//! A task can be ended by another process: the activity gives its
//! [token](ActivityContext::task_token) away and returns [`ActivityError::handed_on`], and
//! whoever has the token keeps the task alive and ends it with a [`CompletionClient`].
//!
//! # Limits
//!
//! Amazon SWF takes 2,048 characters of progress, 32,768 of result and details, and 256 of
//! reason; a service can say [other limits](service::ServiceLimits). Text is cut at a character
//! boundary, with a marker. JSON progress that is too long is left out in favour of the last
//! that fitted, and a result that is too large is a failure: neither is ever truncated.
//!
//! # A guest in your application
//!
//! The worker starts no runtime and no thread, installs no signal handler and sets no global
//! subscriber. [`Worker::run`] is a `Send` future that you spawn where you like, and may drop.
//! It logs through `tracing`, and never an input, a result or details. Activities must not
//! block the threads of the runtime: use `blocking`, or
//! [`run_blocking`](ActivityContext::run_blocking).
//!
//! # Services
//!
//! The framework knows no service. It speaks to one through the port,
//! [`ActivityService`], with which you can bring your own. The crate `workbeat-local` is one to
//! develop and test with: Amazon SWF's rules in your own process, exact in paused time.
//! `workbeat-swf` is Amazon SWF itself.

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

mod chain;
mod codec;
mod heartbeat;
mod moment;
mod outcome;
mod panic;
mod retry;
mod span;
mod task;
mod time;
mod told;

pub mod activity;
pub mod completion;
#[cfg(fuzzing)]
pub mod fuzzing;
#[doc(hidden)]
pub mod macro_support;
pub mod prelude;
#[cfg(workbeat_seeded_faults)]
#[doc(hidden)]
pub mod seeded_faults;
pub mod service;
pub mod worker;

pub use activity::{
    Activity, ActivityContext, ActivityError, ActivityErrorKind, ActivityOptions, FailureCode,
    NoInput, Stopped, activity_fn,
};
pub use completion::CompletionClient;
pub use heartbeat::{HeartbeatBudget, HeartbeatBudgetStatus};
pub use retry::Backoff;
pub use service::ActivityService;
pub use task::StopReason;
pub use tokio_util::sync::CancellationToken;
pub use workbeat_macros::activity;
pub use worker::{Worker, WorkerHandle};
