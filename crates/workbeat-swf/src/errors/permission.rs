//! What to add to an IAM policy.

use super::classify::Call;
use crate::operation::Operation;

/// What a policy must allow, for a person.
pub(crate) fn to_allow(call: &Call<'_>) -> String {
    let action = call.operation.name();
    let domain = call.domain;
    let resource = format!("arn:aws:swf:REGION:ACCOUNT:/domain/{domain}");
    let mut text = format!("allow the action `swf:{action}` on `{resource}`");
    match (call.operation, call.subject) {
        (Operation::Poll, Some(task_list)) => {
            text.push_str(&format!(
                ", and if the policy has a condition on `swf:taskList.name`, let it name `{task_list}`"
            ));
        }
        (Operation::RegisterType, _) => {
            text.push_str(
                "; a condition may be on `swf:name`, `swf:version` and `swf:defaultTaskList.name`; or register the types elsewhere and set `register_types(false)`",
            );
        }
        (Operation::RegisterDomain, _) => {
            text = format!(
                "allow the action `swf:{action}` on `*`, or register the domain elsewhere and leave out `register_domain`"
            );
        }
        (Operation::DescribeType | Operation::History, _) => {
            text.push_str(", or leave the timeouts at `Timeouts::Declared`");
        }
        (Operation::PreviousAttempt, _) => {
            text.push_str(", or let no activity ask for its previous progress");
        }
        _ => {}
    }
    text
}
