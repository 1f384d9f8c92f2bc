use proptest::prelude::*;

use super::*;

/// Recorded with simpleflow 0.36.0, of an activity `measure(files, recursive=False)`; but for the
/// last two, which are in a history that simpleflow's own tests have:
/// tests/data/dumps/workflow_execution_basic.json of botify-labs/simpleflow.
const INPUTS: [(&str, &str); 6] = [
    (r#"{"args":[],"kwargs":{}}"#, "null"),
    (
        r#"{"args":[["a.txt","b.txt"]],"kwargs":{}}"#,
        r#"["a.txt","b.txt"]"#,
    ),
    (
        r#"{"args":[["a.txt"],true],"kwargs":{}}"#,
        r#"[["a.txt"],true]"#,
    ),
    (
        r#"{"args":[],"kwargs":{"files":["a.txt"]}}"#,
        r#"{"files":["a.txt"]}"#,
    ),
    (r#"{"args":[1],"kwargs":{}}"#, "1"),
    (r#"{"args":[30,2],"kwargs":{}}"#, "[30,2]"),
];

/// Recorded in the same way: both ways to name, and what Python has and JSON has not.
const MIXED: &str = r#"{"args":[["a.txt"]],"kwargs":{"recursive":true}}"#;
const ODD: &str =
    r#"{"args":["\u00fc","2017-01-17T18:05:54",null,1.5,{"k":[1,2],"s":[3]}],"kwargs":{}}"#;

/// Recorded in the same way: the details of `raise ValueError("disk full")`, whose reason is
/// `ValueError: disk full`.
const DETAILS: &str = r#"{"error":"ValueError","error_type":"ValueError","message":"disk full","traceback":["Traceback (most recent call last):\n","ValueError: disk full\n"]}"#;

fn decoded(payload: &str) -> Result<String, CodecError> {
    Simpleflow::new().decode_input(payload.to_owned())
}

#[test]
fn recorded_inputs_become_the_input_of_an_activity() {
    for (payload, json) in INPUTS {
        assert_eq!(decoded(payload).unwrap(), json);
    }
    let odd = r#"["\u00fc","2017-01-17T18:05:54",null,1.5,{"k":[1,2],"s":[3]}]"#;
    assert_eq!(decoded(ODD).unwrap(), odd);
}

#[test]
fn numbers_keep_all_their_digits() {
    let payload = r#"{"args":[123456789012345678901234567890],"kwargs":{}}"#;
    assert_eq!(decoded(payload).unwrap(), "123456789012345678901234567890");
}

#[test]
fn a_meta_is_passed_over_and_nothing_need_be_there() {
    assert_eq!(
        decoded(r#"{"args":[1],"kwargs":{},"meta":{"binaries":{}}}"#).unwrap(),
        "1"
    );
    assert_eq!(decoded("{}").unwrap(), "null");
}

#[test]
fn with_the_names_every_call_is_an_object() {
    let codec = Simpleflow::new().parameters(["files", "recursive"]);
    let decode = |payload: &str| codec.decode_input(payload.to_owned());
    assert_eq!(decode(INPUTS[0].0).unwrap(), "{}");
    assert_eq!(
        decode(INPUTS[1].0).unwrap(),
        r#"{"files":["a.txt","b.txt"]}"#
    );
    assert_eq!(
        decode(INPUTS[2].0).unwrap(),
        r#"{"files":["a.txt"],"recursive":true}"#
    );
    assert_eq!(decode(INPUTS[3].0).unwrap(), r#"{"files":["a.txt"]}"#);
    assert_eq!(
        decode(MIXED).unwrap(),
        r#"{"files":["a.txt"],"recursive":true}"#
    );
}

#[test]
fn calls_that_cannot_be_are_refused_as_in_python() {
    let error = decoded(MIXED).unwrap_err();
    assert!(
        error.to_string().contains("`Simpleflow::parameters`"),
        "{error}"
    );
    let codec = Simpleflow::new().parameters(["files"]);
    let decode = |payload: &str| {
        codec
            .decode_input(payload.to_owned())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        decode(INPUTS[2].0),
        "it has 2 arguments without a name, and the codec knows names for 1"
    );
    let twice = r#"{"args":[1],"kwargs":{"files":2}}"#;
    assert_eq!(decode(twice), "it has the argument `files` twice");
}

#[test]
fn what_is_no_call_is_refused_with_a_sentence() {
    for payload in [
        "",
        "[]",
        "17",
        r#"{"args":5}"#,
        r#"{"args":[],"kwargs":[]}"#,
    ] {
        let error = decoded(payload).unwrap_err();
        assert!(
            error.to_string().contains("no call of simpleflow's"),
            "{payload}"
        );
    }
    let jumbo = decoded("simpleflow+s3://bucket/path/0f3a 40000").unwrap_err();
    assert!(jumbo.to_string().contains("jumbo field"), "{jumbo}");
}

#[test]
fn a_failure_has_the_members_that_simpleflow_writes() {
    let failure = Failure::new("ValueError: disk full");
    let encoded = Simpleflow::new().encode_failure(failure).unwrap();
    assert_eq!(encoded.reason, "ValueError: disk full");
    let ours: Map<String, Value> = serde_json::from_str(&encoded.details.unwrap()).unwrap();
    let theirs: Map<String, Value> = serde_json::from_str(DETAILS).unwrap();
    assert_eq!(ours["error"], theirs["error"]);
    assert_eq!(ours["message"], theirs["message"]);
    assert!(ours["traceback"].is_array() && theirs["traceback"].is_array());
    assert!(ours.keys().all(|name| theirs.contains_key(name)));
}

#[test]
fn details_are_the_message_unless_they_are_an_object() {
    let encode = |failure| {
        Simpleflow::new()
            .encode_failure(failure)
            .unwrap()
            .details
            .unwrap()
    };
    let text = encode(Failure::new("NO_SPACE").with_details("17 bytes left"));
    assert_eq!(
        text,
        r#"{"error":"NO_SPACE","message":"17 bytes left","traceback":[]}"#
    );
    let path = encode(Failure::new("std::io::Error").with_details("full"));
    assert!(
        path.starts_with(r#"{"error":"std::io::Error","message":"full","#),
        "{path}"
    );
    assert_eq!(encode(Failure::new("r").with_details(DETAILS)), DETAILS);
}

/// A value of JSON, as text.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::collection::vec(any::<String>(), 0..3).prop_map(Value::from),
    ]
}

fn read(codec: &Simpleflow, args: &[Value], kwargs: &Map<String, Value>) -> Result<Value, String> {
    let call = json!({ "args": args, "kwargs": kwargs }).to_string();
    let decoded = codec
        .decode_input(call)
        .map_err(|error| error.to_string())?;
    Ok(serde_json::from_str(&decoded).expect("JSON"))
}

proptest! {
    #[test]
    fn every_call_is_read_as_it_was_made(
        args in prop::collection::vec(value(), 0..4),
        kwargs in prop::collection::hash_map(any::<String>(), value(), 0..3),
    ) {
        let kwargs: Map<String, Value> = kwargs.into_iter().collect();
        let without = read(&Simpleflow::new(), &args, &kwargs);
        match (&*args, kwargs.is_empty()) {
            ([], true) => prop_assert_eq!(without, Ok(Value::Null)),
            ([one], true) => prop_assert_eq!(without, Ok(one.clone())),
            (all, true) => prop_assert_eq!(without, Ok(Value::from(all))),
            ([], false) => prop_assert_eq!(without, Ok(kwargs.clone().into())),
            (_, false) => prop_assert!(without.is_err()),
        }
        let names = ["a", "b", "c"];
        let bound = read(&Simpleflow::new().parameters(names), &args, &kwargs);
        let mut all: Map<String, Value> = names.map(str::to_owned).into_iter().zip(args.clone()).collect();
        let bindable = args.len() <= 3 && !kwargs.keys().any(|name| all.contains_key(name));
        all.extend(kwargs);
        prop_assert_eq!(bound.ok(), bindable.then(|| all.into()));
    }

    #[test]
    fn details_are_an_object_whatever_the_failure(details in prop::option::of("\\PC{0,40}"), reason in "\\PC{0,40}") {
        let failure = Failure { reason: reason.clone(), details };
        let encoded = Simpleflow::new().encode_failure(failure).unwrap();
        prop_assert_eq!(encoded.reason, reason);
        prop_assert!(serde_json::from_str::<Map<String, Value>>(&encoded.details.unwrap()).is_ok());
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}:,\"argskw0-9 ]{0,60}") {
        let _ = decoded(&text);
        let _ = decoded(&format!(r#"{{"args":[{text}],"kwargs":{{}}}}"#));
    }
}
