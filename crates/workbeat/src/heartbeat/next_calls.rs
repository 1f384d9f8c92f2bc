//! The calls that a pacemaker is to make, in their order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use super::seat::Seat;
use crate::moment::Moment;
use crate::task::TaskRecord;

/// How long the question for a task's timeouts may wait: they can be short ones.
const ASK_WITHIN: Duration = Duration::from_secs(1);

/// A call that is to be made for a task.
pub(super) struct NextCall {
    pub(super) record: Arc<TaskRecord>,
    pub(super) seat: Seat,
    pub(super) what: What,
}

/// Which call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A heartbeat, which was due then.
    Beat { due: Moment },
    /// The question for the task's timeouts.
    Ask,
}

/// Those that wait, the nearest deadline first, and of equals the first that came.
#[derive(Default)]
pub(super) struct NextCalls {
    calls: BinaryHeap<Reverse<Waiting>>,
    came: u64,
}

struct Waiting {
    by: Option<Moment>,
    number: u64,
    call: NextCall,
}

impl Waiting {
    /// Without a deadline comes last.
    fn order(&self) -> (bool, Option<Moment>, u64) {
        (self.by.is_none(), self.by, self.number)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

impl NextCalls {
    /// A heartbeat that was due then, of a task that is presumed lost at `deadline`, if ever.
    pub(super) fn beat(
        &mut self,
        record: Arc<TaskRecord>,
        seat: Seat,
        due: Moment,
        deadline: Option<Moment>,
    ) {
        let what = What::Beat { due };
        self.push(deadline, NextCall { record, seat, what });
    }

    /// The question for a task's timeouts, which came up at `now`.
    pub(super) fn ask(&mut self, record: Arc<TaskRecord>, seat: Seat, now: Moment) {
        let what = What::Ask;
        self.push(Some(now + ASK_WITHIN), NextCall { record, seat, what });
    }

    fn push(&mut self, by: Option<Moment>, call: NextCall) {
        self.came += 1;
        let number = self.came;
        self.calls.push(Reverse(Waiting { by, number, call }));
    }

    pub(super) fn pop(&mut self) -> Option<NextCall> {
        self.calls.pop().map(|waiting| waiting.0.call)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }
}
