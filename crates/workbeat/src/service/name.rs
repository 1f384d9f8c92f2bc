//! What a name may look like.

use super::utf16_len;

/// What is wrong with a name of an activity, a version or a task list, if anything.
///
/// Source: the Amazon SWF API reference, version 2012-01-25.
pub(crate) fn name_fault(name: &str, limit: usize) -> Option<&'static str> {
    if name.is_empty() {
        return Some("must not be empty");
    }
    if utf16_len(name) > limit {
        return Some(if limit == 64 {
            "must not be longer than 64 characters"
        } else {
            "must not be longer than 256 characters"
        });
    }
    if name.contains([':', '/', '|']) || name.chars().any(char::is_control) {
        return Some("must not contain `:`, `/`, `|` or control characters");
    }
    (name == "arn").then_some("must not be `arn`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules_of_the_service() {
        assert_eq!(name_fault("pack", 256), None);
        assert_eq!(name_fault("1.0-grüße", 64), None);
        for bad in ["", "a:b", "a/b", "a|b", "a\nb", "arn"] {
            assert!(name_fault(bad, 256).is_some(), "{bad:?}");
        }
        assert!(name_fault(&"x".repeat(65), 64).is_some());
        assert_eq!(name_fault(&"x".repeat(256), 256), None);
    }
}
