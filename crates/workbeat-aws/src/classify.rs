//! From the facts of a failed call to the port's error: a pure function.

use workbeat::service::{ServiceError, ServiceErrorKind};

use crate::codes::{Meaning, by_status, meaning};
use crate::failure::{Answer, Failure, Stage};
use crate::text::one_line;
use crate::validation::demands;

/// A call of an adapter, and what its errors need to know of it.
pub trait Call {
    /// The service's name for a person, such as `Amazon SWF`.
    fn service(&self) -> &'static str;

    /// The SDK's crate, such as `aws-sdk-swf`.
    fn sdk(&self) -> &'static str;

    /// The operation's name.
    fn operation(&self) -> &'static str;

    /// Whether it changes something at the service, so that a lost answer leaves a doubt.
    fn changes(&self) -> bool;

    /// Whether it speaks for one task, by its token. What the service says of such a request may
    /// quote the token or a payload, and is not passed on.
    fn speaks_for_task(&self) -> bool;

    /// The members of the requests that the adapter sends. Only these are named in what the service
    /// demands of them.
    fn members(&self) -> &'static [&'static str];

    /// What a policy must allow for it, for a person.
    fn to_allow(&self) -> String;

    /// The service's own errors, by their names. `None` for those that all services have.
    fn meaning(&self, answer: &Answer) -> Option<ServiceError>;
}

/// The port's error. Its message says what happened and how to mend it, and quotes neither a
/// payload nor a token.
pub fn classify(call: &impl Call, failure: &Failure) -> ServiceError {
    let error = match &failure.stage {
        Stage::NotSent => not_sent(failure),
        Stage::NotConnected => not_connected(call, failure),
        Stage::TimedOut => unavailable("the service did not answer in time"),
        Stage::Lost => unavailable("the connection was lost before the answer came"),
        Stage::Unreadable { status } => unreadable(call, *status),
        Stage::Answered(answer) => call
            .meaning(answer)
            .unwrap_or_else(|| answered(call, answer)),
    };
    if is_ambiguous(call, failure, &error) {
        error.ambiguous()
    } else {
        error
    }
}

/// Whether the call may have been applied although it failed.
fn is_ambiguous(call: &impl Call, failure: &Failure, error: &ServiceError) -> bool {
    let in_doubt = match failure.stage {
        Stage::NotSent | Stage::NotConnected => false,
        Stage::TimedOut | Stage::Lost => true,
        Stage::Unreadable { .. } | Stage::Answered(_) => {
            error.kind() == ServiceErrorKind::Unavailable
        }
    };
    in_doubt && call.changes()
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
        return no_region();
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

/// The client does not know which region it is for.
#[must_use]
pub fn no_region() -> ServiceError {
    new(
        ServiceErrorKind::NotPermitted,
        "the client has no region; set one, with AWS_REGION or in its configuration",
    )
}

fn not_connected(call: &impl Call, failure: &Failure) -> ServiceError {
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
            format!(
                "the client's HTTP connector speaks no HTTPS; build the client with the feature `default-https-client` of {}, or give it a connector",
                call.sdk()
            ),
        );
    }
    if has(&["timeout", "timed out"]) {
        return unavailable("no connection came about in time; check the network and the endpoint");
    }
    unavailable("no connection came about; check the network and the endpoint")
}

fn unreadable(call: &impl Call, status: u16) -> ServiceError {
    match by_status(status) {
        Meaning::Throttled => throttled(),
        Meaning::NotPermitted => new(
            ServiceErrorKind::NotPermitted,
            format!(
                "something that is no {} answered with HTTP status {status}; is there a proxy that wants a password?",
                call.service()
            ),
        ),
        Meaning::ServerError => unavailable(format!(
            "the service, or what stands before it, answered with HTTP status {status}"
        )),
        _ => unavailable(format!(
            "the answer to {} with HTTP status {status} could not be read; is the endpoint {}'s?",
            call.operation(),
            call.service()
        )),
    }
}

fn throttled() -> ServiceError {
    new(
        ServiceErrorKind::Throttled,
        "the service wants fewer calls: the account's rate for this operation is used up",
    )
}

/// What any service of AWS can answer.
fn answered(call: &impl Call, answer: &Answer) -> ServiceError {
    use ServiceErrorKind::{Invalid, NotPermitted};

    let Answer { status, code, .. } = answer;
    let operation = call.operation();
    match meaning(code, *status) {
        Meaning::Throttled => throttled(),
        Meaning::NotPermitted => not_permitted(call, answer),
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
            let demands = demands(&answer.message, call.members());
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
            format!(
                "the endpoint does not know {operation}; is it {}'s?",
                call.service()
            ),
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

/// The credentials may not make the call: what a policy must allow.
pub fn not_permitted(call: &impl Call, answer: &Answer) -> ServiceError {
    new(
        ServiceErrorKind::NotPermitted,
        format!(
            "the credentials may not call {}; {}{}",
            call.operation(),
            call.to_allow(),
            said(call, answer)
        ),
    )
}

/// What the service says of names and permissions, as far as it is safe to pass on, with what
/// stands before it in a sentence. The request for a task carries a token and a payload, so then
/// it must begin as IAM's own sentences do.
pub fn said(call: &impl Call, answer: &Answer) -> String {
    const LONGEST: usize = 600;
    let message = answer.message.as_str();
    let of_iam = message.starts_with("User: ") || message.starts_with("not authorized");
    if message.is_empty() || (call.speaks_for_task() && !of_iam) {
        String::new()
    } else {
        format!("; the service says: {}", one_line(message, LONGEST))
    }
}
