//! How a request is refused, in AWS's form: by the rules of SWF, or by the server itself.

use hyper::StatusCode;
use serde::Serialize;
use workbeat_local::engine::Fault;

use crate::store::NotKept;

/// An error with its HTTP status, its `__type` and its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    type_name: &'static str,
    message: String,
}

#[derive(Serialize)]
struct Shape<'a> {
    #[serde(rename = "__type")]
    type_name: &'a str,
    message: &'a str,
}

impl Refusal {
    fn new(status: StatusCode, type_name: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            type_name,
            message: message.into(),
        }
    }

    fn bad(type_name: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, type_name, message)
    }

    pub(super) fn unknown_operation(message: impl Into<String>) -> Self {
        Self::bad(
            "com.amazon.coral.service#UnknownOperationException",
            message,
        )
    }

    pub(super) fn serialization(message: impl Into<String>) -> Self {
        Self::bad("com.amazon.coral.service#SerializationException", message)
    }

    pub(super) fn throttled() -> Self {
        Self::bad(
            "com.amazon.coral.availability#ThrottlingException",
            "Rate exceeded",
        )
    }

    pub(super) fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "com.amazon.coral.service#ServiceUnavailableException",
            "Service is unavailable",
        )
    }

    pub(super) fn internal_failure(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "com.amazon.coral.service#InternalFailure",
            message,
        )
    }

    pub(super) fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "com.amazon.coral.service#RequestEntityTooLargeException",
            format!("a request to SWF has at most {limit} bytes"),
        )
    }

    pub(super) fn compressed() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "com.amazon.coral.service#UnsupportedMediaTypeException",
            "send the body as it is, without Content-Encoding: no request to SWF is compressed",
        )
    }

    pub(crate) fn too_many_followers(most: usize) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "com.amazon.coral.service#ServiceUnavailableException",
            format!("{most} clients follow the events already: end one of them"),
        )
    }

    pub(super) fn too_slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "com.amazon.coral.service#RequestTimeoutException",
            "the body of the request did not come in time",
        )
    }

    /// In the words of AWS, and then in this server's.
    pub(super) fn region(longest: usize) -> Self {
        Self::bad(
            "com.amazon.coral.service#InvalidSignatureException",
            format!(
                "Credential should be scoped to a valid region. A region is up to {longest} \
                 lower-case letters, digits and hyphens, such as eu-west-1"
            ),
        )
    }

    pub(super) fn media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "com.amazon.coral.service#UnsupportedMediaTypeException",
            "send Content-Type: application/x-amz-json-1.0, as any AWS SDK does",
        )
    }

    pub(super) fn method(allowed: &str, path: &str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "com.amazon.coral.service#UnknownOperationException",
            format!("{path} takes {allowed}"),
        )
    }

    pub(super) fn path() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "com.amazon.coral.service#UnknownOperationException",
            "there is nothing here: SWF is at POST /, a page for browsers at GET /, and what this \
             server adds at /_workbeat/reset, advance, activities, executions, history/REGION/RUN, \
             cancel and events",
        )
    }

    pub(super) fn foreign(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "com.amazon.coral.service#AccessDeniedException",
            message,
        )
    }

    /// What somebody sent to one of this server's own endpoints is not understood.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::bad("com.amazon.coral.validate#ValidationException", message)
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    #[cfg(test)]
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The body.
    pub(super) fn text(&self) -> String {
        let (type_name, message) = (self.type_name, self.message.as_str());
        let shape = Shape { type_name, message };
        serde_json::to_string(&shape)
            .unwrap_or_else(|_| r#"{"__type":"InternalFailure"}"#.to_owned())
    }
}

/// How SWF itself refuses.
impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::bad(fault.type_name(), fault.message())
    }
}

/// Nobody is told that something was done that may be forgotten.
impl From<NotKept> for Refusal {
    fn from(_: NotKept) -> Self {
        Self::internal_failure("the data file of this server cannot be written")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttled_call_is_told_so_in_the_way_of_aws() {
        let refusal = Refusal::throttled();
        assert_eq!(refusal.status(), StatusCode::BAD_REQUEST);
        assert_eq!(
            refusal.text(),
            r#"{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate exceeded"}"#
        );
    }

    #[test]
    fn a_message_is_escaped() {
        let text = Refusal::invalid("say \"24h\"").text();
        assert!(text.ends_with(r#""message":"say \"24h\""}"#), "{text}");
    }
}
