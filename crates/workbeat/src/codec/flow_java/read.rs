//! Takes the names of classes out of a payload.

use serde_json::value::RawValue;

use super::super::raw::{Members, write_array, write_object};
use super::classes::{Inside, inside, is_class_name, is_plausible};
use crate::codec::CodecError;

/// As deep as `serde_json` goes.
pub(super) const DEEPEST: usize = 128;

/// The arguments of a call, as JSON without classes.
pub(super) fn arguments(payload: &str) -> Result<Vec<String>, CodecError> {
    let items: Vec<&RawValue> = serde_json::from_str(payload).map_err(|error| {
        CodecError::new("it is no array of arguments, as Flow for Java writes it")
            .with_source(error)
    })?;
    let (items, known) = match class_and_value(&items, Inside::Anything) {
        Some((class, value)) if class.starts_with('[') => {
            let inside = inside(&class, value.get());
            let items = serde_json::from_str(value.get()).map_err(|error| {
                CodecError::new("after the class of the arguments there are none")
                    .with_source(error)
            })?;
            (items, inside)
        }
        // A converter that writes no classes.
        _ => (items, Inside::Final),
    };
    let argument = |item: &RawValue| {
        let mut out = String::new();
        plain(&mut out, item, known, 0)?;
        Ok(out)
    };
    items.into_iter().map(argument).collect()
}

/// A class and a value, if that is what the two items of an array are.
fn class_and_value<'a>(items: &[&'a RawValue], known: Inside) -> Option<(String, &'a RawValue)> {
    let [class, value] = items else { return None };
    let class: String = serde_json::from_str(class.get()).ok()?;
    let it_is = match known {
        Inside::Anything => is_class_name(&class),
        Inside::Fields => is_class_name(&class) && is_plausible(&class, value.get()),
        Inside::Final => false,
    };
    it_is.then_some((class, *value))
}

/// Writes a value without classes.
fn plain(
    out: &mut String,
    value: &RawValue,
    known: Inside,
    depth: usize,
) -> Result<(), CodecError> {
    if depth > DEEPEST {
        return Err(CodecError::new(format!(
            "it is more than {DEEPEST} levels deep"
        )));
    }
    match value.get().as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = level(value)?;
            if let Some((class, value)) = class_and_value(&items, known) {
                return contents(out, value, inside(&class, value.get()), depth + 1);
            }
            let known = if known == Inside::Anything {
                Inside::Fields
            } else {
                known
            };
            write_array(out, items, |out, item| plain(out, item, known, depth + 1))
        }
        Some(b'{') => contents(
            out,
            value,
            if known == Inside::Final {
                known
            } else {
                Inside::Fields
            },
            depth,
        ),
        _ => {
            out.push_str(value.get());
            Ok(())
        }
    }
}

/// Writes a value whose own class is known already: an array here is no pair.
fn contents(
    out: &mut String,
    value: &RawValue,
    known: Inside,
    depth: usize,
) -> Result<(), CodecError> {
    match value.get().as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = level(value)?;
            write_array(out, items, |out, item| plain(out, item, known, depth + 1))
        }
        Some(b'{') => {
            let Members(members) = level(value)?;
            let members = members.iter().map(|(name, value)| (name.as_str(), *value));
            write_object(out, members, |out, value| {
                plain(out, value, known, depth + 1)
            })
        }
        _ => {
            out.push_str(value.get());
            Ok(())
        }
    }
}

/// One level of a value that is JSON.
fn level<'a, T: serde::Deserialize<'a>>(value: &'a RawValue) -> Result<T, CodecError> {
    serde_json::from_str(value.get())
        .map_err(|error| CodecError::new("it is no JSON").with_source(error))
}
