//! The rules of form that SWF's model does not hold, by the shapes that they are for.
//!
//! Source: the API reference, where each member's prose has them.

use workbeat::service::Timeout;

use crate::engine::limits;
use crate::engine::validate::characters;
use crate::engine::wire::parse_timeout;

/// The length of a text as its limit counts it.
///
/// A fraction of a second, which a timeout can have in process only, does not count.
pub(super) fn length(shape: &str, text: &str, max: Option<i64>) -> usize {
    if shape.starts_with("DurationInSeconds") {
        return text.split_once('.').map_or(text, |(whole, _)| whole).len();
    }
    // A text of n bytes has at most n UTF-16 units: the usual case needs no counting.
    match max.and_then(|max| usize::try_from(max).ok()) {
        Some(max) if text.len() <= max => text.len(),
        _ => characters(text),
    }
}

/// The rule that a text of this shape breaks at this place of the request, if it breaks one.
pub(super) fn broken_rule(
    shape: &str,
    path: &[String],
    text: &str,
    whole_seconds: bool,
) -> Option<String> {
    match shape {
        _ if shape.starts_with("DurationInSeconds") && whole_seconds && text.contains('.') => {
            Some("Member must be a whole number of seconds".to_owned())
        }
        "ActivityId" | "DomainName" | "Name" | "TimerId" | "Version" | "VersionOptional"
        | "WorkflowId" => name(text).map(str::to_owned),
        "DurationInSeconds" => seconds(text, false),
        "DurationInSecondsOptional" if text.is_empty() => None,
        "DurationInSecondsOptional" => seconds(text, may_be_none(path)),
        "DurationInDays" => days(text),
        "TaskPriority" if text.is_empty() || text.parse::<i32>().is_ok() => None,
        "TaskPriority" => Some("Member must be an integer of 32 bits".to_owned()),
        "ResourceTagKey" if text.starts_with("aws:") => {
            Some("Member must not begin with 'aws:'".to_owned())
        }
        "ResourceTagKey" | "ResourceTagValue" => tag(text).map(str::to_owned),
        _ => None,
    }
}

/// The name of a domain, type, version, task list, workflow, timer or activity: all of these
/// end up inside ARNs.
fn name(name: &str) -> Option<&'static str> {
    let separator = |c: char| matches!(c, ':' | '/' | '|') || c.is_control();
    if name.contains(separator) {
        return Some("Member must not contain ':', '/', '|' or a control character");
    }
    if name.trim() != name {
        return Some("Member must not start or end with whitespace");
    }
    (name == "arn").then_some("Member must not be the literal string 'arn'")
}

/// The key or the value of a tag.
fn tag(text: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    let rule = "Member must be made of letters, digits, whitespace and _ . : / = + - @";
    (!text.chars().all(allowed)).then_some(rule)
}

/// A timeout of at most one year.
fn seconds(text: &str, may_be_none: bool) -> Option<String> {
    let or_none = if may_be_none { ", or NONE" } else { "" };
    let fits = match parse_timeout(text) {
        None => return Some(format!("Member must be a number of seconds{or_none}")),
        Some(Timeout::None) => may_be_none,
        Some(timeout) => timeout
            .duration()
            .is_some_and(|duration| duration <= limits::TIMEOUT),
    };
    let most = limits::TIMEOUT.as_secs();
    (!fits).then(|| format!("Member must be at most one year ({most} seconds){or_none}"))
}

/// Whether a timeout may be `NONE`. How long an execution may take cannot be, unless a decision
/// says it: of a child, or of a run that continues as new.
fn may_be_none(path: &[String]) -> bool {
    match path {
        [member] => !member.ends_with("xecutionStartToCloseTimeout"),
        _ => true,
    }
}

/// A retention of at most 90 days, or `NONE`.
fn days(text: &str) -> Option<String> {
    let most = limits::RETENTION_DAYS;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let within = digits && text.parse().is_ok_and(|days: u32| days <= most);
    let rule = || format!("Member must be a number of days up to {most}, or NONE");
    (text != "NONE" && !within).then(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(shape: &str, text: &str) -> bool {
        taken_at(&["heartbeatTimeout"], shape, text)
    }

    fn taken_at(path: &[&str], shape: &str, text: &str) -> bool {
        let path: Vec<_> = path.iter().map(ToString::to_string).collect();
        broken_rule(shape, &path, text, false).is_none()
    }

    #[test]
    fn a_name_holds_no_separator_no_control_character_no_space_around_it_and_is_not_arn() {
        for bad in ["a:b", "a/b", "a|b", "a\nb", "a\u{85}b", "arn", " a", "a "] {
            assert!(!taken("DomainName", bad), "{bad:?} was taken");
        }
        for good in ["arnold", "a b", "video-1.0", "Übung", "a\\b"] {
            assert!(taken("DomainName", good), "{good:?} was refused");
        }
        assert!(taken("SignalName", "a:b"), "a signal is in no ARN");
    }

    #[test]
    fn a_timeout_is_at_most_one_year_or_none() {
        for good in ["0", "30", "31536000", "NONE", "0.25", ""] {
            assert!(taken("DurationInSecondsOptional", good), "{good:?}");
        }
        for bad in ["31536001", "31536000.001", "-1", "none", "1h", "1e3"] {
            assert!(!taken("DurationInSecondsOptional", bad), "{bad:?}");
        }
        assert!(!taken("DurationInSeconds", "NONE"), "a timer must fire");
    }

    #[test]
    fn only_a_decision_may_say_that_an_execution_has_no_timeout() {
        let none = |path: &[&str]| taken_at(path, "DurationInSecondsOptional", "NONE");
        assert!(!none(&["executionStartToCloseTimeout"]));
        assert!(!none(&["defaultExecutionStartToCloseTimeout"]));
        let child = "startChildWorkflowExecutionDecisionAttributes";
        let path = [
            "decisions",
            "1.member",
            child,
            "executionStartToCloseTimeout",
        ];
        assert!(none(&path));
    }

    #[test]
    fn a_fraction_of_a_second_is_not_counted() {
        assert_eq!(length("DurationInSeconds", "31535999.999", Some(8)), 8);
        assert_eq!(length("Data", "31535999.999", Some(8)), 12);
    }

    #[test]
    fn a_priority_is_an_integer_of_32_bits() {
        for good in ["0", "-2147483648", "2147483647"] {
            assert!(taken("TaskPriority", good), "{good:?}");
        }
        for bad in ["2147483648", "high", "1.5", " 1"] {
            assert!(!taken("TaskPriority", bad), "{bad:?}");
        }
    }

    #[test]
    fn a_retention_is_at_most_90_days() {
        for good in ["0", "90", "NONE"] {
            assert!(taken("DurationInDays", good), "{good:?}");
        }
        for bad in ["91", "-1", "+1", "week", ""] {
            assert!(!taken("DurationInDays", bad), "{bad:?}");
        }
    }
}
