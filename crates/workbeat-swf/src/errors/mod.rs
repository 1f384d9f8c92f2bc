//! What the SDK's errors mean to a worker.
//!
//! [`failure`] reads the facts out of an SDK error, [`classify`] is a pure function from them
//! to the port's error.

mod classify;
mod codes;
mod failure;
mod permission;
mod text;
mod validation;

use aws_sdk_swf::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use workbeat::service::ServiceError;

pub(crate) use self::classify::Call;
use self::failure::{Below, Failure};

/// The port's error for an SDK error that `call` met.
///
/// What lies below it is kept as text: the SDK's own error holds the raw answer, and with it
/// what the service quoted of the request.
pub(crate) fn service_error<E>(call: &Call<'_>, error: &SdkError<E, HttpResponse>) -> ServiceError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let failure = Failure::of(error);
    let service_error = classify::classify(call, &failure);
    match Below::of(&failure) {
        Some(below) => service_error.with_source(below),
        None => service_error,
    }
}
