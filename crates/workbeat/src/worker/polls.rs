//! Which task list to poll, and when: a pure function of what came of the polls before.

use std::time::Duration;

use tokio::time::Instant;

use crate::retry::{Backoff, Delays};
use crate::service::ServiceErrorKind;

/// The least time from one empty poll to the next. A service that answers empty at once is
/// not spun on.
const LEAST_INTERVAL: Duration = Duration::from_millis(200);

/// What came of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Polled {
    /// A task.
    Task,
    /// Nothing.
    Empty,
    /// An error.
    Failed(ServiceErrorKind),
}

/// What the end of a poll means for its task list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It is polled, as before.
    Polled,
    /// It is polled again, so long after the first of the polls that failed.
    PolledAgain { after: Duration },
    /// It could not be polled this time, and is polled again after a wait.
    Failed {
        /// For how long.
        wait: Duration,
        /// It failed together with another poll, which began the wait.
        together: bool,
    },
    /// A mistake in the settings: the service refused the task list before any poll of it had
    /// succeeded.
    Refused,
}

/// A poll that may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NextPoll {
    pub(crate) list: usize,
    /// How many slots must be free for it: one for itself, and one for every task list that
    /// nobody polls, because an idle poll can hold its slot for a minute.
    pub(crate) free_slots: usize,
}

/// The polls of a worker.
#[derive(Debug)]
pub(crate) struct PollPlan {
    lists: Vec<PolledList>,
    polls_each: usize,
    backoff: Backoff,
    random: fastrand::Rng,
    turn: u64,
}

#[derive(Debug)]
struct PolledList {
    polls: usize,
    not_before: Option<Instant>,
    delays: Delays,
    /// When the first failed of the polls since one succeeded.
    failing_since: Option<Instant>,
    /// Whether any poll has succeeded.
    proven: bool,
    /// Whether the worker goes on when it is refused, though no poll has succeeded.
    borne: bool,
    /// It is not polled yet: its service does not know the worker's types.
    closed: bool,
    last_turn: u64,
}

impl PollPlan {
    pub(crate) fn new(
        task_lists: usize,
        polls_each: usize,
        backoff: Backoff,
        random: fastrand::Rng,
    ) -> Self {
        let lists = (0..task_lists)
            .map(|_| PolledList {
                polls: 0,
                not_before: None,
                delays: backoff.delays(),
                failing_since: None,
                proven: false,
                borne: false,
                closed: false,
                last_turn: 0,
            })
            .collect();
        Self {
            lists,
            polls_each,
            backoff,
            random,
            turn: 0,
        }
    }

    /// Polls a task list only from now on, or not yet.
    pub(crate) fn set_closed(&mut self, list: usize, closed: bool) {
        if let Some(list) = self.lists.get_mut(list) {
            list.closed = closed;
        }
    }

    /// Whether a poll of any has succeeded.
    pub(crate) fn is_any_proven(&self) -> bool {
        self.lists.iter().any(|list| list.proven)
    }

    /// Takes what is refused of a list for a failure from now on.
    pub(crate) fn bear(&mut self, list: usize) {
        if let Some(list) = self.lists.get_mut(list) {
            list.borne = true;
        }
    }

    /// How many polls are under way.
    pub(crate) fn under_way(&self) -> usize {
        self.lists.iter().map(|list| list.polls).sum()
    }

    /// The poll that should start now: of the task list with the fewest polls, in turn.
    pub(crate) fn next(&self, now: Instant) -> Option<NextPoll> {
        let (at, list) = self
            .lists
            .iter()
            .enumerate()
            .filter(|(_, list)| list.polls < self.polls_each && !list.closed)
            .filter(|(_, list)| list.not_before.is_none_or(|at| at <= now))
            .min_by_key(|(_, list)| (list.polls, list.last_turn))?;
        let free_slots = if list.polls == 0 {
            1
        } else {
            1 + self
                .lists
                .iter()
                .filter(|list| list.polls == 0 && !list.closed)
                .count()
        };
        Some(NextPoll {
            list: at,
            free_slots,
        })
    }

    /// When a backoff ends.
    pub(crate) fn next_wake(&self, now: Instant) -> Option<Instant> {
        self.lists
            .iter()
            .filter(|list| list.polls < self.polls_each && !list.closed)
            .filter_map(|list| list.not_before)
            .filter(|at| *at > now)
            .min()
    }

    /// A poll of `list` started.
    #[expect(
        clippy::indexing_slicing,
        reason = "the number is one that `next` gave, and no list ever goes"
    )]
    pub(crate) fn started(&mut self, list: usize) {
        self.turn += 1;
        let list = &mut self.lists[list];
        list.polls += 1;
        list.last_turn = self.turn;
    }

    /// A poll of `list` that began at `began` ended. Says what that means.
    #[expect(
        clippy::indexing_slicing,
        reason = "the number is one that `next` gave, and no list ever goes"
    )]
    pub(crate) fn ended(
        &mut self,
        list: usize,
        polled: Polled,
        began: Instant,
        now: Instant,
    ) -> Meaning {
        let list = &mut self.lists[list];
        list.polls -= 1;
        if let Polled::Failed(kind) = polled {
            // Polls that fail together are one failure.
            let waits = list.not_before.filter(|at| *at > now);
            let until = waits.unwrap_or_else(|| now + list.delays.next(&mut self.random));
            list.not_before = Some(until);
            // A list that was just polled waits too, and then this failure is the first.
            let together = waits.is_some() && list.failing_since.is_some();
            list.failing_since.get_or_insert(now);
            let refused = matches!(
                kind,
                ServiceErrorKind::NotPermitted
                    | ServiceErrorKind::UnknownResource
                    | ServiceErrorKind::Invalid
            );
            return match list.proven || list.borne {
                false if refused => Meaning::Refused,
                _ => Meaning::Failed {
                    wait: until - now,
                    together,
                },
            };
        }
        list.proven = true;
        list.delays = self.backoff.delays();
        let earliest = began + LEAST_INTERVAL;
        list.not_before = Some(earliest).filter(|at| polled == Polled::Empty && *at > now);
        match list.failing_since.take() {
            Some(since) => Meaning::PolledAgain { after: now - since },
            None => Meaning::Polled,
        }
    }
}

#[cfg(test)]
#[path = "polls_tests.rs"]
mod tests;
