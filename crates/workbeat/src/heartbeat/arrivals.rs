//! Tasks that have just begun.
//!
//! Most activities that are short end before anything is due for them. So a task waits here first,
//! where to come and to go costs next to nothing, and only then gets its place in a schedule.

use std::collections::VecDeque;
use std::time::Duration;

use crate::moment::Moment;
use crate::task::TaskKey;

/// How long a task waits here at least, and half of how long at most: those that come within that
/// leave together, so that the driver need not wake for each. The budget hears of them that much later.
pub(super) const WAIT: Duration = Duration::from_millis(20);

/// For so many there is always room. What more need is given back when they have gone.
const ROOM: usize = 256;

/// Numbers of arrivals begin anew after so many. A record knows them from seats by what is above.
pub(super) const NUMBERS: u32 = 1 << 30;

/// The tasks that wait, in the order in which they came.
#[derive(Debug)]
pub(super) struct Arrivals<T> {
    /// None for one that has left. The first is none that has.
    waiting: VecDeque<Option<Arrival<T>>>,
    /// The number of the first of them.
    first: u32,
    /// When the one leaves, or was to leave, that came last.
    last_leaves: Option<Moment>,
}

#[derive(Debug)]
struct Arrival<T> {
    key: TaskKey,
    until: Moment,
    task: T,
}

impl<T> Default for Arrivals<T> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            first: 0,
            last_leaves: None,
        }
    }
}

impl<T> Arrivals<T> {
    /// Takes in a task that began at `began`, and gives the number by which it is found.
    pub(super) fn push(&mut self, key: TaskKey, task: T, began: Moment) -> u32 {
        // More than that fit into no memory.
        let number = (self.first + self.waiting.len() as u32) % NUMBERS;
        let with_last = self.last_leaves.filter(|at| began + WAIT <= *at);
        let until = with_last.unwrap_or(began + WAIT * 2);
        self.last_leaves = Some(until);
        self.waiting.push_back(Some(Arrival { key, until, task }));
        number
    }

    /// A task with this number, if it still waits.
    pub(super) fn get_mut(&mut self, key: TaskKey, number: u32) -> Option<&mut T> {
        let at = (number + NUMBERS - self.first) % NUMBERS;
        let arrival = self.waiting.get_mut(at as usize)?.as_mut();
        let arrival = arrival.filter(|arrival| arrival.key == key);
        arrival.map(|arrival| &mut arrival.task)
    }

    /// Takes a task out, if it still waits.
    pub(super) fn take(&mut self, key: TaskKey, number: u32) -> Option<T> {
        let at = (number + NUMBERS - self.first) % NUMBERS;
        let place = self.waiting.get_mut(at as usize)?;
        let left = place.take_if(|arrival| arrival.key == key)?;
        self.move_up();
        Some(left.task)
    }

    /// Takes out one that has waited for long enough, if there is one.
    pub(super) fn pop(&mut self, now: Moment) -> Option<T> {
        let first = self.waiting.front_mut()?;
        let waited = first.take_if(|arrival| arrival.until <= now)?;
        self.move_up();
        Some(waited.task)
    }

    fn move_up(&mut self) {
        while matches!(self.waiting.front(), Some(None)) {
            self.waiting.pop_front();
            self.first = (self.first + 1) % NUMBERS;
        }
        if self.waiting.is_empty() && self.waiting.capacity() > ROOM {
            self.waiting = VecDeque::new();
        }
    }

    /// When one will have waited for long enough.
    pub(super) fn next_wake(&self) -> Option<Moment> {
        self.waiting.front()?.as_ref().map(|arrival| arrival.until)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    fn key(number: u32) -> TaskKey {
        TaskKey(number.into())
    }

    #[test]
    fn whoever_stays_is_taken_out_in_order_after_the_wait() {
        let now = Moment::from(Instant::now());
        let later = |after| now + Duration::from_millis(after);
        let mut arrivals = Arrivals::default();
        let numbers: Vec<_> = (0..5)
            .map(|at| arrivals.push(key(at), at, later(u64::from(at) * 8)))
            .collect();
        // The last came too late to leave with the first.
        assert_eq!(arrivals.next_wake(), Some(later(40)));
        assert_eq!(arrivals.take(key(0), numbers[0]), Some(0));
        assert_eq!(arrivals.take(key(0), numbers[0]), None, "once");
        assert_eq!(arrivals.take(key(2), numbers[2]), Some(2));
        assert_eq!(arrivals.pop(later(39)), None);
        assert_eq!(arrivals.pop(later(40)), Some(1));
        assert_eq!(arrivals.pop(later(40)), None);
        assert_eq!(arrivals.get_mut(key(4), numbers[4]), Some(&mut 4));
        assert_eq!(arrivals.next_wake(), Some(later(64)));
        assert_eq!(arrivals.pop(later(64)), Some(3));
        assert_eq!(arrivals.pop(later(64)), Some(4));
        assert_eq!(arrivals.pop(later(64)), None);
        assert!(arrivals.is_empty());
        assert_eq!(arrivals.get_mut(key(4), numbers[4]), None);
    }

    #[test]
    fn each_waits_for_20_to_40_ms_and_those_that_come_together_leave_together() {
        let now = Moment::from(Instant::now());
        let mut arrivals = Arrivals::default();
        let mut leave = std::collections::BTreeSet::new();
        for at in 0..1_000 {
            let began = now + Duration::from_millis(at.into());
            let number = arrivals.push(key(at), at, began);
            let until = arrivals.waiting.back().unwrap().as_ref().unwrap().until;
            assert!((WAIT..=WAIT * 2).contains(&until.saturating_since(began)));
            leave.insert(until);
            if at % 2 == 0 {
                arrivals.take(key(at), number);
            }
        }
        assert!(leave.len() <= 50, "{}", leave.len());
        while arrivals.pop(now + Duration::from_secs(2)).is_some() {}
        assert!(arrivals.waiting.capacity() <= ROOM);
    }

    #[test]
    fn a_number_that_comes_again_is_another_task() {
        let now = Moment::from(Instant::now());
        let mut arrivals = Arrivals {
            first: NUMBERS - 1,
            ..Arrivals::default()
        };
        let last = arrivals.push(key(1), "last", now);
        let zero = arrivals.push(key(2), "zero", now);
        assert_eq!((last, zero), (NUMBERS - 1, 0));
        assert_eq!(arrivals.take(key(3), zero), None);
        assert_eq!(arrivals.take(key(2), zero), Some("zero"));
        assert_eq!(arrivals.take(key(1), last), Some("last"));
        assert_eq!(arrivals.first, 1);
    }
}
