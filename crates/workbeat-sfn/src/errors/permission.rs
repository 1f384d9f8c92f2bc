//! What to add to an IAM policy.

use super::meaning::Call;
use crate::operation::Operation;

/// What a policy must allow, for a person.
pub(crate) fn to_allow(call: &Call<'_>) -> String {
    let action = call.operation.name();
    match call.operation {
        Operation::List => format!(
            "allow the action `states:{action}` on `*`, or tell the activity's ARN, with `activity_arn`, or its account, with `account`"
        ),
        Operation::Create => format!(
            "allow the action `states:{action}` on `arn:aws:states:REGION:ACCOUNT:activity:{}`, or create the activity elsewhere and leave out `create_activities`",
            call.subject.unwrap_or("*")
        ),
        _ => {
            let activity = call.subject.filter(|subject| subject.starts_with("arn:"));
            let activity = activity.unwrap_or("arn:aws:states:REGION:ACCOUNT:activity:*");
            format!("allow the action `states:{action}` on `{activity}`")
        }
    }
}
