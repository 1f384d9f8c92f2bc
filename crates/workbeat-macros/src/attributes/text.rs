//! Names, versions, task lists and descriptions.
//!
//! The rules are Amazon SWF's. Breaking one here saves a worker that refuses to start.

use super::entry::Entry;

/// The longest name of an activity type or a task list, in UTF-16 units.
pub(crate) const NAME: usize = 256;
/// The longest version.
pub(crate) const VERSION: usize = 64;
/// The longest description.
const DESCRIPTION: usize = 1_024;

/// The value, a name of at most `longest` characters.
pub(crate) fn name(entry: &Entry, longest: usize) -> syn::Result<String> {
    let name = entry.text()?;
    match check_name(&name, longest) {
        Ok(()) => Ok(name),
        Err(rule) => Err(entry.wrong_value(format!("`{}` {rule}", entry.key))),
    }
}

/// The value, a description.
pub(crate) fn description(entry: &Entry) -> syn::Result<String> {
    let description = entry.text()?;
    match check_description(&description) {
        Ok(()) => Ok(description),
        Err(rule) => Err(entry.wrong_value(format!("`description` {rule}"))),
    }
}

/// Names end up inside ARNs, hence the characters that they must not hold.
pub(crate) fn check_name(name: &str, longest: usize) -> Result<(), String> {
    let length = utf16_len(name);
    if length == 0 || length > longest {
        return Err(format!(
            "has 1 to {longest} characters, and this has {length}"
        ));
    }
    if name
        .chars()
        .any(|c| matches!(c, ':' | '/' | '|') || c.is_control())
    {
        return Err("must not hold `:`, `/`, `|` or a control character".to_owned());
    }
    if name == "arn" {
        return Err("must not be `arn`".to_owned());
    }
    Ok(())
}

/// A description is free text, of a limited length.
pub(crate) fn check_description(description: &str) -> Result<(), String> {
    match utf16_len(description) {
        length if length > DESCRIPTION => Err(format!(
            "has at most {DESCRIPTION} characters, and this has {length}"
        )),
        _ => Ok(()),
    }
}

/// SWF counts characters and does not say of which kind; UTF-16 units are the stricter reading.
fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_no_separator_no_control_character_and_is_not_arn() {
        for bad in ["", "a:b", "a/b", "a|b", "a\nb", "a\u{85}b", "arn"] {
            assert!(check_name(bad, NAME).is_err(), "{bad:?} was taken");
        }
        for good in ["arnold", "a b", "video-1.0", "Übung"] {
            assert!(check_name(good, NAME).is_ok(), "{good:?} was refused");
        }
    }

    #[test]
    fn lengths_are_counted_in_utf_16_units() {
        let crabs = "\u{1f980}".repeat(32);
        assert!(check_name(&crabs, VERSION).is_ok());
        let rule = check_name(&format!("{crabs}a"), VERSION).unwrap_err();
        assert_eq!(rule, "has 1 to 64 characters, and this has 65");
        assert!(check_description(&"a".repeat(1_024)).is_ok());
        assert!(check_description(&"a".repeat(1_025)).is_err());
    }
}
