//! What a call brings about in other executions and in task lists, done when the call itself
//! is done.
//!
//! It goes through a queue: so the events of one decision task stand together, and a chain
//! of executions of any length needs no stack.

use std::sync::Arc;

use super::child::ChildStart;
use super::core::Engine;
use super::event::ChildPolicy;
use super::external::ExternalRequest;

/// One thing that is still to be done.
#[derive(Debug)]
pub(super) enum Effect {
    /// A decision starts a child.
    StartChild(Box<ChildStart>),
    /// A decision signals another execution, or asks it to cancel.
    Reach(Box<ExternalRequest>),
    /// A child's parent was terminated, or timed out.
    ApplyChildPolicy {
        child: Arc<str>,
        policy: ChildPolicy,
    },
}

impl Engine {
    /// Does all that is still to be done: effects first, then the decision tasks that they
    /// ask for, then tasks for the polls that wait.
    pub(super) fn settle(&mut self) {
        loop {
            if let Some(effect) = self.effects.pop_front() {
                self.take_effect(effect);
            } else if let Some(run_id) = self.undecided.pop_first() {
                self.schedule_decision_task(&run_id);
            } else if let Some(list) = self.task_lists.pop_touched() {
                self.match_activity_tasks(&list);
            } else if let Some(list) = self.decision_lists.pop_touched() {
                self.match_decision_tasks(&list);
            } else {
                return;
            }
        }
    }

    fn take_effect(&mut self, effect: Effect) {
        match effect {
            Effect::StartChild(start) => self.start_child(*start),
            Effect::Reach(request) => self.reach(*request),
            Effect::ApplyChildPolicy { child, policy } => self.apply_child_policy(&child, policy),
        }
    }
}
