//! Who decides, and when.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::decider::decide;
use crate::history::Event;
use crate::service::{Fault, Service};

/// How long a decision task may wait for another command before this one takes it.
const COURTESY: Duration = Duration::from_secs(1);

/// Who decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deciding {
    /// This command, whenever there is a decision task on this task list.
    Always(String),
    /// This command, if nobody else does.
    IfNobodyElse(String),
    /// The workflow's own decider.
    Others,
}

/// The decision task that waits for a decider, and since when it was seen to.
#[derive(Default)]
pub(super) struct Waiting(Option<(u64, Instant)>);

impl Deciding {
    /// Waits for one decision task and decides; for ever, where others do.
    pub(super) async fn once(&self, service: &Service) -> Result<(), Fault> {
        let (Self::Always(list) | Self::IfNobodyElse(list)) = self else {
            return std::future::pending().await;
        };
        match service.poll_for_decision(list, &identity()).await {
            Ok(None) => Ok(()),
            Ok(Some(task)) => {
                let decision = decide(&task.history);
                service.respond_decision(&task, decision).await
            }
            Err(fault) => {
                // A service that answers at once that it cannot is not asked in a circle.
                sleep(Duration::from_secs(1)).await;
                Err(fault)
            }
        }
    }

    /// Whether this command is to decide, or wait for a task to decide on.
    pub(super) fn is_due(&self, history: &[Event], waiting: &mut Waiting) -> bool {
        match self {
            Self::Always(_) => return true,
            Self::IfNobodyElse(_) => {}
            Self::Others => return false,
        }
        match (waiting_decision(history), waiting.0) {
            (Some(id), Some((known, since))) if id == known => since.elapsed() >= COURTESY,
            (Some(id), _) => {
                waiting.0 = Some((id, Instant::now()));
                false
            }
            (None, _) => {
                waiting.0 = None;
                false
            }
        }
    }
}

/// The decision task that waits for a decider, if one does.
fn waiting_decision(history: &[Event]) -> Option<u64> {
    let last = history
        .iter()
        .rev()
        .find(|event| event.kind().starts_with("DecisionTask"))?;
    (last.kind() == "DecisionTaskScheduled").then(|| last.id())
}

/// Who decides, for the history.
fn identity() -> String {
    format!("workbeat command, process {}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::example::History;

    #[test]
    fn a_decision_task_waits_until_somebody_takes_it() {
        let waiting = History::started().plain("DecisionTaskScheduled");
        assert_eq!(waiting_decision(waiting.events()), Some(2));
        let signaled = waiting.clone().plain("WorkflowExecutionSignaled");
        assert_eq!(waiting_decision(signaled.events()), Some(2));
        let taken = waiting.plain("DecisionTaskStarted");
        assert_eq!(waiting_decision(taken.events()), None);
        let lost = taken
            .plain("DecisionTaskTimedOut")
            .plain("DecisionTaskScheduled");
        assert_eq!(waiting_decision(lost.events()), Some(5));
        assert_eq!(waiting_decision(History::scheduled().events()), None);
    }
}
