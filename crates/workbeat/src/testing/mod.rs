//! Tests of your own activities: one activity alone, without a service.
//!
//! This needs the feature `testing`, and tokio's `test-util` for paused time:
//!
//! ```toml
//! [dev-dependencies]
//! workbeat = { path = "../workbeat/crates/workbeat", features = ["testing"] }
//! tokio = { version = "1", features = ["macros", "rt", "test-util"] }
//! ```
//!
//! [`ActivityTest`] runs an activity as a worker does, gives it input, and says how it ended.
//!
//! ```
//! use workbeat::prelude::*;
//! use workbeat::testing::ActivityTest;
//!
//! /// Counts the words of a book, page by page.
//! #[activity(heartbeat_timeout = "30s")]
//! async fn count_words(pages: Vec<String>, ctx: ActivityContext) -> Result<usize, ActivityError> {
//!     let mut words = 0;
//!     for (done, page) in pages.iter().enumerate() {
//!         ctx.check_stopped()?;
//!         words += page.split_whitespace().count();
//!         ctx.report(done + 1);
//!     }
//!     Ok(words)
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let outcome = ActivityTest::new(CountWords).input(["Call me", "Ishmael."]).run().await;
//! outcome.assert_completed(3);
//! # }
//! ```
//!
//! # The same code as in a worker
//!
//! The activity runs in a real [`Worker`](crate::Worker), on a service that has one task and
//! accepts whatever it is sent. The input is decoded from JSON and the output encoded; panics are
//! caught; what is sent is decided, checked against the service's limits and cut as it always is;
//! a [cancel grace](crate::ActivityOptions::cancel_grace), a deadline and a drain are the worker's
//! own. The [codec](ActivityTest::codec) and the [middleware](ActivityTest::middleware) of the
//! worker are given to the test, where they matter. An activity that passes here does the same on a service.
//!
//! # What happens when
//!
//! Requests come [at a moment](When) that the test names, or when it says so to a
//! [run that was started](ActivityTest::start). A cancellation does not wait for a heartbeat
//! here: it is there at once. One that is asked for at the n-th progress has fired the token when
//! the n-th [`report`](crate::ActivityContext::report) returns, on any runtime.
//!
//! With `#[tokio::test(start_paused = true)]` hours take no time, and [`TestOutcome::took`] is
//! exact to the millisecond. In real time, and on a runtime with several threads, everything works
//! as well.
//!
//! # It ends
//!
//! What a test waits for has [a limit](ActivityTest::give_up_after) in tokio's time. After it the
//! test panics and says what was waited for, what the activity was told and what it last reported.
//!
//! # What is shown
//!
//! A worker logs no payload. The messages of asserts, and the `Debug` of what is in this module,
//! show input, result, progress and details, because they are those of your own test.
//!
//! # Compared with the embedded service
//!
//! `workbeat-local` is a whole service with SWF's rules: workers poll it, heartbeats carry the
//! progress, timeouts end tasks, histories can be read. Use it to test a worker's settings, several
//! activities together, or what becomes of a task whose worker is gone. Use this to test what one
//! activity does.

#![allow(
    clippy::panic,
    reason = "a test that fails panics, and says what was expected"
)]

mod asserts;
mod builder;
mod limit;
mod outcome;
mod progress;
mod run;
mod service;
mod stage;
mod when;

pub use builder::ActivityTest;
pub use outcome::{Ended, NotCompleted, TestOutcome};
pub use progress::Progress;
pub use run::ActivityRun;
pub use when::When;
