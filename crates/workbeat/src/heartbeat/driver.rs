//! Does what the schedule says is due, for all tasks of a worker.

use std::sync::Arc;

use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use super::next_calls::{NextCall, NextCalls, What};
use super::pacemaker::{Driver, Shared};
use super::schedule::Due;
use super::seat::Seat;
use super::under_way::CallsUnderWay;
use crate::moment::Moment;
use crate::span::Within;
use crate::task::{AbortReason, StopReason, TaskRecord};
use crate::told::{debug, told, warn};

impl Shared {
    /// Looks what is due: says what is to be said, and adds the calls that are to be made.
    fn look(&self, calls: &mut NextCalls) {
        let mut passed = Vec::new();
        let mut state = self.state();
        let now = Instant::now();
        state.driver = Driver::Awake;
        while let Some(arriving) = state.arrivals.pop(now.into()) {
            self.seat(&mut state, arriving);
        }
        let slept = state.look_at_clocks(now);
        let mut lost = Vec::new();
        let mut shortages = Vec::new();
        for lane in state.lanes.each() {
            let mut let_go = false;
            for (seat, due) in lane.schedule.due(now) {
                let_go |= due == Due::LetGo;
                let deadline = lane.schedule.deadline(seat);
                let Some(task) = lane.schedule.get_mut(seat) else {
                    continue;
                };
                if let Due::Beat { late } = due {
                    let due = Moment::from(now).before(late);
                    calls.beat(Arc::clone(&task.record), seat, due, deadline);
                    continue;
                }
                if due == Due::HeartbeatLost
                    && let Some(failures) = task.failures.untold()
                {
                    lost.push((Arc::clone(&task.record), failures));
                }
                passed.push((Arc::clone(&task.record), due));
            }
            shortages.extend(lane.shortage(let_go, now));
        }
        let to_ask = std::mem::take(&mut state.to_ask);
        for record in &to_ask {
            if let Some(seat) = Seat::of(record)
                && state.schedule(record).get_mut(seat).is_some()
            {
                calls.ask(Arc::clone(record), seat, now.into());
            }
        }
        // What a token, a subscriber or a record's end sets off is not run under the lock.
        drop(state);
        drop(to_ask);
        if let Some(slept) = slept {
            warn!(
                ?slept,
                "the machine was suspended; every heartbeat is due now"
            );
        }
        for (record, failures) in lost {
            failures.say(&record, now);
        }
        for (record, due) in passed {
            // A token's waker is the application's code.
            let _: Option<()> = told(|| say(&record, due));
        }
        for shortage in shortages {
            shortage.say();
        }
    }

    /// Makes a call, and keeps it if it has to wait.
    async fn make(self: &Arc<Self>, call: NextCall, under_way: &mut CallsUnderWay) {
        let NextCall { record, seat, what } = call;
        match what {
            What::Beat { due } => {
                let beat = Arc::clone(self).beat(Arc::clone(&record), seat, due);
                let within = Within::span_of(Arc::clone(&record), beat);
                let waits = under_way.begin(within).await;
                if let Some(withdraw) = waits {
                    match self.state().schedule(&record).get_mut(seat) {
                        Some(task) => task.call = Some(withdraw),
                        None => withdraw.withdraw(),
                    }
                }
            }
            What::Ask => {
                let ask = Arc::clone(self).ask(Arc::clone(&record), seat);
                under_way.begin(Within::span_of(record, ask)).await;
            }
        }
    }

    /// Until when the driver sleeps, unless it is woken.
    fn fall_asleep(&self) -> Option<Instant> {
        let mut state = self.state();
        let next_look = state.suspended.next_look();
        let until = state.next_wake().into_iter().chain(next_look);
        let until = until.min();
        state.driver = Driver::Asleep(until);
        until
    }
}

/// Tells the task what became due.
fn say(record: &TaskRecord, due: Due) {
    let metrics = &record.worker.metrics;
    match due {
        Due::Beat { .. } => {}
        Due::LetGo => {
            record.set_let_go(true);
            metrics.heartbeat_let_go(record);
            debug!(parent: &record.span, "the budget has no room for the task's heartbeats");
        }
        Due::Kept => {
            record.set_let_go(false);
            debug!(parent: &record.span, "the task's heartbeats are let go no longer");
        }
        Due::HeartbeatLost => {
            metrics.heartbeat_lost(record);
            record.fire(StopReason::HeartbeatLost);
        }
        Due::TimedOut => record.fire(StopReason::TimedOut),
        #[cfg(workbeat_seeded_faults)]
        Due::GraceExpired if crate::seeded_faults::SeededFault::ForgetsGrace.is_planted() => {}
        Due::GraceExpired => record.abort.order(AbortReason::GraceExpired),
    }
}

/// How many calls begin, and how many answers are dealt with, before other tasks of the runtime
/// have a turn.
const AT_ONCE: usize = 32;

pub(super) async fn drive(shared: Arc<Shared>) {
    let mut under_way = CallsUnderWay::default();
    let mut next = NextCalls::default();
    loop {
        shared.look(&mut next);
        for _ in 0..AT_ONCE {
            let Some(call) = next.pop() else { break };
            shared.make(call, &mut under_way).await;
        }
        let more_ended = under_way.end(AT_ONCE);
        if more_ended || !next.is_empty() {
            yield_now().await;
            continue;
        }
        let until = shared.fall_asleep();
        tokio::select! {
            biased;
            () = under_way.one_ends() => {}
            () = shared.wake.notified() => {}
            () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
        }
    }
}
