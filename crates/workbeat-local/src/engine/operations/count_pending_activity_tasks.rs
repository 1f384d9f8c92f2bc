//! `CountPendingActivityTasks`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::fault::Fault;
use crate::engine::wire;

/// Asks how many tasks wait in a task list. One that never was has none.
///
/// Tasks that a worker has taken are not counted, nor are those that were canceled or timed
/// out before one took them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CountPendingActivityTasks {
    /// The domain.
    pub domain: String,
    /// The task list.
    #[serde(with = "wire::task_list")]
    pub task_list: String,
}

/// How many tasks wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PendingTaskCount {
    /// So many, exactly.
    pub count: usize,
    /// Whether there are more than was counted; here never.
    pub truncated: bool,
}

impl Operation for CountPendingActivityTasks {
    const NAME: &'static str = "CountPendingActivityTasks";

    type Answer = PendingTaskCount;

    fn apply_to(self, engine: &mut Engine) -> Result<PendingTaskCount, Fault> {
        let list = (engine.domains.key(&self.domain)?, self.task_list.into());
        Ok(PendingTaskCount {
            count: engine.task_lists.pending(&list),
            truncated: false,
        })
    }
}
