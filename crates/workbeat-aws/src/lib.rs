//! What [`workbeat`]'s adapters over the AWS SDK have in common: what the errors of a call mean.
//!
//! Every service of AWS stands behind the same doors, and fails at them in the same ways: no
//! credentials, no region, a wrong signature, a throttle, a connection that is lost. [`service_error`]
//! makes the port's error of them. What only one service says, its adapter tells it by a [`Call`].
//!
//! An error says what happened and how to mend it, on one line of bearable length. It quotes
//! neither a payload nor a task token, also where the service does.
//!
//! ```
//! use workbeat::service::{ServiceError, ServiceErrorKind};
//! use workbeat_aws::{Answer, Call};
//!
//! /// A heartbeat of a service that has a name of its own for a task that is closed.
//! struct Heartbeat;
//!
//! impl Call for Heartbeat {
//!     fn service(&self) -> &'static str { "Amazon Example" }
//!     fn sdk(&self) -> &'static str { "aws-sdk-example" }
//!     fn operation(&self) -> &'static str { "RecordHeartbeat" }
//!     fn changes(&self) -> bool { true }
//!     fn speaks_for_task(&self) -> bool { true }
//!     fn members(&self) -> &'static [&'static str] { &["taskToken"] }
//!     fn to_allow(&self) -> String { "allow the action `example:RecordHeartbeat`".to_owned() }
//!
//!     fn meaning(&self, answer: &Answer) -> Option<ServiceError> {
//!         let closed = answer.code == "TaskIsOver";
//!         closed.then(|| ServiceError::new(ServiceErrorKind::TaskClosed, "the task is closed"))
//!     }
//! }
//! # use workbeat_aws::{Failure, Stage, classify};
//! # let failure = |code: &str| Failure {
//! #     stage: Stage::Answered(Answer {
//! #         status: 400, code: code.to_owned(), message: String::new(), request_id: None,
//! #     }),
//! #     below: String::new(),
//! # };
//! # assert_eq!(classify(&Heartbeat, &failure("TaskIsOver")).kind(), ServiceErrorKind::TaskClosed);
//! # assert_eq!(classify(&Heartbeat, &failure("SlowDown")).kind(), ServiceErrorKind::Throttled);
//! ```

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

mod classify;
mod codes;
mod failure;
mod text;
mod validation;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use workbeat::service::ServiceError;

pub use self::classify::{Call, classify, no_region, not_permitted, said};
use self::failure::Below;
pub use self::failure::{Answer, Failure, Stage};

/// The port's error for an SDK error that `call` met.
///
/// What lies below it is kept as text: the SDK's own error holds the raw answer, and with it
/// what the service quoted of the request.
pub fn service_error<E>(call: &impl Call, error: &SdkError<E, HttpResponse>) -> ServiceError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let failure = Failure::of(error);
    let service_error = classify(call, &failure);
    match Below::of(&failure) {
        Some(below) => service_error.with_source(below),
        None => service_error,
    }
}
