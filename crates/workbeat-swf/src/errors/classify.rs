//! From the facts of a failed call to the port's error: a pure function.

use workbeat::service::{ServiceError, ServiceErrorKind};

use super::codes::{Meaning, by_status, meaning};
use super::failure::{Failure, Stage};
use super::permission::to_allow;
use super::text::one_line;
use super::validation::demands;
use crate::operation::Operation;

/// The call that failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) domain: &'a str,
    /// The task list or the activity type that it names, if any.
    pub(crate) subject: Option<&'a str>,
}

/// The port's error. Its message says what happened and how to mend it, and quotes neither a
/// payload nor a token.
pub(crate) fn classify(call: &Call<'_>, failure: &Failure) -> ServiceError {
    let error = match &failure.stage {
        Stage::NotSent => not_sent(failure),
        Stage::NotConnected => not_connected(failure),
        Stage::TimedOut => unavailable("the service did not answer in time"),
        Stage::Lost => unavailable("the connection was lost before the answer came"),
        Stage::Unreadable { status } => unreadable(call, *status),
        Stage::Answered {
            status,
            code,
            message,
            ..
        } => answered(call, *status, code, message),
    };
    if is_ambiguous(call, failure, &error) {
        error.ambiguous()
    } else {
        error
    }
}

/// Whether the call may have been applied although it failed.
fn is_ambiguous(call: &Call<'_>, failure: &Failure, error: &ServiceError) -> bool {
    let in_doubt = match failure.stage {
        Stage::NotSent | Stage::NotConnected => false,
        Stage::TimedOut | Stage::Lost => true,
        Stage::Unreadable { .. } | Stage::Answered { .. } => {
            error.kind() == ServiceErrorKind::Unavailable
        }
    };
    in_doubt && call.operation.changes()
}

fn new(kind: ServiceErrorKind, message: impl Into<String>) -> ServiceError {
    ServiceError::new(kind, message)
}

fn unavailable(message: impl Into<String>) -> ServiceError {
    new(ServiceErrorKind::Unavailable, message)
}

fn not_sent(failure: &Failure) -> ServiceError {
    let below = failure.below.as_str();
    if below.contains("signing region") || below.contains("A region must be set") {
        return new(
            ServiceErrorKind::NotPermitted,
            "the client has no region; set one, with AWS_REGION or in its configuration",
        );
    }
    let of_credentials = below.contains("identity resolver") || below.contains("credential");
    let passing = ["timed out", "an error occurred while loading"];
    if of_credentials && passing.iter().any(|words| below.contains(words)) {
        return unavailable("the credentials could not be loaded just now");
    }
    if of_credentials {
        return new(
            ServiceErrorKind::NotPermitted,
            "there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile with AWS_PROFILE, or give the machine a role",
        );
    }
    new(
        ServiceErrorKind::Invalid,
        "the client could not make the request; check its configuration",
    )
}

fn not_connected(failure: &Failure) -> ServiceError {
    let below = failure.below.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| below.contains(word));
    if has(&["refused"]) {
        return unavailable(
            "the connection was refused; is the endpoint's address right, and does the server run?",
        );
    }
    if has(&["dns", "lookup address", "name or service not known"]) {
        return unavailable(
            "the endpoint's name is not found; check the region, the endpoint and the network",
        );
    }
    if has(&["certificate", "tls", "handshake", "unknownissuer"]) {
        return unavailable(
            "there is no secure connection; check the machine's certificates, its clock, and whether a proxy stands between",
        );
    }
    if has(&["scheme is not http"]) {
        return new(
            ServiceErrorKind::Invalid,
            "the client's HTTP connector speaks no HTTPS; build the client with the feature `default-https-client` of aws-sdk-swf, or give it a connector",
        );
    }
    if has(&["timeout", "timed out"]) {
        return unavailable("no connection came about in time; check the network and the endpoint");
    }
    unavailable("no connection came about; check the network and the endpoint")
}

fn unreadable(call: &Call<'_>, status: u16) -> ServiceError {
    match by_status(status) {
        Meaning::Throttled => throttled(),
        Meaning::NotPermitted => new(
            ServiceErrorKind::NotPermitted,
            format!(
                "something that is no Amazon SWF answered with HTTP status {status}; is there a proxy that wants a password?"
            ),
        ),
        Meaning::ServerError => unavailable(format!(
            "the service, or what stands before it, answered with HTTP status {status}"
        )),
        _ => unavailable(format!(
            "the answer to {} with HTTP status {status} could not be read; is the endpoint Amazon SWF's?",
            call.operation.name()
        )),
    }
}

fn throttled() -> ServiceError {
    new(
        ServiceErrorKind::Throttled,
        "the service wants fewer calls: the account's rate for this operation is used up",
    )
}

fn answered(call: &Call<'_>, status: u16, code: &str, message: &str) -> ServiceError {
    use ServiceErrorKind::{Invalid, LimitExceeded, NotPermitted};

    let (operation, domain) = (call.operation.name(), call.domain);
    match meaning(code, status) {
        Meaning::Throttled => throttled(),
        Meaning::QuotaUsedUp => new(LimitExceeded, quota(call)),
        Meaning::Unknown => unknown(call, message),
        Meaning::NotPermitted => new(
            NotPermitted,
            format!(
                "the credentials may not call {operation}; {}{}",
                to_allow(call),
                said(call, message)
            ),
        ),
        Meaning::CredentialsExpired => new(
            NotPermitted,
            "the credentials have expired; sign in again, or give the client a provider that refreshes them",
        ),
        Meaning::CredentialsUnknown => new(
            NotPermitted,
            "the service does not know the access key; check AWS_ACCESS_KEY_ID or the profile, and that it is of this partition",
        ),
        Meaning::SignatureWrong => new(
            NotPermitted,
            "the signature is wrong; check AWS_SECRET_ACCESS_KEY, the session token, the region and the machine's clock",
        ),
        Meaning::ClockWrong => new(
            NotPermitted,
            "the request's time is too far from the service's; set the machine's clock",
        ),
        Meaning::RegionNotEnabled => new(
            NotPermitted,
            "the account has not enabled this region or service; enable it, or choose another region",
        ),
        Meaning::Invalid => {
            let demands = demands(message);
            let demands = if demands.is_empty() {
                "it did not say of what".to_owned()
            } else {
                demands.join("; ")
            };
            new(
                Invalid,
                format!("the service rejects the request for {operation} ({code}): {demands}"),
            )
        }
        Meaning::NotAnOperation => new(
            Invalid,
            format!("the endpoint does not know {operation}; is it Amazon SWF's?"),
        ),
        Meaning::DomainDeprecated => new(
            Invalid,
            format!("the domain `{domain}` is deprecated; undeprecate it, or use another"),
        ),
        Meaning::ServerError => unavailable(format!(
            "the service failed with {} (HTTP status {status})",
            if code.is_empty() { "no name" } else { code }
        )),
        Meaning::Other => new(
            Invalid,
            format!("the service answers {operation} with {code} (HTTP status {status})"),
        ),
    }
}

/// What the service says of names and permissions, as far as it is safe to pass on. The request
/// for a task carries a token and a payload, so then it must begin as IAM's own sentences do.
fn said(call: &Call<'_>, message: &str) -> String {
    const LONGEST: usize = 600;
    let of_iam = message.starts_with("User: ") || message.starts_with("not authorized");
    if message.is_empty() || (call.operation.speaks_for_task() && !of_iam) {
        String::new()
    } else {
        format!("; the service says: {}", one_line(message, LONGEST))
    }
}

fn quota(call: &Call<'_>) -> String {
    let what = match call.operation {
        Operation::Poll => {
            "too many polls wait on the task list, 1,000 at most; let fewer workers poll it, or lower `max_concurrent_polls`"
        }
        Operation::RegisterType => {
            "the domain has as many types as it may, 10,000; delete deprecated ones, or raise the quota"
        }
        Operation::RegisterDomain => {
            "the account has as many domains as it may, 100; or raise the quota"
        }
        _ => "a quota of the account is used up; use less of it, or raise it",
    };
    what.to_owned()
}

/// A task, a workflow, a domain or a type that the service does not know; its message begins
/// with which.
fn unknown(call: &Call<'_>, message: &str) -> ServiceError {
    use ServiceErrorKind::{TaskClosed, UnknownResource, WorkflowClosed};

    let domain = call.domain;
    if call.operation.speaks_for_task() {
        return if message.starts_with("Unknown execution") {
            new(WorkflowClosed, "the workflow of the task is closed")
        } else {
            new(TaskClosed, "the task is closed: it was ended or timed out")
        };
    }
    if message.starts_with("Unknown domain") {
        return new(
            UnknownResource,
            format!(
                "there is no domain `{domain}` in this account and region, or it is deprecated; check name and region, register it with `register_domain`, or undeprecate it with `aws swf undeprecate-domain`"
            ),
        );
    }
    match call.operation {
        Operation::DescribeType => new(
            UnknownResource,
            format!(
                "the activity type `{}` is not registered in the domain `{domain}`",
                call.subject.unwrap_or_default()
            ),
        ),
        Operation::History => new(
            UnknownResource,
            format!("there is no such workflow execution in the domain `{domain}`"),
        ),
        _ => new(
            UnknownResource,
            format!(
                "the service does not know what {} names in the domain `{domain}`{}",
                call.operation.name(),
                said(call, message)
            ),
        ),
    }
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
