//! The slots of a worker, by what holds them.

use std::sync::atomic::{AtomicI64, Ordering};

use super::instrument::{Each, Gauge};
use super::label::SLOT_STATE;
use super::table::SLOTS;
use super::values::SlotState;

/// The share of one worker in the gauge of slots. Every step is told as a difference, so that
/// workers add up and no order of steps leaves a wrong figure; when it is dropped, its share is
/// taken back.
#[derive(Debug, Default)]
pub(super) struct Slots {
    gauges: Each<SlotState, ::metrics::Gauge>,
    polls: AtomicI64,
    tasks: AtomicI64,
    free: AtomicI64,
}

impl Slots {
    pub(super) fn new(slots: usize) -> Self {
        let new = Self {
            gauges: Each::new(|state| SLOTS.gauge(vec![SLOT_STATE.is(state)])),
            polls: AtomicI64::new(0),
            tasks: AtomicI64::new(0),
            free: AtomicI64::new(0),
        };
        new.change(SlotState::Free, i64::try_from(slots).unwrap_or(i64::MAX));
        new
    }

    /// A slot that was `from` is now `to`.
    pub(super) fn pass(&self, from: SlotState, to: SlotState) {
        self.change(from, -1);
        self.change(to, 1);
    }

    fn held(&self, state: SlotState) -> &AtomicI64 {
        match state {
            SlotState::Poll => &self.polls,
            SlotState::Task => &self.tasks,
            SlotState::Free => &self.free,
        }
    }

    fn change(&self, state: SlotState, by: i64) {
        self.held(state).fetch_add(by, Ordering::Relaxed);
        self.gauges.of(state, |gauge: &Gauge| gauge.add(by));
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        for state in [SlotState::Poll, SlotState::Task, SlotState::Free] {
            let left = self.held(state).load(Ordering::Relaxed);
            self.change(state, -left);
        }
    }
}
