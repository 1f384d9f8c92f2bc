//! Activity workers that heartbeat, report progress and cancel by themselves.
//!
//! A workflow service, such as Amazon SWF, keeps lists of tasks. An *activity worker* polls a
//! task list, does the work of each task (the *activity*), and says what came of it to the
//! *decider*, the program that decides what is to be done next. In between it has to heartbeat,
//! or the service gives the task up; and only the answer to a heartbeat says that somebody asked
//! for the task to be cancelled. Workbeat is that worker. You write what an activity does.
//!
//! # In five minutes
//!
//! The three parties of a workflow in one program: the service, a worker, and what a decider would
//! do. It needs no account and no network.
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
//!         .activity(CountWords) // what `#[activity]` made of `count_words`
//!         .build()?;
//!     let handle = worker.handle();
//!     let running = tokio::spawn(worker.run()); // a guest in your runtime
//!
//!     // What a decider does: schedule an activity and wait for it.
//!     let book = vec!["Call me Ishmael.".to_owned()];
//!     let start = StartActivity::of(&CountWords, &book)?.task_list("books");
//!     let outcome = service.start(start)?.outcome().await;
//!     assert_eq!(outcome.result::<usize>()?, 3);
//!
//!     handle.drain(); // take nothing new, wait for what runs
//!     assert!(running.await??.is_clean());
//!     Ok(())
//! }
//! ```
//!
//! What you did not write is the rest of a worker. For each task it takes a slot, polls, and starts
//! the activity as a tokio task of its own. From then on, until the service has accepted an
//! outcome, it heartbeats for the task:
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
//! Declare a `heartbeat_timeout` for every activity: it is what ends the task of a worker that
//! died. And do not block the threads of the runtime, which the heartbeats need too. Code that
//! computes or waits in a system call is `blocking`, or a part of it goes into
//! [`run_blocking`](ActivityContext::run_blocking):
//!
//! ```
//! use std::path::PathBuf;
//!
//! use workbeat::prelude::*;
//!
//! /// Adds up the sizes of files.
//! #[activity(heartbeat_timeout = "30s", blocking)]
//! fn measure(files: Vec<PathBuf>, ctx: ActivityContext) -> Result<u64, ActivityError> {
//!     let mut bytes = 0;
//!     for (done, file) in files.iter().enumerate() {
//!         ctx.check_stopped()?; // cancelled? end here, and acknowledge
//!         bytes += std::fs::metadata(file)?.len(); // failed? so does the task
//!         ctx.report((done + 1, files.len()));
//!     }
//!     Ok(bytes)
//! }
//! ```
//!
//! # Cancellation
//!
//! The service asks for it in the answer to a heartbeat, and the task's token fires. `?` on
//! [`until_stopped`](ActivityContext::until_stopped) ends the activity and acknowledges. To clean
//! up first, match on it; the heartbeats go on meanwhile. An activity may also ignore it.
//!
//! ```
//! use workbeat::prelude::*;
//!
//! /// Packs a folder. Cancelled half way, it leaves nothing behind.
//! #[activity(heartbeat_timeout = "30s")]
//! async fn pack(folder: String, ctx: ActivityContext) -> Result<(), ActivityError> {
//!     match ctx.until_stopped(write_archive(&folder)).await {
//!         Ok(()) => Ok(()),
//!         Err(stopped) => {
//!             remove_partial_file(&folder).await;
//!             Err(ActivityError::canceled(format!("cleaned up: {}", stopped.reason())))
//!         }
//!     }
//! }
//! # async fn write_archive(_folder: &str) { std::future::pending().await }
//! # async fn remove_partial_file(_folder: &str) {}
//! #
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! #     use workbeat_local::{LocalService, StartActivity};
//! #     let service = LocalService::new();
//! #     let worker = Worker::builder(service.clone()).task_list("files").activity(Pack).build()?;
//! #     let handle = worker.handle();
//! #     tokio::spawn(worker.run());
//! #     let start = StartActivity::of(&Pack, &"photos".to_owned())?.task_list("files");
//! #     let activity = service.start(start)?;
//! #     while handle.status().running.is_empty() {
//! #         tokio::time::sleep(std::time::Duration::from_millis(1)).await;
//! #     }
//! #     activity.request_cancel()?;
//! #     let outcome = activity.outcome().await;
//! #     assert_eq!(outcome.details(), Some("cleaned up: cancel requested"));
//! #     Ok(())
//! # }
//! ```
//!
//! The token fires for other reasons too, which [`StopReason`] names: the task timed out, its
//! workflow is closed, the worker stops. `?` does the right thing in each case.
//!
//! # Errors and failure codes
//!
//! An activity ends badly with an [`ActivityError`]: failed, with a reason and details, or
//! canceled. Every error that can be boxed turns into a failure with `?`. Where deciders branch,
//! say the reason yourself:
//!
//! ```
//! use workbeat::prelude::*;
//!
//! fn read_page(path: &str) -> Result<String, ActivityError> {
//!     std::fs::read_to_string(path)
//!         .map_err(|error| ActivityError::failed("PAGE_NOT_READABLE").with_source(error))
//! }
//! # let error = read_page("no such page").unwrap_err();
//! # assert_eq!(error.reason(), Some("PAGE_NOT_READABLE"));
//! # assert!(error.details().is_some());
//! ```
//!
//! What the framework itself fails, such as a panic or an input that does not decode, has a stable
//! [`FailureCode`]. Nothing is tried again by itself: the decider schedules an activity again, or
//! does not.
//!
//! # A guest in your application
//!
//! The worker starts no runtime and no thread, installs no signal handler and sets no global
//! subscriber. [`Worker::run`] is a `Send` future that you spawn where you like, and may drop.
//! It logs through `tracing`, and never an input, a result or details. What it is told comes
//! through a [`WorkerHandle`]: [`drain`](WorkerHandle::drain), pause, stop; and what it does can be
//! read there.
//!
//! ```
//! use std::time::Duration;
//!
//! use workbeat::prelude::*;
//!
//! async fn serve(worker: Worker) -> Result<(), Box<dyn std::error::Error>> {
//!     let handle = worker.handle();
//!     let mut running = tokio::spawn(worker.run());
//!     let ended = tokio::select! {
//!         ended = &mut running => ended, // it could not start; the error says why
//!         () = asked_to_stop() => {
//!             handle.drain();
//!             running.await
//!         }
//!     };
//!     println!("{}", ended??); // what became of every task
//!     Ok(())
//! }
//!
//! /// Stands for Ctrl-C, SIGTERM, or a message.
//! async fn asked_to_stop() {
//!     tokio::time::sleep(Duration::from_millis(10)).await;
//! }
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! #     let service = workbeat_local::LocalService::new();
//! #     let greet = async |name: String| Ok::<_, ActivityError>(name);
//! #     let worker = Worker::builder(service).task_list("a").activity_fn("greet", "1.0", greet);
//! #     serve(worker.build()?).await
//! # }
//! ```
//!
//! *Draining* is about the worker, as *cancellation* is about one task. A drain ends polling and
//! waits for what runs, whose heartbeats and outcomes work as before. No token fires until
//! shortly before the drain deadline; then what is left is failed, so that a decider can schedule
//! it again.
//!
//! # Tests of your activities
//!
//! The function under `#[activity]` stays as it was written and can be called. With the feature
//! `testing`, for `[dev-dependencies]`, `ActivityTest` runs one activity as a worker does: input,
//! progress, cancellation at an exact moment, asserts on the outcome. With tokio's feature
//! `test-util` it does so in paused time, where hours take no time:
//!
//! ```
//! use std::time::Duration;
//!
//! use workbeat::prelude::*;
//! use workbeat::testing::ActivityTest;
//!
//! #[activity(heartbeat_timeout = "30s")]
//! async fn sleep_well(hours: u64) -> Result<u64, ActivityError> {
//!     tokio::time::sleep(Duration::from_secs(hours * 3600)).await;
//!     Ok(hours)
//! }
//!
//! # /*
//! #[tokio::test(start_paused = true)]
//! # */
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() { eight_hours_are_eight_hours().await }
//! async fn eight_hours_are_eight_hours() {
//!     let outcome = ActivityTest::new(SleepWell).input(8).run().await;
//!     outcome.assert_completed(8);
//! }
//! ```
//!
//! For several activities, timeouts and histories the crate `workbeat-local` is a whole service in
//! the test's own process, used as in the [first example](#in-five-minutes). In paused time every
//! timeout is exact.
//!
//! # Handing a task on
//!
//! A task can be ended by another process: the activity gives its
//! [token](ActivityContext::task_token) away and returns [`ActivityError::handed_on`], and
//! whoever has the token keeps the task alive and ends it with a [`CompletionClient`].
//!
//! # Code around activities
//!
//! [`Middleware`](middleware::Middleware) stands around activities: it measures them, asks who calls, refuses, or
//! changes what goes in and comes out. With the feature `tower`, so do tower's layers. A
//! [`Codec`](codec::Codec) stands between the JSON of activities and what is on the wire: with the features
//! `flow-java` and `simpleflow` there is one for deciders in the AWS Flow Framework for Java and one
//! for simpleflow's.
//!
//! # Limits
//!
//! Amazon SWF takes 2,048 characters of progress, 32,768 of result and details, and 256 of
//! reason; a service can say [other limits](service::ServiceLimits). Text is cut at a character
//! boundary, with a marker. JSON progress that is too long is left out in favour of the last
//! that fitted, and a result that is too large is a failure: neither is ever truncated.
//!
//! # Metrics
//!
//! With the feature `metrics`, which is off by default, a worker tells the recorder of the
//! application's choice what it does: the module `metrics` has the table.
//!
//! # Services
//!
//! The framework knows no service. It speaks to one through the port,
//! [`ActivityService`], with which you can bring your own. The crate `workbeat-local` is one to
//! develop and test with: Amazon SWF's rules in your own process, exact in paused time.
//! `workbeat-swf` is Amazon SWF itself, and only the service of the builder differs:
//!
//! ```text
//! let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
//! let service = SwfService::builder(aws_sdk_swf::Client::new(&config), "media").build();
//! ```
//!
//! `workbeat-sfn` is AWS Step Functions, for the same activities.
//!
//! # Features
//!
//! All of them are off by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `testing` | the module `testing`: one activity alone, in a test of yours |
//! | `config` | `WorkerConfig`: a worker's settings from a file or the environment |
//! | `metrics` | the module `metrics`: what the worker does, in figures, through the `metrics` facade |
//! | `flow-java` | `codec::FlowJava`: the payloads of deciders in the AWS Flow Framework for Java |
//! | `simpleflow` | `codec::Simpleflow`: the payloads of deciders in simpleflow |
//! | `tower` | tower's layers around activities: `WorkerBuilder::layer` |
//!
//! # Where to go next
//!
//! | to | see |
//! |---|---|
//! | set a worker: slots, task lists, deadlines | [`WorkerBuilder`](worker::WorkerBuilder); from a file or the environment, with the feature `config`, `WorkerConfig` |
//! | say how a type is registered and paced | [`#[activity]`](macro@activity), [`ActivityOptions`] |
//! | know what an activity can ask and say | [`ActivityContext`] |
//! | put code around activities | [`middleware`] |
//! | speak with deciders that do not write plain JSON | [`codec`] |
//! | see what a worker does just now | [`WorkerStatus`](worker::WorkerStatus) |
//! | read what a drain tells | [`DrainReport`](worker::DrainReport) |
//! | bring a service of your own | [`ActivityService`] |
//!
//! The guides are in the folder `docs` of the repository, also as a book (`mdbook build`): getting
//! started, heartbeats, cancellation, failures, testing, handing on, codecs, large payloads, resuming,
//! middleware, configuration, shutdown, the status page, metrics, observing, Amazon SWF, the local
//! server, coming from other frameworks, and troubleshooting by symptom.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
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
mod heartbeat;
#[cfg(not(feature = "metrics"))]
mod metrics;
mod moment;
mod outcome;
mod panic;
mod retry;
mod span;
mod task;
mod time;
mod told;

pub mod activity;
pub mod codec;
pub mod completion;
#[cfg(fuzzing)]
pub mod fuzzing;
#[doc(hidden)]
pub mod macro_support;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod middleware;
pub mod prelude;
#[cfg(workbeat_seeded_faults)]
#[doc(hidden)]
pub mod seeded_faults;
pub mod service;
#[cfg(feature = "testing")]
pub mod testing;
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
#[cfg(feature = "config")]
pub use worker::WorkerConfig;
pub use worker::{Worker, WorkerHandle};
