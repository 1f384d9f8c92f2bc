//! Lengths and cuts of text, in the unit in which services count.

use std::fmt;

/// Stands where text was cut.
const MARKER: &str = "...[cut]";

/// The length of `text` in UTF-16 units.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The length of `text` if it is longer than `limit`.
pub(crate) fn over(text: &str, limit: usize) -> Option<usize> {
    // Every character has at least as many bytes as UTF-16 units.
    if text.len() <= limit {
        return None;
    }
    Some(utf16_len(text)).filter(|length| *length > limit)
}

/// `text`, or as much of it as fits into `limit` UTF-16 units with a marker behind it.
///
/// A character is never split. Where not even the marker fits, there is none.
pub(crate) fn cut(mut text: String, limit: usize) -> String {
    if over(&text, limit).is_none() {
        return text;
    }
    let marker = if limit > MARKER.len() { MARKER } else { "" };
    let mut room = limit - marker.len();
    let end = text
        .char_indices()
        .find(
            |(_, character)| match room.checked_sub(character.len_utf16()) {
                Some(left) => {
                    room = left;
                    false
                }
                None => true,
            },
        )
        .map_or(text.len(), |(at, _)| at);
    text.truncate(end);
    text.push_str(marker);
    text
}

/// Shows that there is a text, and how long, but not what it says.
pub(crate) struct Redacted<'a>(pub(crate) Option<&'a str>);

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(text) => write!(f, "[redacted, {} bytes]", text.len()),
            None => f.write_str("None"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_within_the_limit_is_left_alone() {
        assert_eq!(cut("grüße".to_owned(), 5), "grüße");
    }

    #[test]
    fn text_over_the_limit_ends_with_the_marker() {
        assert_eq!(
            cut("a".repeat(40), 20),
            format!("{}...[cut]", "a".repeat(12))
        );
    }

    proptest! {
        #[test]
        fn a_cut_text_fits_and_begins_like_the_whole(text in ".{0,80}", limit in 0_usize..60) {
            let short = cut(text.clone(), limit);
            prop_assert!(utf16_len(&short) <= limit);
            prop_assert!(text.starts_with(short.strip_suffix(MARKER).unwrap_or(&short)));
        }
    }
}
