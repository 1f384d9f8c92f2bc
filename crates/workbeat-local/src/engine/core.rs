//! The engine itself: its state, its time, and the polls that wait.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::contract;
use super::deadlines::{Deadline, Deadlines};
use super::decision_task::DecisionPoll;
use super::domain::Domains;
use super::effect::Effect;
use super::execution::Execution;
use super::fault::Fault;
use super::ids::{ActivityKey, PollId};
use super::notice::Notice;
use super::operations::Operation;
use super::rows::Changes;
use super::seed::Seed;
use super::settings::Settings;
use super::task_list::TaskLists;
use super::time::Timestamp;
use super::visibility::Visibility;

/// Amazon SWF as a state machine.
///
/// The [module](super) says how to drive it. It is a plain value: it can be moved to another
/// thread, kept behind a lock, or driven by a simulation. The same calls at the same times
/// with the same [seed](Settings::seed) give the same answers, run ids and tokens included.
#[derive(Debug)]
pub struct Engine {
    pub(super) settings: Settings,
    pub(super) now: Timestamp,
    pub(super) domains: Domains,
    /// Every execution by its run id, open or closed.
    pub(super) executions: BTreeMap<Arc<str>, Execution>,
    /// Where activity tasks wait, and the identities of polls.
    pub(super) task_lists: TaskLists<ActivityKey, Option<Arc<str>>>,
    /// Where decision tasks wait; a run has at most one.
    pub(super) decision_lists: TaskLists<Arc<str>, DecisionPoll>,
    /// The runs in the orders that lists have.
    pub(super) visibility: Visibility,
    pub(super) deadlines: Deadlines,
    pub(super) notices: Vec<Notice>,
    pub(super) seed: Seed,
    /// What a call is still to bring about.
    pub(super) effects: VecDeque<Effect>,
    /// Runs with an event that a decider must see, and perhaps without a decision task.
    pub(super) undecided: BTreeSet<Arc<str>>,
    pub(super) changes: Changes,
    polls_seen: u64,
}

impl Engine {
    /// An engine without any domain.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            now: Timestamp::default(),
            domains: Domains::default(),
            executions: BTreeMap::new(),
            task_lists: TaskLists::default(),
            decision_lists: TaskLists::default(),
            visibility: Visibility::default(),
            deadlines: Deadlines::default(),
            notices: Vec::new(),
            seed: Seed::new(settings.seed),
            effects: VecDeque::new(),
            undecided: BTreeSet::new(),
            changes: Changes::new(settings.track_changes),
            polls_seen: 0,
            settings,
        }
    }

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

    /// When the next deadline fires, if any is set.
    ///
    /// A shell sleeps until then and calls [`advance`](Self::advance). After any call it is
    /// later than the time of the call.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.next()
    }

    /// Fires every deadline up to `now`, each at its own time and in order.
    ///
    /// It makes no difference whether time passes in one step or in many.
    pub fn advance(&mut self, now: Timestamp) {
        let now = now.max(self.now);
        self.fire_due(now);
        self.now = now;
    }

    /// Takes what has happened since the last call, in order.
    ///
    /// To be called after every other call: what is not taken is kept.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// The client of a parked poll went away without a word.
    ///
    /// The poll is withdrawn, or, if the settings ask for [phantom
    /// polls](Settings::phantom_polls), keeps its place, so that the next task goes to
    /// nobody. Answers whether the poll was still parked: if not, it has been answered, and
    /// the answer may be a task.
    pub fn abandon(&mut self, poll: PollId) -> bool {
        self.abandon_as(poll, self.settings.phantom_polls)
    }

    /// As [`abandon`](Self::abandon), for this poll by the caller's choice: whether it keeps
    /// its place as a phantom.
    pub fn abandon_as(&mut self, poll: PollId, phantom: bool) -> bool {
        if phantom {
            self.task_lists.make_phantom(poll) || self.decision_lists.make_phantom(poll)
        } else {
            self.withdraw(poll)
        }
    }

    /// The client of a parked poll takes it back. No task is lost by this.
    ///
    /// Answers whether the poll was still parked: if not, it has been answered, and the
    /// answer may be a task.
    pub fn withdraw(&mut self, poll: PollId) -> bool {
        self.deadlines.clear(&Deadline::PollHold(poll));
        self.task_lists.unpark(poll).is_some() || self.decision_lists.unpark(poll).is_some()
    }

    /// A poll that is to wait from now on, and no longer than polls are held.
    pub(super) fn hold_poll(&mut self) -> PollId {
        self.polls_seen += 1;
        let poll = PollId(self.polls_seen);
        let end = self.now + self.settings.poll_hold;
        self.deadlines.set(Deadline::PollHold(poll), end);
        poll
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

    /// A poll was held long enough.
    fn end_poll(&mut self, poll: PollId) {
        if let Some(parked) = self.task_lists.unpark(poll) {
            if !parked.phantom {
                self.notices.push(Notice::PollAnswered { poll, task: None });
            }
        } else if let Some(parked) = self.decision_lists.unpark(poll)
            && !parked.phantom
        {
            self.notices
                .push(Notice::DecisionPollAnswered { poll, task: None });
        }
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}
