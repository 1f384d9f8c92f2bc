//! The executions that were started last, for whoever shows them to a person.

use std::cmp::Reverse;

use super::info::WorkflowExecutionInfo;
use crate::engine::core::Engine;
use crate::engine::execution::Execution;

/// An execution and the domain that it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedExecution {
    /// The domain's name.
    pub domain: String,
    /// What a list says of it.
    pub info: WorkflowExecutionInfo,
}

impl Engine {
    /// So many executions of all domains at most: open ones before closed ones, and of these
    /// the newest first.
    #[must_use]
    pub fn newest_executions(&self, most: usize) -> Vec<ListedExecution> {
        fn order(execution: &Execution) -> impl Ord {
            let run_id = &*execution.id.run_id;
            (
                execution.closed.is_some(),
                Reverse(execution.started_at),
                run_id,
            )
        }
        let by_order = |one: &&Execution, other: &&Execution| order(one).cmp(&order(other));
        let mut executions: Vec<&Execution> = self.executions.values().collect();
        if executions.len() > most {
            executions.select_nth_unstable_by(most, by_order);
            executions.truncate(most);
        }
        executions.sort_unstable_by(by_order);
        let listed = executions.into_iter().filter_map(|execution| {
            Some(ListedExecution {
                domain: self.domains.name(execution.domain)?.to_owned(),
                info: WorkflowExecutionInfo::of(execution),
            })
        });
        listed.collect()
    }

    /// How many executions there are, open and closed.
    #[must_use]
    pub fn number_of_executions(&self) -> usize {
        self.executions.len()
    }
}
