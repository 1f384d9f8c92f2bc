//! How the engine goes on: an operation, the time that passes, and all that comes of them.
//!
//! This is the one place that knows every concept; none of them knows it.

use super::contract;
use super::core::Engine;
use super::deadlines::Deadline;
use super::effect::Effect;
use super::fault::Fault;
use super::operations::Operation;
use super::time::Timestamp;

impl Engine {
    /// Applies one operation that arrives at `now`, after every deadline up to `now`.
    ///
    /// # Errors
    ///
    /// The [`Fault`] that SWF answers the operation with. A refused operation changes
    /// nothing by itself; the deadlines that were due have fired all the same.
    pub fn apply<O: Operation>(
        &mut self,
        operation: O,
        now: Timestamp,
    ) -> Result<O::Answer, Fault> {
        self.advance(now);
        self.check(&operation)?;
        self.apply_checked(operation)
    }

    /// Checks an operation that did not come from a wire as if it had.
    fn check<O: Operation>(&self, operation: &O) -> Result<(), Fault> {
        let input = serde_json::to_value(operation);
        let input = input.map_err(|error| Fault::serialization(O::NAME, &error))?;
        contract::check(O::NAME, &input, false)
    }

    /// Applies an operation whose form has been checked.
    pub(super) fn apply_checked<O: Operation>(&mut self, operation: O) -> Result<O::Answer, Fault> {
        let answer = operation.apply_to(self);
        self.settle();
        // A timeout of zero that the operation set is due already.
        self.fire_due(self.now);
        answer
    }

    /// Fires every deadline up to `now`, each at its own time and in order.
    ///
    /// It makes no difference whether time passes in one step or in many.
    pub fn advance(&mut self, now: Timestamp) {
        let now = now.max(self.now);
        self.fire_due(now);
        self.now = now;
    }

    fn fire_due(&mut self, now: Timestamp) {
        while let Some((at, deadline)) = self.deadlines.pop_due(now) {
            self.now = at.max(self.now);
            match deadline {
                Deadline::ActivityTimeout(timeout_type, activity) => {
                    self.time_out(&activity, timeout_type);
                }
                Deadline::Timer(run_id, started) => self.fire_timer(&run_id, started),
                Deadline::DecisionTimeout(run_id) => self.time_out_decision_task(&run_id),
                Deadline::ExecutionTimeout(run_id) => self.time_out_execution(&run_id),
                Deadline::Retention(run_id) => self.forget_execution(&run_id),
                Deadline::PollHold(poll) => self.end_poll(poll),
            }
            self.settle();
        }
    }

    /// Does all that is still to be done: effects first, then the decision tasks that they
    /// ask for, then tasks for the polls that wait.
    fn settle(&mut self) {
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
