//! JSON as text of which only the outermost level is understood: what lies below keeps every
//! digit and every escape.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::CodecError;

/// The members of an object, in their order.
#[derive(Default)]
pub(super) struct Members<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// Writes an array of what is JSON already.
#[cfg(feature = "flow-java")]
pub(super) fn write_array<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T) -> Result<(), CodecError>,
) -> Result<(), CodecError> {
    out.push('[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(out, item)?;
    }
    out.push(']');
    Ok(())
}

/// Writes an object of what is JSON already.
pub(super) fn write_object<'n, T>(
    out: &mut String,
    members: impl IntoIterator<Item = (&'n str, T)>,
    mut write: impl FnMut(&mut String, T) -> Result<(), CodecError>,
) -> Result<(), CodecError> {
    out.push('{');
    for (at, (name, value)) in members.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_text(out, name);
        out.push(':');
        write(out, value)?;
    }
    out.push('}');
    Ok(())
}

/// Writes a text.
pub(super) fn write_text(out: &mut String, text: &str) {
    // A text always serializes.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// The arguments of a call as the input of an activity: none, the one, or all of them.
pub(super) fn input_of_arguments(args: &[&str]) -> String {
    match args {
        [] => "null".to_owned(),
        [one] => (*one).to_owned(),
        all => format!("[{}]", all.join(",")),
    }
}

/// The arguments of a call as an object, each under its name: first those without a name in the
/// order of `names`, then the others.
pub(super) fn bind(
    names: &[String],
    args: &[&str],
    named: &[(String, &RawValue)],
) -> Result<String, CodecError> {
    if args.len() > names.len() {
        return Err(CodecError::new(format!(
            "it has {} arguments without a name, and the codec knows names for {}",
            args.len(),
            names.len()
        )));
    }
    let unnamed = names.iter().zip(args);
    let unnamed = unnamed.map(|(name, value)| (name.as_str(), *value));
    let named = named
        .iter()
        .map(|(name, value)| (name.as_str(), value.get()));
    let members: Vec<_> = unnamed.chain(named).collect();
    let mut seen = HashSet::with_capacity(members.len());
    for (name, _) in &members {
        if !seen.insert(*name) {
            return Err(CodecError::new(format!(
                "it has the argument `{name}` twice"
            )));
        }
    }
    let mut out = String::new();
    write_object(&mut out, members, |out, value| {
        out.push_str(value);
        Ok(())
    })?;
    Ok(out)
}
