//! AWS Step Functions for [`workbeat`]: the same activities, for state machines, through the
//! official [`aws_sdk_sfn`].
//!
//! A state machine has tasks that it does not do itself: an *activity* of Step Functions is a queue of
//! them, with a name and an ARN. Workers take tasks from it, heartbeat, and say what came of them.
//! A [`SfnService`] is such queues, reached through a client that you make; for the worker each is a
//! task list, by its name.
//!
//! ```no_run
//! use workbeat::prelude::*;
//! use workbeat_sfn::SfnService;
//!
//! /// Transcodes a video.
//! #[activity(version = "1.0", heartbeat_timeout = "30s")]
//! async fn transcode(video: String, ctx: ActivityContext) -> Result<u64, ActivityError> {
//!     let mut frames = 0;
//!     while let Some(chunk) = ctx.until_stopped(next_chunk(&video, frames)).await? {
//!         frames += chunk;
//!         ctx.report(frames); // seen in the worker's status: a heartbeat carries nothing here
//!     }
//!     Ok(frames)
//! }
//! # async fn next_chunk(_: &str, _: u64) -> Option<u64> { None }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
//!     let client = aws_sdk_sfn::Client::new(&config);
//!     let worker = Worker::builder(SfnService::new(client))
//!         .task_list("transcode") // the name of the activity in Step Functions
//!         .activity(Transcode)
//!         .build()?;
//!     println!("{}", worker.run().await?);
//!     Ok(())
//! }
//! ```
//!
//! The AWS crates are taken without their default features, so turn on in your own manifest what
//! your program needs: `rt-tokio` and `default-https-client` of `aws-sdk-sfn` and of `aws-config`.
//!
//! # Names, ARNs and types
//!
//! A task list of the worker is the name of an activity in Step Functions. Its ARN is, in this order:
//!
//! 1. the one told with [`activity_arn`](SfnServiceBuilder::activity_arn);
//! 2. what [`CreateActivity`](SfnServiceBuilder::create_activities) answers, if that is asked for;
//! 3. what [`account`](SfnServiceBuilder::account) makes of the client's region and the name;
//! 4. the one that ListActivities has under the name.
//!
//! It is found out once, with the first poll of the task list.
//!
//! Step Functions knows no versions. A task is for the worker's activity of the same name, in version
//! `1.0` or what [`version`](SfnServiceBuilder::version) says;
//! [`activity_type`](SfnServiceBuilder::activity_type) says it of one task list, where names differ.
//!
//! # What Step Functions does not tell
//!
//! A task comes with its token and its input and nothing else. So in the activity's context
//!
//! - the workflow's id and run id are empty, and the started event is 0;
//! - the activity id, and with it the
//!   [idempotency key](workbeat::ActivityContext::idempotency_key), is made of the token: a digest of
//!   128 bits that does not give the token away. It is the same for as long as the task is the same one;
//!   a `Retry` of the state machine makes a new task. To know such attempts for one piece of work, put a
//!   key of your own into the input, such as `$$.Execution.Id`;
//! - the deadline is what the activity declares. The heartbeat timeout is in the state machine,
//!   `HeartbeatSeconds`: declare one that is not longer.
//!
//! # Cancellation
//!
//! Nobody can ask for the cancellation of a task. When an execution is stopped, or a timeout of the
//! state passes, the next heartbeat is refused with `TaskTimedOut` or `TaskDoesNotExist` (some
//! emulators say `InvalidToken`): the activity's token fires with
//! [`TaskClosed`](workbeat::StopReason::TaskClosed), and no outcome is sent, because nobody waits for
//! one. An activity that gives up for a reason of the worker's own, such as a drain, ends as a
//! failure, with an error of the worker's that a state machine can `Retry` or `Catch`.
//!
//! # Outcomes
//!
//! | the activity | Step Functions |
//! |---|---|
//! | gives a result | SendTaskSuccess with it. It must be JSON, of at most 262,144 bytes; without one it is `null` |
//! | fails with the reason `CODE: sentence` | SendTaskFailure: the error is `CODE`, the cause begins with the sentence |
//! | fails with another reason | SendTaskFailure: the error is the reason |
//! | with details | they are in the cause, after the sentence if there is one |
//! | is ended as canceled by a [`CompletionClient`](workbeat::CompletionClient) | SendTaskFailure: the error is [`CANCELED`] |
//!
//! A code is of capital letters, digits and `_`; those of the framework are
//! [`FailureCode`](workbeat::FailureCode)s. `ErrorEquals` of a state machine compares whole names, so
//! the sentence must not be in them. The error has 256 characters, the cause 32,768; what is longer
//! is cut, with a marker.
//!
//! # The calls
//!
//! A **poll** is one GetActivityTask. It has a read timeout of 75 s and no other, whatever
//! the client is set to, and the SDK's own retries are off for it: the worker backs off and
//! polls again. A drain waits for polls under way, because Step Functions may hand a task to a poll
//! whose client went away; `withdraw` is heeded only for as long as the activity is still being
//! found out. Of one activity at most 1,000 polls may wait.
//!
//! A **heartbeat** is one request too: the worker's [budget](workbeat::HeartbeatBudget) must see when
//! it is throttled, and the worker tries again by itself.
//!
//! **Every other call** has the client's retries, within an operation timeout of 9 s unless the
//! client or [`call_timeout`](SfnServiceBuilder::call_timeout) sets another.
//!
//! # Errors
//!
//! An error says how to mend it: which IAM action is missing and on what, that credentials have
//! expired, that an activity is not there. It quotes neither a payload nor a task token. What may
//! have been applied although the call failed is [said](workbeat::service::ServiceError::is_ambiguous).

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

mod activities;
mod arn;
mod builder;
mod calls;
mod errors;
mod failure;
mod operation;
mod poll;
mod service;

pub use builder::SfnServiceBuilder;
pub use failure::CANCELED;
pub use service::SfnService;
