use workbeat_aws::{Failure, Stage, classify};

use super::*;
use ServiceErrorKind::{
    Invalid, LimitExceeded, NotPermitted, TaskClosed, Throttled, Unavailable, UnknownResource,
    WorkflowClosed,
};

fn call(operation: Operation) -> Call<'static> {
    Call {
        operation,
        domain: "media",
        subject: Some("video"),
    }
}

fn fault(status: u16, code: &str, message: &str) -> Failure {
    Failure {
        stage: Stage::Answered(Answer {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: None,
        }),
        below: String::new(),
    }
}

fn failed(stage: Stage, below: &str) -> Failure {
    Failure {
        stage,
        below: below.to_owned(),
    }
}

/// Kind, ambiguity and some words of the message.
type Expected<'a> = (ServiceErrorKind, bool, &'a [&'a str]);

#[track_caller]
fn check(operation: Operation, failure: &Failure, (kind, ambiguous, words): Expected<'_>) {
    let error = classify(&call(operation), failure);
    let case = format!("{operation:?}, {failure:?}: {error}");
    assert_eq!(error.kind(), kind, "{case}");
    assert_eq!(error.is_ambiguous(), ambiguous, "{case}");
    for word in words {
        assert!(error.message().contains(word), "`{word}`: {case}");
    }
}

#[test]
fn every_spelling_of_throttled_is_throttled_and_nothing_was_applied() {
    for code in [
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "SlowDown",
    ] {
        for operation in Operation::ALL {
            let failure = fault(400, code, "Rate exceeded");
            check(operation, &failure, (Throttled, false, &["fewer calls"]));
        }
    }
    check(
        Operation::Heartbeat,
        &fault(429, "", ""),
        (Throttled, false, &[]),
    );
    let unreadable = failed(Stage::Unreadable { status: 429 }, "");
    check(Operation::Poll, &unreadable, (Throttled, false, &[]));
}

#[test]
fn a_quota_that_is_used_up_says_which() {
    let limit = fault(400, "LimitExceededFault", "Rate exceeded");
    let table: [(Operation, &[&str]); 4] = [
        (Operation::Poll, &["1,000", "max_concurrent_polls"]),
        (Operation::RegisterType, &["10,000"]),
        (Operation::RegisterDomain, &["100"]),
        (Operation::Complete, &["quota"]),
    ];
    for (operation, words) in table {
        check(operation, &limit, (LimitExceeded, false, words));
    }
}

#[test]
fn an_unknown_resource_is_told_apart_by_operation_and_message() {
    let activity = "Unknown activity, scheduledEventId = 5";
    let execution = "Unknown execution: WorkflowExecution=[workflowId=w, runId=r]";
    let domain = "Unknown domain: media";
    let activity_type = "Unknown type: ActivityType=[name=video, version=1]";
    let table: [(Operation, &str, Expected<'_>); 13] = [
        (Operation::Heartbeat, activity, (TaskClosed, false, &[])),
        (
            Operation::Heartbeat,
            execution,
            (WorkflowClosed, false, &[]),
        ),
        (Operation::Heartbeat, "", (TaskClosed, false, &[])),
        (Operation::Complete, activity, (TaskClosed, false, &[])),
        (Operation::Complete, execution, (WorkflowClosed, false, &[])),
        (Operation::Fail, activity, (TaskClosed, false, &[])),
        (Operation::Cancel, execution, (WorkflowClosed, false, &[])),
        (
            Operation::Poll,
            domain,
            (
                UnknownResource,
                false,
                &["`media`", "region", "register_domain", "deprecated"],
            ),
        ),
        (
            Operation::RegisterType,
            domain,
            (UnknownResource, false, &["`media`"]),
        ),
        (
            Operation::DescribeType,
            activity_type,
            (UnknownResource, false, &["`video`", "not registered"]),
        ),
        (
            Operation::DescribeType,
            domain,
            (UnknownResource, false, &["no domain"]),
        ),
        (
            Operation::History,
            execution,
            (UnknownResource, false, &["workflow execution"]),
        ),
        (
            Operation::Poll,
            "Something else",
            (UnknownResource, false, &["Something else"]),
        ),
    ];
    for (operation, message, expected) in table {
        let failure = fault(400, "UnknownResourceFault", message);
        check(operation, &failure, expected);
    }
}

#[test]
fn what_is_not_permitted_names_the_action_and_where_to_allow_it() {
    for code in [
        "OperationNotPermittedFault",
        "AccessDeniedException",
        "AccessDenied",
    ] {
        for operation in Operation::ALL {
            let failure = fault(400, code, "not authorized");
            let error = classify(&call(operation), &failure);
            assert_eq!(error.kind(), NotPermitted);
            let action = format!("`swf:{}`", operation.name());
            assert!(error.message().contains(&action), "{error}");
            assert!(error.message().contains("not authorized"), "{error}");
            // In words that are not IAM's there may be a token or a payload.
            let failure = fault(400, code, "rejected: 'SECRET'\n");
            let error = classify(&call(operation), &failure);
            let told = error.message().contains("the service says: rejected");
            assert_eq!(told, !operation.speaks_for_task(), "{error}");
            assert!(!error.message().contains('\n'), "{error}");
        }
        check(
            Operation::Poll,
            &fault(400, code, ""),
            (
                NotPermitted,
                false,
                &["/domain/media", "`swf:taskList.name`", "`video`"],
            ),
        );
    }
}

#[test]
fn credentials_that_will_not_do_say_what_is_wrong_with_them() {
    let table: [(Failure, &str); 11] = [
        (fault(400, "ExpiredTokenException", "x"), "expired"),
        (fault(403, "ExpiredToken", "x"), "expired"),
        (fault(400, "UnrecognizedClientException", "x"), "access key"),
        (fault(403, "InvalidClientTokenId", "x"), "access key"),
        (fault(400, "InvalidSignatureException", "x"), "SECRET"),
        (fault(403, "SignatureDoesNotMatch", "x"), "clock"),
        (fault(403, "RequestExpired", "x"), "clock"),
        (fault(403, "OptInRequired", "x"), "region"),
        (
            failed(
                Stage::NotSent,
                "the credential provider was not enabled: no credentials found in chain",
            ),
            "AWS_PROFILE",
        ),
        (
            failed(
                Stage::NotSent,
                "\"sigv4\" wasn't a valid option because there was no identity resolver",
            ),
            "AWS_ACCESS_KEY_ID",
        ),
        (
            failed(Stage::NotSent, "missing signing region"),
            "AWS_REGION",
        ),
    ];
    for (failure, word) in table {
        check(Operation::Poll, &failure, (NotPermitted, false, &[word]));
    }
    let passing = "an error occurred while loading credentials: timed out";
    check(
        Operation::Poll,
        &failed(Stage::NotSent, passing),
        (Unavailable, false, &["credentials"]),
    );
}

#[test]
fn what_was_never_sent_leaves_no_doubt_and_what_may_have_been_does() {
    let table: [(Failure, bool, &str); 8] = [
        (
            failed(
                Stage::NotConnected,
                "client error (Connect): tcp connect error: Connection refused (os error 111)",
            ),
            false,
            "refused",
        ),
        (
            failed(
                Stage::NotConnected,
                "client error (Connect): dns error: failed to lookup address information",
            ),
            false,
            "name is not found",
        ),
        (
            failed(
                Stage::NotConnected,
                "client error (Connect): invalid peer certificate: UnknownIssuer",
            ),
            false,
            "certificates",
        ),
        (
            failed(
                Stage::NotConnected,
                "client error (Connect): HTTP connect timeout occurred after 3.1s",
            ),
            false,
            "in time",
        ),
        (failed(Stage::NotConnected, "(Connect)"), false, "network"),
        (
            failed(Stage::TimedOut, "HTTP read timeout occurred after 75s"),
            true,
            "in time",
        ),
        (
            failed(Stage::Lost, "client error (SendRequest): connection error"),
            true,
            "lost",
        ),
        (
            failed(Stage::Unreadable { status: 200 }, ""),
            true,
            "could not be read",
        ),
    ];
    for (failure, ambiguous, word) in table {
        for operation in Operation::ALL {
            let ambiguous = ambiguous && operation.changes();
            check(operation, &failure, (Unavailable, ambiguous, &[word]));
        }
    }
}

#[test]
fn a_failure_of_the_service_may_have_been_applied_where_something_can_be() {
    for failure in [
        fault(500, "InternalFailure", ""),
        fault(503, "ServiceUnavailable", ""),
        fault(500, "", ""),
        fault(504, "Strange", ""),
        failed(Stage::Unreadable { status: 502 }, ""),
    ] {
        for operation in Operation::ALL {
            check(operation, &failure, (Unavailable, operation.changes(), &[]));
        }
    }
}

#[test]
fn what_is_rejected_says_of_what_and_quotes_nothing() {
    let message = "1 validation error detected: Value 'SECRET' at 'result' failed to satisfy constraint: Member must have length less than or equal to 32768";
    for code in ["ValidationException", "SerializationException"] {
        let failure = fault(400, code, message);
        check(
            Operation::Complete,
            &failure,
            (Invalid, false, &["result: Member must"]),
        );
        let error = classify(&call(Operation::Complete), &failure);
        assert!(!error.to_string().contains("SECRET"), "{error}");
    }
    let unclear = fault(400, "SerializationException", "SECRET");
    let error = classify(&call(Operation::Fail), &unclear);
    assert!(!error.to_string().contains("SECRET"), "{error}");
    let table: [(&str, &[&str]); 3] = [
        ("UnknownOperationException", &["Amazon SWF's?"]),
        ("DomainDeprecatedFault", &["`media`", "deprecated"]),
        ("NeverHeardOf", &["NeverHeardOf"]),
    ];
    for (code, words) in table {
        let failure = fault(400, code, "SECRET");
        check(Operation::RegisterType, &failure, (Invalid, false, words));
        let error = classify(&call(Operation::RegisterType), &failure);
        assert!(!error.to_string().contains("SECRET"), "{error}");
    }
}

#[test]
fn a_proxy_that_wants_a_password_is_no_permission_of_iam() {
    let proxy = failed(Stage::Unreadable { status: 407 }, "");
    check(Operation::Poll, &proxy, (NotPermitted, false, &["proxy"]));
}

#[test]
fn a_connector_without_https_says_which_feature_it_needs() {
    let failure = failed(
        Stage::NotConnected,
        "client error (Connect): invalid URL, scheme is not http",
    );
    check(
        Operation::Poll,
        &failure,
        (Invalid, false, &["default-https-client"]),
    );
}
