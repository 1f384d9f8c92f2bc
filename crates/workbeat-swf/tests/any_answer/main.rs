//! Whatever answers at the endpoint, the adapter makes an error of it that a person can use.

mod canned;

use proptest::prelude::*;
use serde_json::json;

use canned::{Canned, PAYLOAD, TOKEN, check};

fn check_now(canned: &Canned) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(check(canned));
}

/// A name of an error that means something to the adapter, or not.
fn code() -> impl Strategy<Value = String> {
    let known = [
        "UnknownResourceFault",
        "OperationNotPermittedFault",
        "LimitExceededFault",
        "TypeAlreadyExistsFault",
        "DomainDeprecatedFault",
        "ThrottlingException",
        "AccessDeniedException",
        "ValidationException",
        "SerializationException",
        "ExpiredTokenException",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "UnknownOperationException",
        "ServiceUnavailable",
        "InternalFailure",
    ];
    let known = prop::sample::select(known.to_vec()).prop_map(str::to_owned);
    prop_oneof![6 => known, 1 => ".{0,40}", 1 => Just("x".repeat(100_000))]
}

/// A message that quotes what was sent, as much as it can.
fn message() -> impl Strategy<Value = String> {
    let secret = prop::sample::select(vec![TOKEN, PAYLOAD]);
    let forms = [
        "@",
        "Unknown execution: WorkflowExecution=[workflowId=@, runId=@]",
        "Unknown activity, scheduledEventId = @",
        "1 validation error detected: Value '@' at 'taskToken' failed to satisfy constraint: \
         Member must have length less than or equal to 1024",
        "Value 'x' at 'result' failed to satisfy constraint: Member must not be null@",
        "Value 'x' at '@' failed to satisfy constraint: Member must @",
        "' failed to satisfy constraint: @",
        "\r\n@\u{0}\u{85}",
    ];
    let form = prop_oneof![
        prop::sample::select(forms.to_vec()).prop_map(str::to_owned),
        ".{0,60}",
    ];
    (form, secret, 1..200_usize)
        .prop_map(|(form, secret, times)| form.replace('@', secret).repeat(times))
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let error = (code(), message(), any::<bool>()).prop_map(|(code, message, upper)| {
        let name = if upper { "Message" } else { "message" };
        json!({"__type": format!("com.amazonaws.swf.base.model#{code}"), name: message})
            .to_string()
            .into_bytes()
    });
    let answer = (any::<i32>(), message()).prop_map(|(number, text)| {
        json!({
            "taskToken": text, "activityId": text, "startedEventId": number,
            "workflowExecution": {"workflowId": text, "runId": ""},
            "activityType": {"name": text, "version": text}, "cancelRequested": number,
            "nextPageToken": text, "events": [{"eventId": number}], "configuration": {},
        })
        .to_string()
        .into_bytes()
    });
    prop_oneof![
        6 => error,
        2 => answer,
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => Just(Vec::new()),
        1 => Just(br#"{"events": [], "nextPageToken": "for ever"}"#.to_vec()),
        1 => Just(format!("{}{TOKEN}", "[".repeat(10_000)).into_bytes()),
        1 => Just(format!("<html>{PAYLOAD}</html>").into_bytes()),
    ]
}

fn canned() -> impl Strategy<Value = Canned> {
    let status = prop_oneof![
        prop::sample::select(vec![200_u16, 400, 401, 403, 404, 407, 413, 429, 500, 503]),
        100..=999_u16,
    ];
    let header = (
        prop::sample::select(vec!["x-amzn-errortype", "x-amzn-requestid", "content-type"]),
        prop_oneof![code(), Just("a\u{7f}".to_owned())],
    );
    let header = header.prop_map(|(name, value)| (name.to_owned(), value));
    let headers = prop::collection::vec(header, 0..3);
    let answer = (status, headers, body()).prop_map(|(status, headers, body)| Canned::Answer {
        status,
        headers,
        body,
    });
    prop_oneof![
        30 => answer,
        1 => Just(Canned::TimedOut),
        1 => ".{0,2000}".prop_map(Canned::Lost),
        1 => ".{0,2000}".prop_map(Canned::NotMade),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_answers_the_error_is_short_of_a_fitting_kind_and_keeps_secrets(canned in canned()) {
        check_now(&canned);
    }
}
