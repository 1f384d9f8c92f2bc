use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// The lines of a record, but for what is said about them.
fn lines(record: &str) -> Vec<[&str; 3]> {
    let lines = record.lines().filter(|line| !line.starts_with('#'));
    let columns = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    columns
        .map(|columns| columns.try_into().expect("three columns"))
        .collect()
}

fn decoded(payload: &str) -> Result<String, CodecError> {
    FlowJava::new().decode_input(payload.to_owned())
}

#[test]
fn recorded_inputs_are_read_without_their_classes() {
    let record = lines(include_str!("recorded_inputs.tsv"));
    assert!(record.len() > 20);
    for [what, payload, json] in record {
        assert_eq!(decoded(payload).unwrap(), json, "{what}");
    }
}

#[test]
fn results_are_written_as_they_were_recorded() {
    let record = lines(include_str!("recorded_results.tsv"));
    assert_eq!(record.len(), 5);
    for [json, class, payload] in record {
        let mut codec = FlowJava::new();
        if !class.is_empty() {
            codec = codec.result_class(class);
        }
        assert_eq!(codec.encode_result(json.to_owned()).unwrap(), payload);
    }
}

#[test]
fn arrays_and_objects_in_a_result_are_lists_and_maps_at_every_depth() {
    let encoded = FlowJava::new().encode_result(r#"{"a":[{},1.50,"\u00fc"],"b":null}"#.to_owned());
    assert_eq!(
        encoded.unwrap(),
        r#"["java.util.LinkedHashMap",{"a":["java.util.ArrayList",[["java.util.LinkedHashMap",{}],1.50,"\u00fc"]],"b":null}]"#
    );
}

#[test]
fn results_as_they_are_stay_so() {
    let json = r#"["com.example.Sum",{"bytes":17}]"#.to_owned();
    let encoded = FlowJava::new()
        .results_as_they_are()
        .encode_result(json.clone());
    assert_eq!(encoded.unwrap(), json);
}

#[test]
fn parameters_with_names_make_an_object_whatever_their_number() {
    let codec = FlowJava::new().parameters(["files", "depth"]);
    let decode = |args: &str| codec.decode_input(format!(r#"["[Ljava.lang.Object;",{args}]"#));
    assert_eq!(decode("[]").unwrap(), "{}");
    let files = r#"[["java.util.ArrayList",["a"]]]"#;
    assert_eq!(decode(files).unwrap(), r#"{"files":["a"]}"#);
    assert_eq!(decode(r#"["a",5]"#).unwrap(), r#"{"files":"a","depth":5}"#);
    let error = decode(r#"["a",5,6]"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "it has 3 arguments without a name, and the codec knows names for 2"
    );
}

#[test]
fn a_failure_is_a_throwable_with_the_details_or_the_reason() {
    let encode = |failure| FlowJava::new().encode_failure(failure).unwrap();
    let failure = encode(Failure::new("DISK").with_details("full: \"a\""));
    assert_eq!(failure.reason, "DISK");
    assert_eq!(
        failure.details.unwrap(),
        r#"["java.lang.RuntimeException",{"message":"full: \"a\"","stackTrace":[]}]"#
    );
    let failure = encode(Failure::new("DISK"));
    assert!(failure.details.unwrap().contains(r#"{"message":"DISK","#));
    let own = FlowJava::new().failure_class("com.example.Failed");
    let failure = own.encode_failure(Failure::new("DISK")).unwrap();
    assert!(
        failure
            .details
            .unwrap()
            .starts_with(r#"["com.example.Failed",{"#)
    );
}

#[test]
fn without_classes_there_are_none() {
    let codec = FlowJava::new().without_classes();
    let json = r#"{"a":[1]}"#.to_owned();
    assert_eq!(codec.encode_result(json.clone()).unwrap(), json);
    let failure = codec.encode_failure(Failure::new("DISK")).unwrap();
    let details = r#"{"message":"DISK","stackTrace":[]}"#;
    assert_eq!(failure.details.as_deref(), Some(details));
}

#[test]
fn a_throwable_of_the_activitys_own_stays_as_it_is() {
    let details = r#"["com.example.DiskFull",{"message":"disk full"}]"#;
    let failure = Failure::new("DISK").with_details(details);
    assert_eq!(
        FlowJava::new().encode_failure(failure.clone()).unwrap(),
        failure
    );
    // Neither of these is one.
    for details in [r#"["a b",{}]"#, r#"["com.example.DiskFull","text"]"#, "[]"] {
        let failure = Failure::new("DISK").with_details(details);
        let encoded = FlowJava::new().encode_failure(failure).unwrap();
        assert!(
            encoded.details.unwrap().starts_with(r#"["java.lang."#),
            "{details}"
        );
    }
}

#[test]
fn what_is_no_call_is_refused_with_a_sentence() {
    for payload in [
        "",
        "{}",
        "17",
        "[1",
        r#"["[Ljava.lang.Object;",5]"#,
        r#"["[Ljava.lang.Object;",{}]"#,
    ] {
        let error = decoded(payload).unwrap_err();
        assert!(
            error.to_string().contains("arguments"),
            "{payload}: {error}"
        );
    }
}

#[test]
fn depth_has_an_end() {
    let deep = |levels| {
        format!(
            r#"["[Ljava.lang.Object;",[{}{}]]"#,
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    decoded(&deep(100)).unwrap();
    for levels in [200, 16_000] {
        let error = decoded(&deep(levels)).unwrap_err();
        assert_eq!(error.to_string(), "it is more than 128 levels deep");
        let json = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let error = FlowJava::new().encode_result(json).unwrap_err();
        assert_eq!(error.to_string(), "it is more than 128 levels deep");
    }
}

/// Any JSON without a text that could be a class.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z ]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z.]{0,6}", inner, 0..4).prop_map(|members| members
                .into_iter()
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

/// Any JSON, also with texts that are names of classes and pairs that look like one and its value.
fn any_value() -> impl Strategy<Value = Value> {
    let class = || {
        prop::sample::select(vec![
            "java.util.UUID",
            "java.lang.Long",
            "java.util.ArrayList",
            "[Ljava.lang.Object;",
            "[I",
            "com.example.Color",
        ])
    };
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        class().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            (class(), inner.clone()).prop_map(|(class, value)| json!([class, value])),
            prop::collection::hash_map(any::<String>(), inner, 0..4).prop_map(|members| members
                .into_iter()
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_with_classes_is_read_without_them(value in value()) {
        let codec = FlowJava::new();
        let written = codec.encode_result(value.to_string()).unwrap();
        let payload = format!(r#"["[Ljava.lang.Object;",[{written}]]"#);
        let read: Value = serde_json::from_str(&codec.decode_input(payload).unwrap()).unwrap();
        prop_assert_eq!(read, value);
    }

    #[test]
    fn whatever_is_written_with_classes_is_read_as_it_was_also_what_looks_like_a_class(
        value in any_value(),
        named in any::<bool>(),
    ) {
        let mut codec = FlowJava::new();
        if named {
            codec = codec.result_class("com.example.Sum");
        }
        let written = codec.encode_result(value.to_string()).unwrap();
        let payload = format!(r#"["[Ljava.lang.Object;",[{written},1]]"#);
        let json = codec.decode_input(payload).unwrap();
        let (read, _): (Value, u8) = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(read, value);
    }

    #[test]
    fn arguments_without_classes_are_read_as_they_are(values in prop::collection::vec(any_value(), 0..4)) {
        // Such a text before an array is the class of the arguments.
        prop_assume!(!values.first().and_then(Value::as_str).is_some_and(|text| text.starts_with('[')));
        let call = Value::from(values.clone()).to_string();
        let read: Value = serde_json::from_str(&decoded(&call).unwrap()).unwrap();
        match &*values {
            [] => prop_assert_eq!(read, Value::Null),
            [one] => prop_assert_eq!(&read, one),
            all => prop_assert_eq!(read, Value::from(all)),
        }
    }

    #[test]
    fn details_of_a_failure_are_the_message_or_stay(details in prop::option::of("\\PC{0,40}"), reason in "\\PC{0,40}") {
        let failure = Failure { reason: reason.clone(), details: details.clone() };
        let encoded = FlowJava::new().encode_failure(failure).unwrap();
        prop_assert_eq!(&encoded.reason, &reason);
        let (class, throwable): (String, Value) = serde_json::from_str(&encoded.details.unwrap()).unwrap();
        prop_assert_eq!(class, "java.lang.RuntimeException");
        prop_assert_eq!(throwable["message"].as_str(), Some(details.as_deref().unwrap_or(&reason)));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}:,\"LI;a-z.0-9 ]{0,60}") {
        let _ = decoded(&text);
        let _ = decoded(&format!(r#"["[Ljava.lang.Object;",[{text}]]"#));
    }
}
