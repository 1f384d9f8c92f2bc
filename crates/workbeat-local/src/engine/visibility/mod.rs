//! Which executions there are: lists of them by time, with filters.

mod filter;
mod info;
mod newest;
mod selection;

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use super::execution::Execution;
use super::ids::DomainKey;
use super::time::Timestamp;

pub use filter::{
    CloseStatusFilter, ExecutionTimeFilter, TagFilter, WorkflowExecutionFilter, WorkflowTypeFilter,
};
pub(super) use filter::{Filter, Filters};
pub use info::{ExecutionStatus, WorkflowExecutionInfo, WorkflowExecutionInfos};
pub use newest::ListedExecution;
pub(super) use selection::Selection;

/// A run by its time, in its domain.
type Entry = (DomainKey, Timestamp, Arc<str>);

/// What the runs are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The open ones, by their start.
    Open,
    /// The closed ones, by their start.
    ClosedByStart,
    /// The closed ones, by their close.
    ClosedByClose,
}

/// All runs in their orders, so that a page of a list costs what it shows and what it has to
/// pass over.
#[derive(Debug, Default)]
pub(super) struct Visibility {
    open: BTreeSet<Entry>,
    closed_by_start: BTreeSet<Entry>,
    closed_by_close: BTreeSet<Entry>,
}

impl Visibility {
    /// Puts a run where it belongs by now: to be called when it is started and when it closes.
    pub(super) fn place(&mut self, execution: &Execution) {
        let (started, closed) = entries(execution);
        match closed {
            None => {
                self.open.insert(started);
            }
            Some(closed) => {
                self.open.remove(&started);
                self.closed_by_start.insert(started);
                self.closed_by_close.insert(closed);
            }
        }
    }

    /// Takes a closed run out that is forgotten.
    pub(super) fn forget(&mut self, execution: &Execution) {
        let (started, closed) = entries(execution);
        self.closed_by_start.remove(&started);
        if let Some(closed) = closed {
            self.closed_by_close.remove(&closed);
        }
    }

    /// The runs of a domain in an order, from `first` on until before `end`. Those of one time
    /// come in the order of their run ids.
    fn runs(
        &self,
        order: Order,
        (first, end): (Bound<Entry>, Entry),
    ) -> impl DoubleEndedIterator<Item = &Entry> {
        let entries = match order {
            Order::Open => &self.open,
            Order::ClosedByStart => &self.closed_by_start,
            Order::ClosedByClose => &self.closed_by_close,
        };
        let none = match &first {
            Bound::Included(first) | Bound::Excluded(first) => *first >= end,
            Bound::Unbounded => false,
        };
        let range = (!none).then(|| entries.range((first, Bound::Excluded(end))));
        range.into_iter().flatten()
    }
}

/// The run by its start, and by its close if it is closed.
fn entries(execution: &Execution) -> (Entry, Option<Entry>) {
    let run_id = || execution.id.run_id.clone();
    let entry = |at| (execution.domain, at, run_id());
    (
        entry(execution.started_at),
        execution.closed.map(|closed| entry(closed.at)),
    )
}
