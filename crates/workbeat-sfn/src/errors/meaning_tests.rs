use workbeat_aws::{Failure, Stage, classify};

use super::*;
use ServiceErrorKind::{
    Invalid, LimitExceeded, NotPermitted, TaskClosed, Throttled, Unavailable, UnknownResource,
};

const ARN: &str = "arn:aws:states:eu-central-1:123456789012:activity:pack";

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

/// Kind, and some words of the message.
#[track_caller]
fn check(operation: Operation, failure: &Failure, kind: ServiceErrorKind, words: &[&str]) {
    let subject = Some(ARN);
    let error = classify(&Call { operation, subject }, failure);
    let case = format!("{operation:?}, {failure:?}: {error}");
    assert_eq!(error.kind(), kind, "{case}");
    for word in words {
        assert!(error.message().contains(word), "`{word}`: {case}");
    }
}

#[test]
fn three_errors_say_that_a_task_is_closed() {
    for operation in [Operation::Heartbeat, Operation::Succeed, Operation::Fail] {
        for (code, word) in [
            ("TaskTimedOut", "timeout"),
            ("TaskDoesNotExist", "ended"),
            ("InvalidToken", "token"),
        ] {
            let failure = fault(400, code, "Invalid Task Token: 'secret'");
            check(operation, &failure, TaskClosed, &[word]);
        }
    }
}

#[test]
fn a_client_of_another_region_closes_no_task() {
    let failure = fault(400, "InvalidToken", "Invalid Task Token: 'secret'");
    let words = &["token", "region"];
    check(Operation::HeartbeatElsewhere, &failure, Invalid, words);
    let failure = fault(400, "TaskTimedOut", "it is over");
    check(
        Operation::HeartbeatElsewhere,
        &failure,
        TaskClosed,
        &["timeout"],
    );
}

#[test]
fn a_page_token_closes_no_task() {
    let failure = fault(400, "InvalidToken", "Invalid Token: 'page'");
    check(Operation::List, &failure, Invalid, &["InvalidToken"]);
}

#[test]
fn every_error_of_the_model_has_its_meaning() {
    let table: [(Operation, &str, ServiceErrorKind, &[&str]); 12] = [
        (
            Operation::Poll,
            "ActivityDoesNotExist",
            UnknownResource,
            &[ARN, "create_activities"],
        ),
        (
            Operation::Poll,
            "ActivityWorkerLimitExceeded",
            LimitExceeded,
            &["1,000", "max_concurrent_polls"],
        ),
        (Operation::Poll, "InvalidArn", Invalid, &[ARN]),
        (
            Operation::Poll,
            "KmsAccessDeniedException",
            NotPermitted,
            &["kms:Decrypt"],
        ),
        (
            Operation::Succeed,
            "KmsAccessDeniedException",
            NotPermitted,
            &["kms:GenerateDataKey"],
        ),
        (
            Operation::Poll,
            "KmsInvalidStateException",
            NotPermitted,
            &["enable"],
        ),
        (
            Operation::Fail,
            "KmsThrottlingException",
            Throttled,
            &["KMS"],
        ),
        (
            Operation::Create,
            "ActivityLimitExceeded",
            LimitExceeded,
            &["10,000"],
        ),
        (Operation::Create, "InvalidName", Invalid, &["name"]),
        (
            Operation::Create,
            "TooManyTags",
            Invalid,
            &["CreateActivity", "TooManyTags"],
        ),
        (
            Operation::Create,
            "InvalidEncryptionConfiguration",
            Invalid,
            &["InvalidEncryptionConfiguration"],
        ),
        (Operation::Succeed, "InvalidOutput", Invalid, &["JSON"]),
    ];
    for (operation, code, kind, words) in table {
        check(operation, &fault(400, code, "why"), kind, words);
    }
}

#[test]
fn a_policy_that_lacks_something_is_told_what_and_on_what() {
    let denied = fault(400, "AccessDeniedException", "User: me is not authorized");
    check(
        Operation::Poll,
        &denied,
        NotPermitted,
        &["`states:GetActivityTask`", ARN, "User: me"],
    );
    for (operation, words) in [
        (Operation::Heartbeat, &["`states:SendTaskHeartbeat`"][..]),
        (Operation::Create, &["create_activities"]),
        (Operation::List, &["`*`", "activity_arn", "`account`"]),
    ] {
        check(operation, &denied, NotPermitted, words);
    }
}

#[test]
fn what_all_services_have_is_as_for_all_services() {
    for operation in Operation::ALL {
        check(
            operation,
            &fault(400, "ThrottlingException", ""),
            Throttled,
            &[],
        );
        check(operation, &fault(500, "", ""), Unavailable, &[]);
        let lost = Failure {
            stage: Stage::Lost,
            below: String::new(),
        };
        check(operation, &lost, Unavailable, &[]);
        let subject = None;
        let error = classify(&Call { operation, subject }, &lost);
        assert_eq!(error.is_ambiguous(), operation.changes());
    }
}

#[test]
fn what_the_service_quotes_of_a_task_is_not_passed_on() {
    for operation in Operation::ALL.into_iter().filter(|of| of.speaks_for_task()) {
        for code in [
            "InvalidToken",
            "TaskTimedOut",
            "InvalidOutput",
            "KmsAccessDeniedException",
            "AccessDeniedException",
            "ValidationException",
            "SomethingElse",
        ] {
            let failure = fault(400, code, "Value 's3cret' at 'taskToken' is s3cret");
            let subject = None;
            let error = classify(&Call { operation, subject }, &failure);
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
