//! The tasks of a class that are served.

use std::collections::BTreeSet;

use super::class::Ticket;

/// How many tasks of a class are served, and who is the youngest.
///
/// Only where tasks are let go does it matter who is, so they are put in order when that is first
/// asked. The order would take 17 bytes of every task.
#[derive(Debug, Default)]
pub(super) struct Kept {
    tasks: usize,
    by_age: Option<BTreeSet<Ticket>>,
}

impl Kept {
    pub(super) fn len(&self) -> usize {
        self.tasks
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tasks == 0
    }

    pub(super) fn insert(&mut self, ticket: Ticket) {
        self.tasks += 1;
        if let Some(by_age) = &mut self.by_age {
            by_age.insert(ticket);
        }
    }

    /// Takes out one that is in.
    pub(super) fn remove(&mut self, ticket: Ticket) {
        self.tasks -= 1;
        if self.is_empty() {
            self.by_age = None;
        } else if let Some(by_age) = &mut self.by_age {
            by_age.remove(&ticket);
        }
    }

    /// The youngest, where `all` of them are these.
    pub(super) fn youngest<I>(&mut self, all: impl FnOnce() -> I) -> Option<Ticket>
    where
        I: Iterator<Item = Ticket>,
    {
        let by_age = self.by_age.get_or_insert_with(|| all().collect());
        by_age.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(number: u64) -> Ticket {
        // Places are taken again in any order.
        let at = u32::try_from(100 - number).unwrap();
        Ticket { number, at }
    }

    #[test]
    fn the_youngest_is_known_whoever_comes_and_goes_before_and_after_it_is_first_asked() {
        let mut kept = Kept::default();
        for number in 1..=4 {
            kept.insert(ticket(number));
        }
        kept.remove(ticket(4));
        let all = || [2, 3, 1].map(ticket).into_iter();
        assert_eq!(kept.youngest(all), Some(ticket(3)));
        kept.insert(ticket(5));
        assert_eq!(kept.youngest(all), Some(ticket(5)));
        kept.remove(ticket(5));
        kept.remove(ticket(3));
        assert_eq!((kept.youngest(all), kept.len()), (Some(ticket(2)), 2));
    }

    #[test]
    fn nobody_is_the_youngest_of_none() {
        let mut kept = Kept::default();
        kept.insert(ticket(1));
        kept.remove(ticket(1));
        assert_eq!(kept.youngest(std::iter::empty), None);
        kept.insert(ticket(2));
        let all = || std::iter::once(ticket(2));
        assert_eq!(kept.youngest(all), Some(ticket(2)), "put in order anew");
    }
}
