//! What the SDK's errors mean to a worker. What they have in common with those of other services is
//! in [`workbeat_aws`].

mod meaning;
mod permission;

use aws_sdk_sfn::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use workbeat::service::ServiceError;

use self::meaning::Call;
use crate::operation::Operation;

/// Turns an error of the SDK into the port's. `subject` is the activity that the call named, by its
/// name or its ARN.
pub(crate) fn error<E>(
    operation: Operation,
    subject: Option<&str>,
    error: &SdkError<E, HttpResponse>,
) -> ServiceError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    workbeat_aws::service_error(&Call { operation, subject }, error)
}
