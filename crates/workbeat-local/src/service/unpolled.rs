//! Task lists in which activities wait and that nobody polls: most often a name is misspelled.
//!
//! The engine knows nothing of this: it follows SWF, where such an activity waits in silence.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use workbeat::service::ActivityType;

use crate::engine::Timestamp;

/// How long an activity waits before it is worth a word. A worker may start after it.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most lists that a word names.
const MOST_NAMED: usize = 10;

/// Which lists were ever polled, and those in which something waits all the same.
///
/// A list that was polled once is left alone: its worker may be busy. So a list keeps a timer for one
/// moment at most, and none if its worker was there first.
#[derive(Debug, Default)]
pub(super) struct Unpolled {
    polled: BTreeSet<Arc<str>>,
    /// In the order of their times.
    waiting: VecDeque<Waiting>,
    /// The lists that something waits in, or that were told of: each has one word.
    known: BTreeSet<Arc<str>>,
}

/// The first activity of a list that nobody polls.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) task_list: Arc<str>,
    pub(super) activity_type: ActivityType,
    until: Timestamp,
}

impl Unpolled {
    /// An activity was put into a list.
    pub(super) fn scheduled(
        &mut self,
        task_list: &Arc<str>,
        activity_type: &ActivityType,
        now: Timestamp,
    ) {
        if self.polled.contains(task_list) || !self.known.insert(task_list.clone()) {
            return;
        }
        self.waiting.push_back(Waiting {
            task_list: task_list.clone(),
            activity_type: activity_type.clone(),
            until: now + PATIENCE,
        });
    }

    /// A list is polled.
    pub(super) fn polled(&mut self, task_list: &str) {
        if self.polled.contains(task_list) {
            return;
        }
        self.polled.insert(task_list.into());
        self.waiting
            .retain(|waiting| &*waiting.task_list != task_list);
    }

    /// When somebody is to look.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.waiting.front().map(|waiting| waiting.until)
    }

    /// Takes out what has waited for long enough by `now`.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<Waiting> {
        let due = |waiting: &Waiting| waiting.until <= now;
        self.waiting.front().is_some_and(due).then_some(())?;
        self.waiting.pop_front()
    }

    /// Nothing waits in the list any more, and the next that does counts from its own time.
    pub(super) fn forget(&mut self, task_list: &str) {
        self.known.remove(task_list);
    }

    /// The lists that are polled, for a person.
    pub(super) fn told(&self) -> String {
        let mut told = String::new();
        for (at, name) in self.polled.iter().take(MOST_NAMED).enumerate() {
            let between = if at == 0 { "" } else { ", " };
            // Writing to a text does not fail.
            let _ = write!(told, "{between}{name:?}");
        }
        if told.is_empty() {
            return "none".to_owned();
        }
        match self.polled.len().saturating_sub(MOST_NAMED) {
            0 => told,
            more => format!("{told} and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn put(unpolled: &mut Unpolled, list: &str, seconds: u64) {
        unpolled.scheduled(&list.into(), &ActivityType::new("pack", "1.0"), at(seconds));
    }

    fn due(unpolled: &mut Unpolled, seconds: u64) -> Vec<String> {
        std::iter::from_fn(|| unpolled.pop_due(at(seconds)))
            .map(|waiting| waiting.task_list.to_string())
            .collect()
    }

    #[test]
    fn a_list_that_nobody_polls_is_due_once() {
        let mut unpolled = Unpolled::default();
        put(&mut unpolled, "filez", 1);
        put(&mut unpolled, "filez", 2);
        put(&mut unpolled, "videoz", 3);
        assert_eq!(unpolled.next(), Some(at(6)));
        assert!(due(&mut unpolled, 5).is_empty());
        assert_eq!(due(&mut unpolled, 9), ["filez", "videoz"]);
        put(&mut unpolled, "filez", 10);
        assert_eq!(unpolled.next(), None);
        unpolled.forget("filez");
        put(&mut unpolled, "filez", 10);
        assert_eq!(unpolled.next(), Some(at(15)));
    }

    #[test]
    fn a_list_that_was_ever_polled_keeps_no_timer() {
        let mut unpolled = Unpolled::default();
        put(&mut unpolled, "files", 1);
        unpolled.polled("files");
        assert_eq!(unpolled.next(), None);
        put(&mut unpolled, "files", 2);
        assert_eq!(unpolled.next(), None);
    }

    #[test]
    fn there_is_an_end_to_the_lists_that_are_named() {
        let mut unpolled = Unpolled::default();
        assert_eq!(unpolled.told(), "none");
        unpolled.polled("b");
        unpolled.polled("a\n");
        assert_eq!(unpolled.told(), r#""a\n", "b""#);
        for number in 0..10 {
            unpolled.polled(&format!("c{number}"));
        }
        assert!(unpolled.told().ends_with("\"c7\" and 2 more"));
    }
}
