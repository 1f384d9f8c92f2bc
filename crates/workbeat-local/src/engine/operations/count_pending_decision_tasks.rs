//! `CountPendingDecisionTasks`

use serde::{Deserialize, Serialize};

use super::Operation;
use super::count_pending_activity_tasks::PendingTaskCount;
use crate::engine::core::Engine;
use crate::engine::fault::Fault;
use crate::engine::wire;

/// Asks how many decision tasks wait in a task list. One that never was has none.
///
/// A task list for decisions and one for activities have nothing in common but a name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CountPendingDecisionTasks {
    /// The domain.
    pub domain: String,
    /// The task list.
    #[serde(with = "wire::task_list")]
    pub task_list: String,
}

impl Operation for CountPendingDecisionTasks {
    const NAME: &'static str = "CountPendingDecisionTasks";

    type Answer = PendingTaskCount;

    fn apply_to(self, engine: &mut Engine) -> Result<PendingTaskCount, Fault> {
        let list = (engine.domains.key(&self.domain)?, self.task_list.into());
        Ok(PendingTaskCount {
            count: engine.decision_lists.pending(&list),
            truncated: false,
        })
    }
}
