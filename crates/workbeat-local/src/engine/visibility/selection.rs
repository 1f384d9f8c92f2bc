//! Which executions of a domain a request means, and how one page after another is found.

use std::ops::Bound;
use std::time::Duration;

use super::{
    Entry, ExecutionTimeFilter, Filter, Order, WorkflowExecutionInfo, WorkflowExecutionInfos,
};
use crate::engine::core::Engine;
use crate::engine::execution::Execution;
use crate::engine::fault::Fault;
use crate::engine::ids::DomainKey;
use crate::engine::page::Page;
use crate::engine::time::Timestamp;

/// Which executions of a domain are meant.
#[derive(Debug)]
pub(in crate::engine) struct Selection<'a> {
    domain: DomainKey,
    order: Order,
    between: ExecutionTimeFilter,
    filter: Filter<'a>,
}

impl<'a> Selection<'a> {
    /// Open executions.
    pub(in crate::engine) fn open(
        domain: DomainKey,
        started: ExecutionTimeFilter,
        filter: Filter<'a>,
    ) -> Self {
        Self {
            domain,
            order: Order::Open,
            between: started,
            filter,
        }
    }

    /// Closed executions, which are asked for either by their start or by their close.
    pub(in crate::engine) fn closed(
        domain: DomainKey,
        started: Option<ExecutionTimeFilter>,
        closed: Option<ExecutionTimeFilter>,
        filter: Filter<'a>,
    ) -> Result<Self, Fault> {
        let (order, between) = match (started, closed) {
            (Some(started), None) => (Order::ClosedByStart, started),
            (None, Some(closed)) => (Order::ClosedByClose, closed),
            (None, None) => {
                let message = "Must specify one of startTimeFilter and closeTimeFilter";
                return Err(Fault::validation(message));
            }
            (Some(_), Some(_)) => {
                let message = "Cannot specify both startTimeFilter and closeTimeFilter";
                return Err(Fault::validation(message));
            }
        };
        Ok(Self {
            domain,
            order,
            between,
            filter,
        })
    }

    /// How many they are.
    pub(in crate::engine) fn count(&self, engine: &Engine) -> usize {
        let runs = engine.visibility.runs(self.order, self.whole());
        runs.filter_map(|run| self.found(engine, run)).count()
    }

    /// One page of them: the newest first, or, in reverse, the oldest.
    pub(in crate::engine) fn page(
        &self,
        engine: &Engine,
        page: &Page,
        reverse: bool,
    ) -> WorkflowExecutionInfos {
        let (mut first, mut end) = self.whole();
        let after = page.after().and_then(read_cursor);
        if let Some((at, run_id)) = after {
            let last = (self.domain, at, run_id.into());
            if reverse {
                first = Bound::Excluded(last);
            } else {
                end = last;
            }
        }
        let runs = engine.visibility.runs(self.order, (first, end));
        let found = |run| self.found(engine, run);
        let cursor = |(run, _): &(&Entry, _)| cursor(run);
        let (found, next_page_token) = if reverse {
            page.take(&engine.seed, runs.filter_map(found), cursor)
        } else {
            page.take(&engine.seed, runs.rev().filter_map(found), cursor)
        };
        let info = |(_, execution): &(_, &Execution)| WorkflowExecutionInfo::of(execution);
        WorkflowExecutionInfos {
            execution_infos: found.iter().map(info).collect(),
            next_page_token,
        }
    }

    /// Everything between the two times, both of which count.
    fn whole(&self) -> (Bound<Entry>, Entry) {
        let first = (self.domain, self.between.oldest_date, "".into());
        let latest = self.between.latest_date;
        let latest = latest.unwrap_or(Timestamp::from_millis(u64::MAX));
        let end = (self.domain, latest + Duration::from_millis(1), "".into());
        (Bound::Included(first), end)
    }

    fn found<'e>(&self, engine: &'e Engine, run: &'e Entry) -> Option<(&'e Entry, &'e Execution)> {
        let execution = engine.executions.get(&run.2)?;
        self.filter.takes(execution).then_some((run, execution))
    }
}

/// Where a run stands in its order.
fn cursor((_, at, run_id): &Entry) -> String {
    format!("{:x}.{run_id}", at.as_millis())
}

fn read_cursor(cursor: &str) -> Option<(Timestamp, &str)> {
    let (at, run_id) = cursor.split_once('.')?;
    let at = u64::from_str_radix(at, 16).ok()?;
    Some((Timestamp::from_millis(at), run_id))
}
