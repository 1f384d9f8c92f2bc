//! Values that somebody might send by mistake, or on purpose.

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};

/// Any JSON, of a few levels.
pub fn json(u: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    let most = if depth == 0 { 9 } else { 11 };
    Ok(match u.int_in_range(0..=most)? {
        0 => Value::Null,
        1 => json!(u.arbitrary::<bool>()?),
        2 => json!(u.arbitrary::<i64>()?),
        3 => json!(u.arbitrary::<u64>()?),
        4 => json!(u.arbitrary::<f64>()?),
        5 => json!(u.int_in_range(0..=3)?),
        6 | 7 => json!(text(u)?),
        8 => json!(long(u)?),
        9 => json!([]),
        10 => {
            let count = u.int_in_range(0..=3)?;
            let elements: Result<Vec<_>> = (0..count).map(|_| json(u, depth - 1)).collect();
            Value::Array(elements?)
        }
        _ => {
            let mut members = Map::new();
            for _ in 0..u.int_in_range(0..=3)? {
                members.insert(text(u)?, json(u, depth - 1)?);
            }
            Value::Object(members)
        }
    })
}

/// A short text.
pub fn text(u: &mut Unstructured<'_>) -> Result<String> {
    const ODD: [&str; 16] = [
        "",
        "\0",
        "NONE",
        "-1",
        "0",
        "99999999999",
        "1e9",
        "arn",
        "a:b",
        "a/b|c",
        "\u{85}",
        "\u{10ffff}",
        "\u{202e}x",
        "..",
        "null",
        "true",
    ];
    if u.ratio(1, 2)? {
        return Ok((*u.choose(&ODD)?).to_owned());
    }
    Ok(String::from_utf8_lossy(&bytes(u)?).into_owned())
}

/// A few bytes.
pub fn bytes(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let most = u.int_in_range(0..=32)?;
    Ok(u.bytes(most.min(u.len()))?.to_vec())
}

/// A text around one of SWF's limits, in characters of one to four bytes.
fn long(u: &mut Unstructured<'_>) -> Result<String> {
    let limit = *u.choose(&[5, 8, 18, 64, 256, 1_024, 2_048, 32_768])?;
    let character = *u.choose(&['a', '9', 'ü', '€', '\u{1f980}'])?;
    let count = limit / character.len_utf16() + u.int_in_range(0..=2)? - 1;
    Ok(String::from(character).repeat(count))
}
