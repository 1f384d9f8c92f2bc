//! What SWF's contract says of every request: required members, types, lengths, sizes,
//! ranges and words. Read from the public API model, so each of them has one home.
//!
//! What the model does not hold (which characters a name has, what a timeout is) is in
//! [`form`]. All that is wrong with a request is told at once, in SWF's words, and no value
//! is shown except a number or a word that had to be one of a few: it may be a payload.

mod form;
mod model;
mod walk;

use serde_json::Value;

use super::fault::Fault;
use model::{DECIDE, MODEL};
use walk::Walk;

/// Checks the input of an operation, as it stands on SWF's wire.
///
/// Members that SWF does not know are ignored, as SWF does it, and `null` counts as missing.
/// A timeout can have a fraction of a second unless they must be `whole_seconds`.
///
/// An operation that the contract does not know passes: there is nothing to check it by.
///
/// # Errors
///
/// A `SerializationException` if a member has another JSON type than SWF's; if not, a
/// `ValidationException` if any constraint is broken.
pub(super) fn check(operation: &str, input: &Value, whole_seconds: bool) -> Result<(), Fault> {
    let Some(shape) = MODEL.input(operation) else {
        return Ok(());
    };
    let mut walk = Walk::new(whole_seconds);
    walk.value(shape, input)
        .map_err(|mismatch| Fault::serialization(operation, &mismatch))?;
    walk.verdict()
}

/// The names of SWF's operations, in their order.
///
/// ```
/// use workbeat_local::engine::operation_names;
///
/// assert_eq!(operation_names().len(), 39);
/// assert!(operation_names().contains(&"PollForActivityTask"));
/// ```
#[must_use]
pub fn operation_names() -> Vec<&'static str> {
    let mut names: Vec<_> = MODEL.operations().filter(|name| *name != DECIDE).collect();
    names.sort_unstable();
    names
}

/// The most characters that a text of this shape has, or elements, or the highest number.
#[cfg(test)]
pub(super) fn most(shape: &str) -> Option<usize> {
    let max = MODEL.shape(shape)?.max?;
    usize::try_from(max).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Value;
    use crate::engine::fault::{Fault, FaultKind};

    fn check(operation: &str, input: &Value) -> Result<(), Fault> {
        super::check(operation, input, true)
    }

    fn message(operation: &str, input: &Value) -> String {
        let fault = check(operation, input).unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Validation);
        fault.message().to_owned()
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_in_the_words_of_swf() {
        let input = json!({"taskToken": "t", "details": "s3cret".repeat(400)});
        let expected = "1 validation error detected: Value at 'details' failed to satisfy \
                        constraint: Member must have length less than or equal to 2048";
        assert_eq!(message("RecordActivityTaskHeartbeat", &input), expected);

        let input = json!({"workflowId": "", "reason": "r".repeat(257), "childPolicy": "NO"});
        let expected = "4 validation errors detected: \
            Value 'NO' at 'childPolicy' failed to satisfy constraint: Member must satisfy enum \
            value set: [TERMINATE, REQUEST_CANCEL, ABANDON]; \
            Value null at 'domain' failed to satisfy constraint: Member must not be null; \
            Value at 'reason' failed to satisfy constraint: Member must have length less than \
            or equal to 256; \
            Value at 'workflowId' failed to satisfy constraint: Member must have length greater \
            than or equal to 1";
        assert_eq!(message("TerminateWorkflowExecution", &input), expected);
    }

    #[test]
    fn a_member_inside_lists_and_structures_is_named_by_its_path() {
        let input = json!({"taskToken": "t", "decisions": [
            {"decisionType": "StartTimer",
             "startTimerDecisionAttributes": {"timerId": "", "startToFireTimeout": "5"}},
            {},
        ]});
        let message = message("RespondDecisionTaskCompleted", &input);
        let timer = "'decisions.1.member.startTimerDecisionAttributes.timerId'";
        assert!(message.contains(timer), "{message}");
        let second = "Value null at 'decisions.2.member.decisionType'";
        assert!(message.contains(second), "{message}");
    }

    #[test]
    fn numbers_have_a_range_and_lists_a_size() {
        let list = |size: i64| json!({"registrationStatus": "REGISTERED", "maximumPageSize": size});
        assert!(check("ListDomains", &list(1_000)).is_ok());
        let expected = "Value '1001' at 'maximumPageSize' failed to satisfy constraint: \
                        Member must have value less than or equal to 1000";
        assert!(message("ListDomains", &list(1_001)).ends_with(expected));
        assert!(message("ListDomains", &list(-1)).contains("greater than or equal to 0"));

        let start = |tags: usize| {
            json!({"domain": "d", "workflowId": "w", "workflowType": {"name": "n", "version": "v"},
                   "tagList": vec!["tag"; tags]})
        };
        assert!(check("StartWorkflowExecution", &start(5)).is_ok());
        assert!(message("StartWorkflowExecution", &start(6)).contains("'tagList'"));
    }

    #[test]
    fn a_member_of_another_type_is_a_serialization_exception_that_shows_no_value() {
        for (input, member) in [
            (json!({"taskToken": 4711}), "taskToken"),
            (
                json!({"taskToken": "t", "details": {"s3cret": 1}}),
                "details",
            ),
            (json!("s3cret"), "RecordActivityTaskHeartbeat"),
        ] {
            let fault = check("RecordActivityTaskHeartbeat", &input).unwrap_err();
            assert_eq!(fault.kind(), FaultKind::Serialization);
            assert!(fault.message().contains(member), "{fault}");
            let shown = fault.message();
            assert!(
                !shown.contains("4711") && !shown.contains("s3cret"),
                "{fault}"
            );
        }
        let page = json!({"registrationStatus": "REGISTERED", "maximumPageSize": 1.5});
        let fault = check("ListDomains", &page).unwrap_err();
        assert_eq!(fault.kind(), FaultKind::Serialization);
    }

    #[test]
    fn what_swf_does_not_know_is_ignored_and_null_is_missing() {
        let input = json!({"taskToken": "t", "details": null, "unheardOf": [1]});
        assert!(check("RecordActivityTaskHeartbeat", &input).is_ok());
        assert!(check("UnheardOf", &json!(7)).is_ok());
    }

    #[test]
    fn a_fraction_of_a_second_is_taken_only_where_it_may_be() {
        let input = json!({"domain": "d", "name": "n", "version": "v",
                           "defaultTaskHeartbeatTimeout": "0.25"});
        assert!(super::check("RegisterActivityType", &input, false).is_ok());
        let refused = message("RegisterActivityType", &input);
        assert!(
            refused.contains("'defaultTaskHeartbeatTimeout'"),
            "{refused}"
        );
    }
}
