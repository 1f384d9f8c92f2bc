//! Text that somebody else wrote: a worker's details may hold anything, also what would make a
//! terminal clear itself or show a line in another order.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether a terminal would do something other than show the character.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// The text in one line that can do nothing to a terminal: every control character stands as
/// its escape, such as `\n` or `\u001b`.
pub(crate) fn escape(text: &str) -> String {
    replaced(text, |character| match character {
        '\n' => Some("\\n"),
        '\r' => Some("\\r"),
        '\t' => Some("\\t"),
        _ => None,
    })
}

/// The same JSON without such characters. In JSON they stand in strings alone, but for the
/// line breaks between its members.
pub(crate) fn escape_json(json: &str) -> String {
    replaced(json, |character| (character == '\n').then_some("\n"))
}

fn replaced(text: &str, short: impl Fn(char) -> Option<&'static str>) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if !is_hostile(character) {
            safe.push(character);
        } else if let Some(short) = short(character) {
            safe.push_str(short);
        } else {
            // All of them are in the first plane, so that four digits do.
            let _ = write!(safe, "\\u{:04x}", u32::from(character));
        }
    }
    safe
}

/// How many columns the text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text, cut to so many columns, with an ellipsis where it was cut.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let mut kept = String::new();
    for character in text.chars() {
        let width = character.width().unwrap_or(0);
        if width > left {
            break;
        }
        left -= width;
        kept.push(character);
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// The text in parts of at most so many columns, broken at blanks where there are some.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let wide = width(word);
        if used > 0 && used + 1 + wide > columns {
            parts.push(std::mem::take(&mut part));
            used = 0;
        } else if used > 0 {
            part.push(' ');
            used += 1;
        }
        for character in word.chars() {
            let wide = character.width().unwrap_or(0);
            if used + wide > columns {
                parts.push(std::mem::take(&mut part));
                used = 0;
            }
            part.push(character);
            used += wide;
        }
    }
    parts.push(part);
    parts
}

/// The text, cut or filled up to so many columns.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let mut padded = cut(text, columns);
    padded.extend(std::iter::repeat_n(' ', columns - width(&padded)));
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_is_left() {
        let hostile = "a\u{1b}]0;title\u{7}\u{9b}2J\r\n\u{202e}txt.exe\u{2066}\u{200b}é";
        let expected = "a\\u001b]0;title\\u0007\\u009b2J\\r\\n\\u202etxt.exe\\u2066\\u200bé";
        assert_eq!(escape(hostile), expected);
    }

    #[test]
    fn it_is_cut_by_columns() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(pad("漢字", 5), "漢字 ");
        assert_eq!(pad("abcd", 3), "ab…");
    }
}
