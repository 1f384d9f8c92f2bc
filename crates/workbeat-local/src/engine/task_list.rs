//! Task lists: tasks that wait for a poll, and polls that wait for a task.
//!
//! Activity tasks and decision tasks have lists of their own, even under the same name.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids::{DomainKey, PollId};

/// A task list by its domain and its name.
pub(super) type TaskListKey = (DomainKey, Arc<str>);

/// The place of a task in its list: higher priority first, then first come, first served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place(Reverse<i32>, u64);

/// One poll that waits.
#[derive(Debug)]
pub(super) struct ParkedPoll<W> {
    pub(super) task_list: TaskListKey,
    /// Who polls, and what else the poll asks for.
    pub(super) wants: W,
    /// Its client went away and it kept its place: what it gets goes to nobody.
    pub(super) phantom: bool,
}

#[derive(Debug)]
struct TaskList<T> {
    pending: BTreeMap<Place, T>,
    // Poll ids count up, so their order is the order in which they came.
    parked: BTreeSet<PollId>,
}

impl<T> Default for TaskList<T> {
    fn default() -> Self {
        let (pending, parked) = (BTreeMap::new(), BTreeSet::new());
        Self { pending, parked }
    }
}

/// All task lists of all domains, for tasks `T` and polls that want `W`. A list exists for as
/// long as something waits in it.
#[derive(Debug)]
pub(super) struct TaskLists<T, W> {
    lists: BTreeMap<TaskListKey, TaskList<T>>,
    polls: BTreeMap<PollId, ParkedPoll<W>>,
    /// The lists that tasks came into since somebody looked whether polls wait there.
    touched: BTreeSet<TaskListKey>,
    tasks_seen: u64,
}

impl<T, W> Default for TaskLists<T, W> {
    fn default() -> Self {
        Self {
            lists: BTreeMap::new(),
            polls: BTreeMap::new(),
            touched: BTreeSet::new(),
            tasks_seen: 0,
        }
    }
}

impl<T, W> TaskLists<T, W> {
    /// Puts a task into its list; the place is what takes it out again.
    pub(super) fn push(&mut self, list: &TaskListKey, priority: i32, task: T) -> Place {
        let place = Place(Reverse(priority), self.tasks_seen.saturating_add(1));
        self.put(list, place, task);
        self.touched.insert(list.clone());
        place
    }

    /// Puts a task into the place that it had.
    pub(super) fn put(&mut self, list: &TaskListKey, place: Place, task: T) {
        self.tasks_seen = self.tasks_seen.max(place.1);
        let entry = self.lists.entry(list.clone()).or_default();
        entry.pending.insert(place, task);
    }

    /// Takes out a list that a task came into.
    pub(super) fn pop_touched(&mut self) -> Option<TaskListKey> {
        self.touched.pop_first()
    }

    /// Takes out the task that is next.
    pub(super) fn pop(&mut self, list: &TaskListKey) -> Option<T> {
        let (_, task) = self.lists.get_mut(list)?.pending.pop_first()?;
        self.forget_if_empty(list);
        Some(task)
    }

    /// Takes a task out that was closed before a worker took it.
    pub(super) fn remove(&mut self, list: &TaskListKey, place: Place) {
        if let Some(entry) = self.lists.get_mut(list) {
            entry.pending.remove(&place);
            self.forget_if_empty(list);
        }
    }

    /// How many tasks wait.
    pub(super) fn pending(&self, list: &TaskListKey) -> usize {
        self.lists.get(list).map_or(0, |entry| entry.pending.len())
    }

    /// How many polls wait.
    pub(super) fn parked(&self, list: &TaskListKey) -> usize {
        self.lists.get(list).map_or(0, |entry| entry.parked.len())
    }

    /// Lets a poll wait.
    pub(super) fn park(&mut self, poll: PollId, task_list: TaskListKey, wants: W) {
        self.lists
            .entry(task_list.clone())
            .or_default()
            .parked
            .insert(poll);
        self.polls.insert(
            poll,
            ParkedPoll {
                task_list,
                wants,
                phantom: false,
            },
        );
    }

    /// Takes out a poll that waits.
    pub(super) fn unpark(&mut self, poll: PollId) -> Option<ParkedPoll<W>> {
        let parked = self.polls.remove(&poll)?;
        if let Some(entry) = self.lists.get_mut(&parked.task_list) {
            entry.parked.remove(&poll);
            self.forget_if_empty(&parked.task_list);
        }
        Some(parked)
    }

    /// Puts a poll back into the place that it was taken from.
    pub(super) fn repark(&mut self, poll: PollId, parked: ParkedPoll<W>) {
        self.lists
            .entry(parked.task_list.clone())
            .or_default()
            .parked
            .insert(poll);
        self.polls.insert(poll, parked);
    }

    /// Lets a poll keep its place although its client went away.
    pub(super) fn make_phantom(&mut self, poll: PollId) -> bool {
        self.polls.get_mut(&poll).is_some_and(|parked| {
            parked.phantom = true;
            true
        })
    }

    /// Takes out a task and the poll that gets it, if there are both.
    pub(super) fn pair(&mut self, list: &TaskListKey) -> Option<(T, PollId, ParkedPoll<W>)> {
        let entry = self.lists.get(list)?;
        let poll = *entry.parked.first()?;
        if entry.pending.is_empty() {
            return None;
        }
        let task = self.pop(list)?;
        let parked = self.unpark(poll)?;
        Some((task, poll, parked))
    }

    fn forget_if_empty(&mut self, list: &TaskListKey) {
        let empty = |entry: &TaskList<T>| entry.pending.is_empty() && entry.parked.is_empty();
        if self.lists.get(list).is_some_and(empty) {
            self.lists.remove(list);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ids::ActivityKey;

    type Lists = TaskLists<ActivityKey, ()>;

    fn list() -> TaskListKey {
        (DomainKey(0), "video".into())
    }

    fn task(scheduled: i64) -> ActivityKey {
        ActivityKey::new("run", scheduled)
    }

    #[test]
    fn the_higher_priority_comes_first_then_the_earlier_task() {
        let mut lists = Lists::default();
        for (priority, scheduled) in [(0, 1), (5, 2), (-1, 3), (5, 4)] {
            lists.push(&list(), priority, task(scheduled));
        }
        let order: Vec<_> = std::iter::from_fn(|| lists.pop(&list())).collect();
        assert_eq!(order, [task(2), task(4), task(1), task(3)]);
    }

    #[test]
    fn the_poll_that_came_first_gets_the_task() {
        let mut lists = Lists::default();
        let (first, second) = (PollId(1), PollId(2));
        lists.park(first, list(), ());
        lists.park(second, list(), ());
        assert!(lists.pair(&list()).is_none());
        lists.push(&list(), 0, task(1));
        assert_eq!(lists.pair(&list()).unwrap().1, first);
        lists.push(&list(), 0, task(2));
        assert_eq!(lists.pair(&list()).unwrap().1, second);
    }

    #[test]
    fn an_empty_list_is_forgotten() {
        let mut lists = Lists::default();
        let place = lists.push(&list(), 0, task(1));
        let poll = PollId(1);
        lists.park(poll, list(), ());
        lists.remove(&list(), place);
        lists.unpark(poll);
        assert!(lists.lists.is_empty());
        assert!(lists.polls.is_empty());
    }
}
