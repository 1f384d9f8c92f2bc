//! Puts the names of classes into a result.

use serde_json::value::RawValue;

use super::super::raw::{Members, write_array, write_object, write_text};
use super::read::DEEPEST;
use crate::codec::CodecError;

/// What an array is in Java, where nobody says otherwise.
const LIST: &str = "java.util.ArrayList";

/// What an object is.
const MAP: &str = "java.util.LinkedHashMap";

/// The result with the classes of its arrays and objects, and `class` as its own.
pub(super) fn with_classes(json: &str, class: Option<&str>) -> Result<String, CodecError> {
    let value: &RawValue = serde_json::from_str(json)
        .map_err(|error| CodecError::new("it is no JSON").with_source(error))?;
    let mut out = String::new();
    write(&mut out, value, class, 0)?;
    Ok(out)
}

fn write(
    out: &mut String,
    value: &RawValue,
    class: Option<&str>,
    depth: usize,
) -> Result<(), CodecError> {
    if depth > DEEPEST {
        return Err(CodecError::new(format!(
            "it is more than {DEEPEST} levels deep"
        )));
    }
    let text = value.get();
    let class = match (text.as_bytes().first(), class) {
        (Some(b'n'), _) => None,
        (_, Some(class)) => Some(class),
        (Some(b'['), None) => Some(LIST),
        (Some(b'{'), None) => Some(MAP),
        (_, None) => None,
    };
    let Some(class) = class else {
        out.push_str(text);
        return Ok(());
    };
    out.push('[');
    write_text(out, class);
    out.push(',');
    let inside = |out: &mut String, value: &RawValue| write(out, value, None, depth + 1);
    let no_json = |error| CodecError::new("it is no JSON").with_source(error);
    match text.as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(no_json)?;
            write_array(out, items, inside)?;
        }
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text).map_err(no_json)?;
            let members = members.iter().map(|(name, value)| (name.as_str(), *value));
            write_object(out, members, inside)?;
        }
        _ => out.push_str(text),
    }
    out.push(']');
    Ok(())
}
