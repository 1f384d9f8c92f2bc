//! The engine itself: its state, and the polls that wait.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::deadlines::{Deadline, Deadlines};
use super::decision_task::DecisionPoll;
use super::domain::Domains;
use super::effect::Effect;
use super::execution::Execution;
use super::ids::{ActivityKey, PollId};
use super::notice::Notice;
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

    /// When the next deadline fires, if any is set.
    ///
    /// A shell sleeps until then and calls [`advance`](Self::advance). After any call it is
    /// later than the time of the call.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.next()
    }

    /// Takes what has happened since the last call, in order.
    ///
    /// To be called after every other call: what is not taken is kept.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// The client of a parked poll went away without a word.
    ///
    /// The poll is withdrawn, or, as a `phantom`, keeps its place, so that the next task goes
    /// to nobody: that is what the real service can do to a worker that aborts its polls.
    /// Answers whether the poll was still parked: if not, it has been answered, and the answer
    /// may be a task.
    pub fn abandon(&mut self, poll: PollId, phantom: bool) -> bool {
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
        self.polls_seen = self.polls_seen.wrapping_add(1);
        let poll = PollId(self.polls_seen);
        let end = self.now + self.settings.poll_hold;
        self.deadlines.set(Deadline::PollHold(poll), end);
        poll
    }

    /// A poll was held long enough.
    pub(super) fn end_poll(&mut self, poll: PollId) {
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
