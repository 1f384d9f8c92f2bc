//! What a validation error says, without what it quotes.

/// Stands between the member's name and what is demanded of it.
const DEMAND: &str = "' failed to satisfy constraint: ";

/// How the service's demands begin.
const DEMANDS: &[&str] = &[
    "Member must not be null",
    "Member must have length less than or equal to",
    "Member must have length greater than or equal to",
    "Member must have value less than or equal to",
    "Member must have value greater than or equal to",
    "Member must satisfy enum value set:",
];

/// The most demands that are told: a request of the adapter has not that many members.
const MOST: usize = 16;

/// What the service demands of these members of a request. The values that it quotes are left out: they may
/// be a token or a payload.
pub(crate) fn demands(message: &str, members: &[&str]) -> Vec<String> {
    let mut demands: Vec<String> = Vec::new();
    let mut pieces = message.split(DEMAND);
    let mut before = pieces.next().unwrap_or_default();
    for after in pieces {
        let member = before.rsplit_once(" at '").map(|(_, member)| member);
        let demand = after.split([';', '\'', '"', '\n']).next().map(str::trim);
        // A value may hold these very words: nothing is said but what the service would say.
        if let (Some(member), Some(demand)) = (member, demand)
            && members.contains(&member)
            && is_demand(demand)
        {
            let told = format!("{member}: {demand}");
            if !demands.contains(&told) {
                demands.push(told);
            }
        }
        before = after;
    }
    demands.truncate(MOST);
    demands
}

/// Whether the service demands things in these words; only a number or words of its own model
/// stand behind them.
fn is_demand(demand: &str) -> bool {
    let of_the_model =
        |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "[]_, ".contains(c);
    let rest = DEMANDS.iter().find_map(|known| demand.strip_prefix(known));
    rest.is_some_and(|rest| rest.len() <= 160 && rest.chars().all(of_the_model))
}

#[cfg(test)]
mod tests {

    fn demands(message: &str) -> Vec<String> {
        super::demands(message, &["taskToken", "domain", "result"])
    }

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
