//! What payloads look like on the wire: JSON, or another shape through a [`Codec`].
//!
//! An activity's input and output are JSON by default, as they are. A codec stands between that
//! JSON and the service: it makes JSON of a task's input, and whatever the decider reads of the
//! result. People need one who move activities away from another framework while their deciders
//! stay, and people whose payloads are to be compressed or encrypted.
//!
//! ```
//! use workbeat::codec::{Codec, CodecError};
//! use workbeat::prelude::*;
//!
//! /// Payloads with every byte as two hexadecimal digits.
//! struct Hex;
//!
//! impl Codec for Hex {
//!     fn decode_input(&self, payload: String) -> Result<String, CodecError> {
//!         let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
//!         let bytes = payload.as_bytes().chunks(2).map(|pair| match pair {
//!             [high, low] => Some(digit(high)? * 16 + digit(low)?),
//!             _ => None,
//!         });
//!         let bytes: Option<Vec<u8>> = bytes.collect();
//!         let bytes = bytes.ok_or_else(|| CodecError::new("it is not hexadecimal"))?;
//!         String::from_utf8(bytes).map_err(|error| CodecError::new("it is no UTF-8").with_source(error))
//!     }
//!
//!     fn encode_result(&self, json: String) -> Result<String, CodecError> {
//!         Ok(json.bytes().map(|byte| format!("{byte:02x}")).collect())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! #     use workbeat_local::{LocalService, StartActivity};
//! let service = LocalService::new();
//! let worker = Worker::builder(service.clone())
//!     .task_list("a")
//!     .codec(Hex)
//!     .activity_fn("double", "1.0", async |number: u32| Ok::<_, ActivityError>(number * 2))
//!     .build()?;
//! tokio::spawn(worker.run());
//! let double = StartActivity::new("double", "1.0").task_list("a").raw_input("3231"); // 21
//! assert_eq!(service.start(double)?.outcome().await.raw_result(), Some("3432")); // 42
//! #     Ok(())
//! # }
//! ```
//!
//! # What goes through it
//!
//! | | through the codec |
//! |---|---|
//! | a task's input | [`decode_input`](Codec::decode_input), before anything else sees it |
//! | a result | [`encode_result`](Codec::encode_result), after everything else |
//! | a failure's reason and details, the framework's own failures too | [`encode_failure`](Codec::encode_failure); by default as they are |
//! | the details of an acknowledged cancellation | [`encode_cancel_details`](Codec::encode_cancel_details); by default as they are |
//! | progress, in the details of heartbeats | never: people and status pages read it, and no decider does |
//! | an input or a result that is absent | never: it stays absent |
//!
//! [Middleware](crate::middleware) is inside: it sees JSON on both ways.
//!
//! # Limits
//!
//! The service's limits are of the encoded text. A result that is too large when it is encoded is
//! a failure that says so. Details are encoded whole. If that is too long they are cut and encoded
//! again until it fits, so what is sent can always be decoded. A reason is cut to the service's limit
//! first, 256 characters on Amazon SWF.
//!
//! # Choosing one
//!
//! [`WorkerBuilder::codec`](crate::worker::WorkerBuilder::codec) chooses for a worker,
//! [`activity_codec`](crate::worker::WorkerBuilder::activity_codec) for one type, and
//! [`CompletionClient::codec`](crate::CompletionClient::codec) for tasks that were handed on.
//! [`Json`] is the default. With the features `flow-java` and `simpleflow` there are `FlowJava`
//! and `Simpleflow`, for deciders that were written with those. [`over`](Codec::over) puts one
//! around another.
//!
//! Without a codec nothing of this costs anything. With one, a task costs two boxes more, and what
//! the codec does.

mod details;
mod error;
#[cfg(feature = "flow-java")]
mod flow_java;
mod json;
mod over;
#[cfg(any(feature = "flow-java", feature = "simpleflow"))]
mod raw;
#[cfg(feature = "simpleflow")]
mod simpleflow;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub(crate) use details::fit_encoded;
pub use error::CodecError;
#[cfg(feature = "flow-java")]
pub use flow_java::FlowJava;
pub use json::Json;
pub(crate) use json::{decode, encode, looks_at_input};
pub use over::Over;
#[cfg(feature = "simpleflow")]
pub use simpleflow::Simpleflow;

use crate::activity::{ActivityError, FailureCode};
use crate::chain::chain;
use crate::panic::discard;
use crate::service::{ActivityType, Redacted};

/// Stands between the JSON of activities and what is written on the wire; see
/// [the module](self).
///
/// Its methods run where the activity runs and where its outcome is sent, so they must not block
/// for long. They may panic: that fails the task, as a panic of the activity does; in
/// `encode_failure` and `encode_cancel_details` it is as an error of theirs, and in a
/// [`CompletionClient`](crate::CompletionClient) it is an error of the call. An error's message can
/// be in the details of a failure, but is not logged.
pub trait Codec: Send + Sync + 'static {
    /// Makes JSON of a task's input.
    ///
    /// # Errors
    ///
    /// [`CodecError`] if it cannot. The task fails with
    /// [`FailureCode::InputInvalid`], before the activity or middleware is called. For an activity
    /// without input, which does not look at what the task carries, the input is then absent.
    fn decode_input(&self, payload: String) -> Result<String, CodecError>;

    /// Makes a result of an activity's JSON.
    ///
    /// # Errors
    ///
    /// [`CodecError`] if it cannot. The task fails with
    /// [`FailureCode::ResultNotSerializable`].
    fn encode_result(&self, json: String) -> Result<String, CodecError>;

    /// Makes a failure as the decider reads it.
    ///
    /// The reason is at most as long as the service takes. It may be called again with a shorter
    /// reason and shorter details, when what it made was too long.
    ///
    /// # Errors
    ///
    /// [`CodecError`] if it cannot. The task then fails with [`FailureCode::FailureNotEncodable`]
    /// in place of the reason, and without details, so that a codec that encrypts sends nothing in
    /// the clear. The reason is logged, with a warning.
    fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
        Ok(failure)
    }

    /// Makes the details of a cancellation as the decider reads them.
    ///
    /// It may be called again with shorter details, when what it made was too long.
    ///
    /// # Errors
    ///
    /// [`CodecError`] if it cannot. The cancellation is then acknowledged without details.
    fn encode_cancel_details(&self, details: String) -> Result<String, CodecError> {
        Ok(details)
    }

    /// This codec around `inner`: what is decoded here is decoded there next, and what is encoded
    /// there is encoded here next. `Compressed.over(FlowJava::new())` compresses what Flow for
    /// Java would write.
    fn over<C: Codec>(self, inner: C) -> Over<Self, C>
    where
        Self: Sized,
    {
        Over::new(self, inner)
    }
}

impl<C: Codec + ?Sized> Codec for Arc<C> {
    fn decode_input(&self, payload: String) -> Result<String, CodecError> {
        (**self).decode_input(payload)
    }

    fn encode_result(&self, json: String) -> Result<String, CodecError> {
        (**self).encode_result(json)
    }

    fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
        (**self).encode_failure(failure)
    }

    fn encode_cancel_details(&self, details: String) -> Result<String, CodecError> {
        (**self).encode_cancel_details(details)
    }
}

/// Why a task failed, as it is told to the decider.
///
/// `Debug` does not show the details.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// A short code or sentence; the framework's own begin with a [`FailureCode`].
    pub reason: String,
    /// The rest of the story, if there is one.
    pub details: Option<String>,
}

impl Failure {
    /// A failure for this reason, without details.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            details: None,
        }
    }

    /// The same failure with these details.
    #[must_use]
    pub fn with_details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("reason", &self.reason)
            .field("details", &Redacted(self.details.as_deref()))
            .finish()
    }
}

/// The codecs of a worker.
#[derive(Clone, Default)]
pub(crate) struct Codecs {
    pub(crate) all: Option<Arc<dyn Codec>>,
    pub(crate) of_type: BTreeMap<ActivityType, Arc<dyn Codec>>,
}

impl Codecs {
    pub(crate) fn of(&self, activity_type: &ActivityType) -> Option<&Arc<dyn Codec>> {
        self.of_type.get(activity_type).or(self.all.as_ref())
    }
}

impl Drop for Codecs {
    fn drop(&mut self) {
        // A codec is the application's, and the last of its owners may be anybody. Each has a wall
        // of its own, because a second panic would abort the process.
        discard(self.all.take());
        for codec in std::mem::take(&mut self.of_type).into_values() {
            discard(codec);
        }
    }
}

impl fmt::Debug for Codecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codecs")
            .field("all", &self.all.is_some())
            .field("of_type", &self.of_type.keys())
            .finish()
    }
}

/// Decodes what a task carries, if it carries anything.
pub(crate) fn decode_input(
    codec: Option<&dyn Codec>,
    input: Option<String>,
) -> Result<Option<String>, ActivityError> {
    let (codec, payload) = match (codec, input) {
        (Some(codec), Some(payload)) => (codec, payload),
        (_, input) => return Ok(input),
    };
    codec.decode_input(payload).map(Some).map_err(|error| {
        let sentence = "the codec of the worker cannot decode the input";
        ActivityError::failed(FailureCode::InputInvalid.reason(sentence))
            .with_details(chain(&error))
    })
}

/// Encodes what an activity gave back, if it gave anything.
pub(crate) fn encode_result(
    codec: Option<&dyn Codec>,
    result: Option<String>,
) -> Result<Option<String>, ActivityError> {
    let (codec, json) = match (codec, result) {
        (Some(codec), Some(json)) => (codec, json),
        (_, result) => return Ok(result),
    };
    codec.encode_result(json).map(Some).map_err(|error| {
        let sentence = "the codec of the worker cannot encode the result";
        ActivityError::failed(FailureCode::ResultNotSerializable.reason(sentence))
            .with_details(chain(&error))
    })
}
