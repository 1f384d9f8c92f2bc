//! Payloads: what an activity is given, and what it gives back.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use workbeat::fuzzing::{cut, decode, encode, fit};

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Plain {
    name: String,
    count: u8,
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Part {
    Empty,
    Text { text: String },
    Nested { part: Option<Box<Part>> },
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
enum Either {
    Number(i64),
    Ratio(f64),
    Words(Vec<String>),
}

/// Any text is decoded or is refused with a reason that is short and shows nothing of it; what
/// was decoded is encoded and decoded to the same; whatever an activity says fits the limits.
pub fn codec(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    each::<u8>(&text);
    each::<i128>(&text);
    each::<bool>(&text);
    each::<char>(&text);
    each::<String>(&text);
    each::<()>(&text);
    each::<Option<Vec<Option<u16>>>>(&text);
    each::<(String, i32, [bool; 2])>(&text);
    each::<BTreeMap<String, Value>>(&text);
    each::<BTreeMap<i32, char>>(&text);
    each::<Plain>(&text);
    each::<Part>(&text);
    each::<Either>(&text);
    each::<Value>(&text);
    each::<std::time::Duration>(&text);
    fits(data, &text);
}

fn each<T>(text: &str)
where
    T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug + Send + 'static,
{
    let value = match decode::<T>(Some(text)) {
        Ok(value) => value,
        Err(error) => {
            let reason = error.reason().expect("a failure has a reason");
            assert!(reason.len() < 512, "{reason}");
            assert!(text.len() < 12 || !reason.contains(text), "{reason}");
            return;
        }
    };
    let again = encode(&value).expect("what was decoded is encoded");
    let same = decode::<T>(Some(&again)).expect("what was encoded is decoded");
    // The last digit of a number with a fraction may differ.
    assert!(same == value || again.contains(['.', 'e']), "{again}");
}

fn fits(data: &[u8], text: &str) {
    let limit = data.first().copied().unwrap_or_default().into();
    let short = cut(text.to_owned(), limit);
    assert!(short.encode_utf16().count() <= limit, "{short:?}");
    let long = text.repeat(1 + usize::from(data.last().copied().unwrap_or_default()) * 8);
    for kind in 0..3 {
        let (reason, payload) = fit(kind, &long, &long);
        assert!(reason.is_none_or(|reason| reason.encode_utf16().count() <= 256));
        assert!(payload.is_none_or(|payload| payload.encode_utf16().count() <= 32_768));
    }
}
