//! What text and which durations SWF takes. Every rule of form is here, once.
//!
//! A message names the member and the rule, and never shows the value: it may be a
//! payload.

use workbeat::service::{ActivityType, Timeout};

use super::fault::Fault;
use super::limits;
use super::payload::Payload;

/// The length of a text as SWF's limits count it: UTF-16 units.
#[must_use]
pub fn characters(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A text of at most `max` characters, possibly empty.
pub(super) fn at_most(member: &str, text: &str, max: usize) -> Result<(), Fault> {
    // A text of n bytes has at most n UTF-16 units: the usual case needs no counting.
    if text.len() <= max || characters(text) <= max {
        return Ok(());
    }
    Err(broken(
        member,
        &format!("Member must have length less than or equal to {max}"),
    ))
}

/// A text of 1 to `max` characters.
pub(super) fn filled(member: &str, text: &str, max: usize) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(broken(
            member,
            "Member must have length greater than or equal to 1",
        ));
    }
    at_most(member, text, max)
}

/// A payload of at most `max` characters, if there is one.
pub(super) fn payload(member: &str, text: Option<&Payload>, max: usize) -> Result<(), Fault> {
    text.map_or(Ok(()), |text| at_most(member, text.as_str(), max))
}

/// An optional text of at most `max` characters.
pub(super) fn optional(member: &str, text: Option<&str>, max: usize) -> Result<(), Fault> {
    text.map_or(Ok(()), |text| at_most(member, text, max))
}

/// The name of a domain, type, version, task list, workflow or activity: no `:`, `/`,
/// `|`, no control characters, and not `arn`, because all of these end up inside ARNs.
pub(super) fn name(member: &str, name: &str, max: usize) -> Result<(), Fault> {
    filled(member, name, max)?;
    if name
        .chars()
        .any(|c| matches!(c, ':' | '/' | '|') || c.is_control())
    {
        let rule = "Member must not contain ':', '/', '|' or a control character";
        return Err(broken(member, rule));
    }
    if name == "arn" {
        return Err(broken(
            member,
            "Member must not be the literal string 'arn'",
        ));
    }
    Ok(())
}

/// The two names of a type.
pub(super) fn activity_type(activity_type: &ActivityType) -> Result<(), Fault> {
    name("activityType.name", &activity_type.name, limits::NAME)?;
    name(
        "activityType.version",
        &activity_type.version,
        limits::VERSION,
    )
}

/// A timeout of at most one year, if there is one.
pub(super) fn timeout(member: &str, timeout: Option<Timeout>) -> Result<(), Fault> {
    match timeout.and_then(Timeout::duration) {
        Some(duration) if duration > limits::TIMEOUT => {
            let most = limits::TIMEOUT.as_secs();
            let rule = format!("Member must be at most one year ({most} seconds), or NONE");
            Err(broken(member, &rule))
        }
        _ => Ok(()),
    }
}

/// How the service words a broken rule.
pub(super) fn broken(member: &str, rule: &str) -> Fault {
    Fault::validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: {rule}"
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::fault::FaultKind;

    #[test]
    fn lengths_are_counted_in_utf_16_units() {
        assert_eq!(characters("a"), 1);
        assert_eq!(characters("é"), 1);
        assert_eq!(characters("\u{1f980}"), 2);
        let crabs = "\u{1f980}".repeat(128);
        assert!(at_most("reason", &crabs, 256).is_ok());
        assert!(at_most("reason", &format!("{crabs}a"), 256).is_err());
    }

    #[test]
    fn a_name_holds_no_separator_no_control_character_and_is_not_arn() {
        for bad in ["", "a:b", "a/b", "a|b", "a\nb", "a\u{85}b", "arn"] {
            assert!(name("domain", bad, 256).is_err(), "{bad:?} was taken");
        }
        for good in ["arnold", "a b", "video-1.0", "Übung", "a\\b"] {
            assert!(name("domain", good, 256).is_ok(), "{good:?} was refused");
        }
    }

    #[test]
    fn a_name_is_as_long_as_its_limit_and_no_longer() {
        assert!(name("version", &"v".repeat(64), 64).is_ok());
        assert!(name("version", &"v".repeat(65), 64).is_err());
    }

    #[test]
    fn a_timeout_is_at_most_one_year() {
        let year = limits::TIMEOUT;
        assert!(timeout("heartbeatTimeout", Some(year.into())).is_ok());
        assert!(timeout("heartbeatTimeout", Some(Timeout::None)).is_ok());
        let longer = year + Duration::from_millis(1);
        assert!(timeout("heartbeatTimeout", Some(longer.into())).is_err());
    }

    #[test]
    fn a_broken_rule_names_the_member_and_not_the_value() {
        let fault = at_most("details", &"secret".repeat(400), 2_048).unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Validation);
        assert!(fault.message().contains("'details'"));
        assert!(fault.message().contains("2048"));
        assert!(!fault.message().contains("secret"));
    }
}
