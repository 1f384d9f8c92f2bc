//! Which part of a history a call brings, and where the next part begins.
//!
//! Compared with the pages of lists: event ids are dense, so a page is found by its number and
//! not by what came before it.

use crate::engine::event::HistoryEvent;
use crate::engine::fault::Fault;
use crate::engine::ids::EventId;
use crate::engine::limits;
use crate::engine::page;
use crate::engine::seed::Seed;

/// How a history is cut into pages.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct HistoryPage {
    /// How many events at most; 0 for as many as there may be.
    pub(in crate::engine) size: usize,
    /// Whether the newest event comes first.
    pub(in crate::engine) reverse: bool,
}

impl HistoryPage {
    /// What a request says of its pages.
    pub(in crate::engine) fn of(maximum_page_size: Option<u32>, reverse: Option<bool>) -> Self {
        let size = usize::try_from(maximum_page_size.unwrap_or(0)).unwrap_or(usize::MAX);
        Self {
            size,
            reverse: reverse.unwrap_or(false),
        }
    }

    /// The page of `first..=last` that begins at `from`, and where the next one begins.
    ///
    /// It costs what the page holds, wherever in the history that is.
    pub(in crate::engine) fn cut(
        self,
        history: &[HistoryEvent],
        (first, last): (EventId, EventId),
        from: Option<EventId>,
    ) -> (Vec<HistoryEvent>, Option<EventId>) {
        let size = match self.size {
            0 => limits::PAGE,
            size => size.min(limits::PAGE),
        };
        let size = EventId::try_from(size).unwrap_or(EventId::MAX);
        // Event ids are dense and begin at 1, so an id is an index.
        let part = |low: EventId, high: EventId| {
            let low = usize::try_from(low.max(first).saturating_sub(1)).unwrap_or(0);
            let high = usize::try_from(high.min(last)).unwrap_or(0);
            history
                .get(low..high.min(history.len()))
                .unwrap_or_default()
        };
        if self.reverse {
            let newest = from.unwrap_or(last);
            let oldest = newest.saturating_sub(size).saturating_add(1);
            let events = part(oldest, newest).iter().rev().cloned().collect();
            (events, (oldest > first).then(|| oldest.saturating_sub(1)))
        } else {
            let oldest = from.unwrap_or(first);
            let newest = oldest.saturating_add(size).saturating_sub(1);
            let events = part(oldest, newest).to_vec();
            (events, (newest < last).then(|| newest.saturating_add(1)))
        }
    }
}

/// The token for the page that begins at `from`, in what `of` names.
pub(in crate::engine) fn page_token(seed: &Seed, of: &str, from: EventId) -> String {
    page::token(seed, of, &from.to_string())
}

/// Where the page of a token begins. A token of anything else is refused.
pub(in crate::engine) fn read_page_token(
    seed: &Seed,
    of: &str,
    token: &str,
) -> Result<EventId, Fault> {
    let from = page::read(seed, of, token).and_then(|from| from.parse().ok());
    from.ok_or_else(|| Fault::validation("Invalid token"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::TimerFired;
    use crate::engine::time::Timestamp;

    fn history(events: EventId) -> Vec<HistoryEvent> {
        let event = |event_id| HistoryEvent {
            event_id,
            timestamp: Timestamp::default(),
            attributes: TimerFired {
                timer_id: "t".into(),
                started_event_id: 0,
            }
            .into(),
        };
        (1..=events).map(event).collect()
    }

    fn pages(
        page: HistoryPage,
        history: &[HistoryEvent],
        range: (EventId, EventId),
    ) -> Vec<Vec<EventId>> {
        let mut all = Vec::new();
        let mut from = None;
        loop {
            let (events, next) = page.cut(history, range, from);
            all.push(events.iter().map(|event| event.event_id).collect());
            from = next;
            if next.is_none() {
                return all;
            }
        }
    }

    #[test]
    fn pages_join_to_the_whole_in_either_order() {
        let history = history(7);
        let page = |size, reverse| HistoryPage { size, reverse };
        let forward: [&[EventId]; 3] = [&[1, 2, 3], &[4, 5, 6], &[7]];
        assert_eq!(pages(page(3, false), &history, (1, 7)), forward);
        let backward: [&[EventId]; 3] = [&[7, 6, 5], &[4, 3, 2], &[1]];
        assert_eq!(pages(page(3, true), &history, (1, 7)), backward);
        let part: [&[EventId]; 2] = [&[3, 4], &[5]];
        assert_eq!(pages(page(2, false), &history, (3, 5)), part);
        let part: [&[EventId]; 2] = [&[5, 4], &[3]];
        assert_eq!(pages(page(2, true), &history, (3, 5)), part);
        assert_eq!(pages(page(7, false), &history, (1, 7)).len(), 1);
        assert_eq!(pages(page(0, true), &history, (1, 7)).len(), 1);
    }

    #[test]
    fn a_page_token_holds_for_its_own_history() {
        let seed = Seed::new(1);
        let token = page_token(&seed, "run-a", 5);
        assert_eq!(read_page_token(&seed, "run-a", &token), Ok(5));
        assert!(read_page_token(&seed, "run-b", &token).is_err());
        assert!(read_page_token(&Seed::new(2), "run-a", &token).is_err());
        assert!(read_page_token(&seed, "run-a", "").is_err());
    }
}
