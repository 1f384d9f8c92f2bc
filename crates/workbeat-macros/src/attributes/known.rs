//! The attributes there are, and what to say of others.

use proc_macro2::Ident;

/// Each with what its value is, and one that it could have.
const KNOWN: [(&str, Value); 13] = [
    ("name", Value::Text("pack")),
    ("version", Value::Text("1.0")),
    ("description", Value::Text("packs a folder")),
    ("heartbeat_timeout", Value::Duration("30s")),
    ("heartbeat_interval", Value::Duration("10s")),
    ("start_to_close_timeout", Value::Duration("1h")),
    ("schedule_to_start_timeout", Value::Duration("5m")),
    ("schedule_to_close_timeout", Value::Duration("2h")),
    ("task_list", Value::Text("files")),
    ("priority", Value::Integer(10)),
    ("cancel_grace", Value::Duration("1m")),
    ("blocking", Value::None),
    ("crate", Value::Path("path::to::workbeat")),
];

#[derive(Clone, Copy)]
enum Value {
    Text(&'static str),
    Duration(&'static str),
    Path(&'static str),
    Integer(i32),
    None,
}

/// How the attribute is written.
pub(crate) fn usage(key: &Ident) -> String {
    let known = KNOWN.iter().find(|(name, _)| key == name);
    match known.map(|(_, value)| value) {
        Some(Value::Text(example)) => {
            format!("`{key}` is a text: write `{key} = \"{example}\"`")
        }
        Some(Value::Duration(example)) => {
            format!("`{key}` is a duration, as text: write `{key} = \"{example}\"`")
        }
        Some(Value::Path(example)) => {
            format!("`{key}` is a path, as text: write `{key} = \"{example}\"`")
        }
        Some(Value::Integer(example)) => {
            format!("`{key}` is a whole number of 32 bits: write `{key} = {example}`")
        }
        Some(Value::None) => format!("`{key}` has no value: write `{key}`"),
        None => unknown_message(&key.to_string()),
    }
}

/// The error for an attribute that there is not.
pub(crate) fn unknown(key: &Ident) -> syn::Error {
    syn::Error::new(key.span(), unknown_message(&key.to_string()))
}

fn unknown_message(key: &str) -> String {
    let suggestion =
        nearest(key).map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    let names = KNOWN.map(|(name, _)| name).join(", ");
    format!("there is no attribute `{key}`{suggestion}\nknown are: {names}")
}

/// The known attribute that was probably meant: one that holds the word, or is a few letters
/// away from it.
fn nearest(key: &str) -> Option<&'static str> {
    let names = KNOWN.map(|(name, _)| name);
    let near = names
        .into_iter()
        .map(|name| (distance(key, name), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= name.len() / 3);
    let holds = |name: &&str| key.len() >= 4 && (name.contains(key) || key.contains(name));
    near.map(|(_, name)| name)
        .or_else(|| names.into_iter().find(holds))
}

/// How many letters must be added, removed or changed to make one word of the other.
fn distance(from: &str, to: &str) -> usize {
    // How far each beginning of `to` is from the beginning of `from` that was gone through.
    let mut row: Vec<usize> = (1..=to.chars().count()).collect();
    let mut whole = row.len();
    for (gone, a) in from.chars().enumerate() {
        let (mut diagonal, mut left) = (gone, gone.saturating_add(1));
        for (place, b) in row.iter_mut().zip(to.chars()) {
            let changed = diagonal.saturating_add(usize::from(a != b));
            diagonal = *place;
            left = changed.min(left.min(diagonal).saturating_add(1));
            *place = left;
        }
        whole = left;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_attribute_is_suggested() {
        assert_eq!(nearest("verison"), Some("version"));
        assert_eq!(nearest("heartbeat"), Some("heartbeat_timeout"));
        assert_eq!(nearest("heartbeat_intervall"), Some("heartbeat_interval"));
        assert_eq!(nearest("timeout"), Some("heartbeat_timeout"));
        assert_eq!(nearest("start_to_close"), Some("start_to_close_timeout"));
        assert_eq!(nearest("tasklist"), Some("task_list"));
        assert_eq!(nearest("wibble"), None);
    }

    #[test]
    fn an_unknown_attribute_lists_those_there_are() {
        let message = unknown_message("wibble");
        assert!(
            KNOWN.iter().all(|(name, _)| message.contains(name)),
            "{message}"
        );
    }

    #[test]
    fn distance_counts_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("ab", ""), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
