//! The facts of a failed call, read out of the SDK's error.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use crate::text::{name, one_line};

/// The most characters that are kept of what errors below say.
const LONGEST: usize = 1_000;

/// What is known of a call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How far it came.
    pub stage: Stage,
    /// What the errors below say, from the outermost; empty for an answer of the service.
    pub below: String,
}

/// How far a call came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "there is no more to how far a call can come"
)]
pub enum Stage {
    /// It was not sent.
    NotSent,
    /// There was no connection to send it on.
    NotConnected,
    /// It may have been sent, and time ran out.
    TimedOut,
    /// It may have been sent, and the connection was lost.
    Lost,
    /// There was an answer that is none of the service's.
    Unreadable {
        /// The answer's HTTP status.
        status: u16,
    },
    /// The service answered with an error.
    Answered(Answer),
}

/// An error that the service answered with. It may quote the request; `Debug` does too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "tests make them")]
pub struct Answer {
    /// The answer's HTTP status.
    pub status: u16,
    /// The error's name.
    pub code: String,
    /// What the service says.
    pub message: String,
    /// The service's name of the request.
    pub request_id: Option<String>,
}

impl Failure {
    /// The facts in an SDK's error.
    pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error {
            SdkError::TimeoutError(_) => Self {
                stage: Stage::TimedOut,
                below: chain(error.source()),
            },
            SdkError::DispatchFailure(failure) => {
                // The connector's own level says only of which kind it is.
                let below = chain(error.source().and_then(Error::source));
                // These are hyper's words. What never came to an HTTP client, such as a request
                // that could not be signed, has neither them nor a kind.
                let in_http = below.contains("client error (") || failure.as_other().is_some();
                let stage = if below.contains("(Connect)") {
                    Stage::NotConnected
                } else if failure.is_timeout() {
                    Stage::TimedOut
                } else if failure.is_io() || in_http {
                    Stage::Lost
                } else {
                    Stage::NotSent
                };
                Self { stage, below }
            }
            SdkError::ResponseError(answer) => {
                let status = answer.raw().status().as_u16();
                Self {
                    stage: Stage::Unreadable { status },
                    // It may quote the answer.
                    below: String::new(),
                }
            }
            SdkError::ServiceError(answer) => {
                let meta = answer.err().meta();
                Self {
                    stage: Stage::Answered(Answer {
                        status: answer.raw().status().as_u16(),
                        code: name(meta.code().unwrap_or_default()),
                        message: meta.message().unwrap_or_default().to_owned(),
                        request_id: error.request_id().map(name),
                    }),
                    below: String::new(),
                }
            }
            _ => Self {
                stage: Stage::NotSent,
                below: chain(error.source()),
            },
        }
    }
}

/// What an error and its sources say, the outermost first.
fn chain(error: Option<&(dyn Error + 'static)>) -> String {
    let levels = std::iter::successors(error, |&error| error.source());
    let levels: Vec<_> = levels.map(ToString::to_string).collect();
    one_line(&levels.join(": "), LONGEST)
}

/// What lies below a `ServiceError`, as text.
#[derive(Debug)]
pub(crate) struct Below(String);

impl Below {
    pub(crate) fn of(failure: &Failure) -> Option<Self> {
        match &failure.stage {
            Stage::Answered(Answer {
                status,
                code,
                request_id,
                ..
            }) => {
                let request_id = request_id.as_deref().unwrap_or("unknown");
                Some(Self(format!(
                    "{code}, HTTP status {status}, request id {request_id}"
                )))
            }
            _ => Some(Self(failure.below.clone())).filter(|below| !below.0.is_empty()),
        }
    }
}

impl fmt::Display for Below {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Below {}
