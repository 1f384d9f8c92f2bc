//! What a validation error says, without what it quotes.

/// The members of a request that the adapter sends. Only these are named.
const MEMBERS: &[&str] = &[
    "activityType",
    "activityType.name",
    "activityType.version",
    "defaultTaskHeartbeatTimeout",
    "defaultTaskList.name",
    "defaultTaskPriority",
    "defaultTaskScheduleToCloseTimeout",
    "defaultTaskScheduleToStartTimeout",
    "defaultTaskStartToCloseTimeout",
    "description",
    "details",
    "domain",
    "execution.runId",
    "execution.workflowId",
    "identity",
    "name",
    "reason",
    "result",
    "taskList.name",
    "taskToken",
    "version",
    "workflowExecutionRetentionPeriodInDays",
];

/// Stands between the member's name and what is demanded of it.
const DEMAND: &str = "' failed to satisfy constraint: ";

/// What the service demands, member by member. The values that it quotes are left out: they may
/// be a token or a payload.
pub(crate) fn demands(message: &str) -> Vec<String> {
    let mut demands: Vec<String> = Vec::new();
    for (at, _) in message.match_indices(DEMAND) {
        let member = message[..at].rsplit(" at '").next().unwrap_or_default();
        let demand = message[at + DEMAND.len()..].split([';', '\'', '"', '\n']);
        let demand = demand.into_iter().next().unwrap_or_default().trim();
        // A value may hold these very words: nothing is said but what the service would say.
        if MEMBERS.contains(&member) && demand.starts_with("Member must") && demand.len() <= 160 {
            demands.push(format!("{member}: {demand}"));
        }
    }
    demands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demands_are_told_and_the_values_are_not() {
        let message = "2 validation errors detected: Value 'a secret' at 'taskToken' failed to satisfy constraint: Member must have length less than or equal to 1024; Value null at 'domain' failed to satisfy constraint: Member must not be null";
        assert_eq!(
            demands(message),
            [
                "taskToken: Member must have length less than or equal to 1024",
                "domain: Member must not be null"
            ]
        );
    }

    #[test]
    fn words_in_a_value_are_not_taken_for_the_service_s() {
        let message = "1 validation error detected: Value 'x' at 'secret' failed to satisfy constraint: my secret' at 'result' failed to satisfy constraint: Member must have length less than or equal to 32768";
        assert_eq!(
            demands(message),
            ["result: Member must have length less than or equal to 32768"]
        );
    }
}
