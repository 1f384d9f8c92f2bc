//! JSON in, JSON out: how payloads become values, and what `Json` is.

use std::any::TypeId;

use serde::Serialize;

use super::{Codec, CodecError};
use crate::activity::{ActivityError, ActivityInput, FailureCode, NoInput};

/// JSON as it is: the default, and for a type that is to have it in a worker whose codec is
/// another.
///
/// ```
/// # use workbeat::codec::{Codec, Json};
/// # fn example(builder: workbeat::worker::WorkerBuilder, ours: impl Codec) -> workbeat::worker::WorkerBuilder {
/// builder.codec(ours).activity_codec("measure", "2.0", Json)
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

impl Codec for Json {
    fn decode_input(&self, payload: String) -> Result<String, CodecError> {
        Ok(payload)
    }

    fn encode_result(&self, json: String) -> Result<String, CodecError> {
        Ok(json)
    }
}

/// Whether an activity with this input looks at what the task carries.
pub(crate) fn looks_at_input<T: ActivityInput>() -> bool {
    TypeId::of::<T>() != TypeId::of::<NoInput>()
}

/// Decodes a task's input.
///
/// An absent input is read as JSON's `null`, so that `()` and an `Option` accept it and every
/// other type fails with a reason of its own. An empty text is not absent: it is no JSON.
pub(crate) fn decode<T: ActivityInput>(input: Option<&str>) -> Result<T, ActivityError> {
    let wanted = std::any::type_name::<T>();
    // An activity without input does not look at what the task carries, JSON or not.
    let input = input.filter(|_| looks_at_input::<T>());
    let Some(input) = input else {
        return serde_json::from_str("null").map_err(|_| {
            ActivityError::failed(FailureCode::InputMissing.reason(format_args!(
                "the task has no input, the activity needs a {wanted}"
            )))
        });
    };
    serde_json::from_str(input).map_err(|error| {
        let sentence = format_args!(
            "the input is no {wanted} at line {} column {}{}",
            error.line(),
            error.column(),
            other_shape(input)
        );
        ActivityError::failed(FailureCode::InputInvalid.reason(sentence))
            .with_details(error.to_string())
    })
}

/// What to say of an input that another framework's decider wrote. It shows nothing of the input.
fn other_shape(input: &str) -> &'static str {
    if begins(input, r#"["[L"#) {
        "; it looks like Flow for Java's, which the codec `FlowJava` reads"
    } else if begins(input, r#"{"args":"#) || begins(input, r#"{"kwargs":"#) {
        "; it looks like simpleflow's, which the codec `Simpleflow` reads"
    } else {
        ""
    }
}

/// Whether a text begins so, apart from space between its tokens.
fn begins(text: &str, with: &str) -> bool {
    let mut text = text.chars().filter(|character| !character.is_whitespace());
    with.chars().all(|next| text.next() == Some(next))
}

/// Encodes an activity's output.
pub(crate) fn encode<T: Serialize>(output: &T) -> Result<String, ActivityError> {
    serde_json::to_string(output).map_err(|error| {
        let sentence = format_args!("a {} does not serialize", std::any::type_name::<T>());
        ActivityError::failed(FailureCode::ResultNotSerializable.reason(sentence))
            .with_details(error.to_string())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn code(error: &ActivityError) -> Option<FailureCode> {
        FailureCode::of(error.reason()?)
    }

    #[test]
    fn absent_input_is_a_failure_of_its_own_and_names_the_type() {
        let error = decode::<String>(None).unwrap_err();
        assert_eq!(code(&error), Some(FailureCode::InputMissing));
        assert!(error.reason().unwrap().contains("alloc::string::String"));
    }

    #[test]
    fn an_empty_input_is_not_absent() {
        let error = decode::<Option<u32>>(Some("")).unwrap_err();
        assert_eq!(code(&error), Some(FailureCode::InputInvalid));
    }

    #[test]
    fn absent_input_is_nothing_for_types_that_know_nothing() {
        assert_eq!(decode::<Option<u32>>(None).unwrap(), None);
        decode::<()>(None).unwrap();
        decode::<NoInput>(None).unwrap();
    }

    #[test]
    fn no_input_passes_over_whatever_is_there() {
        decode::<NoInput>(Some(r#"{"left": ["from", 1]}"#)).unwrap();
        decode::<NoInput>(Some("no JSON at all")).unwrap();
    }

    #[test]
    fn input_that_does_not_decode_says_where_and_keeps_its_text_out_of_the_reason() {
        let error = decode::<Vec<u32>>(Some("[1,\n \"secret\"]")).unwrap_err();
        assert_eq!(code(&error), Some(FailureCode::InputInvalid));
        let reason = error.reason().unwrap();
        assert!(reason.contains("line 2 column 9"), "{reason}");
        assert!(!reason.contains("secret"), "{reason}");
        assert!(error.details().unwrap().contains("secret"));
    }

    #[test]
    fn an_input_of_another_framework_names_the_codec_that_reads_it() {
        let reason = |input: &str| {
            let error = decode::<Vec<u32>>(Some(input)).unwrap_err();
            error.reason().unwrap().to_owned()
        };
        let flow = reason(r#"["[Ljava.lang.Object;",[["java.util.ArrayList",["a"]]]]"#);
        assert!(flow.contains("`FlowJava`"), "{flow}");
        for simpleflow in [
            "{\n \"args\": [[1]], \"kwargs\": {}}",
            r#"{"kwargs":{},"args":[]}"#,
        ] {
            let told = reason(simpleflow);
            assert!(told.contains("`Simpleflow`"), "{told}");
        }
        for other in [r#"["a"]"#, r#"{"arg":1}"#, "", "["] {
            assert!(!reason(other).contains("codec"), "{other}");
        }
    }

    #[test]
    fn output_that_does_not_serialize_is_a_failure() {
        let output = HashMap::from([(vec![1_u8], 1)]);
        let error = encode(&output).unwrap_err();
        assert_eq!(code(&error), Some(FailureCode::ResultNotSerializable));
    }

    /// Decodes the text, and again what comes of it; the reason if it is refused.
    fn reason<T: ActivityInput + Serialize>(text: &str) -> Option<String> {
        match decode::<T>(Some(text)) {
            Ok(value) => {
                let again = encode(&value).unwrap();
                let same: T = decode(Some(&again)).unwrap();
                // The last digit of a number with a fraction may differ.
                let whole = !again.contains(['.', 'e']);
                assert!(!whole || encode(&same).unwrap() == again, "{again}");
                None
            }
            Err(error) => Some(error.reason().unwrap().to_owned()),
        }
    }

    fn text() -> impl Strategy<Value = String> {
        let odd = [
            "{\"a\": 1, \"a\": [true]}",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "1e999",
            "-0",
            "340282366920938463463374607431768211456",
            "[\"x\", 4294967296, 1.5]",
            "\u{feff}1",
            "1 1",
        ];
        prop_oneof![
            prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
            ".{0,40}",
            "[\\[\\]{}:,\" 0-9a-z.-]{0,40}",
            (1..20_000_usize).prop_map(|depth| "[".repeat(depth)),
            (1..20_000_usize).prop_map(|depth| "{\"a\":".repeat(depth)),
        ]
    }

    /// A value of every shape that serde knows.
    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Shapes {
        whole: (u64, i64, u128, i128),
        text: String,
        letter: char,
        maybe: Option<Box<Shapes>>,
        nothing: (),
        unit: Unit,
        newtype: Newtype,
        list: Vec<Choice>,
        by_number: std::collections::BTreeMap<i32, bool>,
        by_flag: std::collections::BTreeMap<bool, u8>,
        by_letter: std::collections::BTreeMap<char, ()>,
    }

    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Unit;

    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Newtype(Option<String>);

    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    enum Choice {
        None,
        One(String),
        Two(u8, Option<u8>),
        Named { a: i64, b: Vec<char> },
    }

    fn choice() -> impl Strategy<Value = Choice> {
        prop_oneof![
            Just(Choice::None),
            any::<String>().prop_map(Choice::One),
            any::<(u8, Option<u8>)>().prop_map(|(a, b)| Choice::Two(a, b)),
            (any::<i64>(), any::<Vec<char>>()).prop_map(|(a, b)| Choice::Named { a, b }),
        ]
    }

    prop_compose! {
        fn shapes()(
            whole in any::<(u64, i64, u128, i128)>(),
            text in any::<String>(),
            letter in any::<char>(),
            inner in any::<Option<String>>(),
            list in prop::collection::vec(choice(), 0..4),
            numbers in prop::collection::btree_map(any::<i32>(), any::<bool>(), 0..3),
            flags in prop::collection::btree_map(any::<bool>(), any::<u8>(), 0..3),
            letters in prop::collection::btree_map(any::<char>(), Just(()), 0..3),
            nested in any::<bool>(),
        ) -> Shapes {
            let flat = Shapes {
                whole,
                text,
                letter,
                maybe: None,
                nothing: (),
                unit: Unit,
                newtype: Newtype(inner),
                list,
                by_number: numbers,
                by_flag: flags,
                by_letter: letters,
            };
            let maybe = nested.then(|| Box::new(flat.clone()));
            Shapes { maybe, ..flat }
        }
    }

    #[test]
    fn a_number_that_is_none_is_null_and_no_number_again() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(encode(&number).unwrap(), "null");
        }
        let error = decode::<f64>(Some("null")).unwrap_err();
        assert_eq!(code(&error), Some(FailureCode::InputInvalid));
        assert_eq!(decode::<Option<f64>>(Some("null")).unwrap(), None);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_as_it_was(shapes in shapes()) {
            let encoded = encode(&shapes).unwrap();
            prop_assert_eq!(decode::<Shapes>(Some(&encoded)).unwrap(), shapes);
        }

        #[test]
        fn any_text_is_decoded_or_refused_with_a_reason_that_shows_nothing_of_it(text in text()) {
            for reason in [
                reason::<u8>(&text),
                reason::<i128>(&text),
                reason::<f64>(&text),
                reason::<char>(&text),
                reason::<String>(&text),
                reason::<Option<Vec<Option<u16>>>>(&text),
                reason::<(String, u32, f32)>(&text),
                reason::<HashMap<String, serde_json::Value>>(&text),
                reason::<serde_json::Value>(&text),
            ] {
                let Some(reason) = reason else { continue };
                prop_assert!(reason.len() < 256, "{}", reason);
                prop_assert!(reason.contains("at line 1 column"), "{}", reason);
                prop_assert!(text.len() < 12 || !reason.contains(&text), "{}", reason);
            }
        }
    }
}
