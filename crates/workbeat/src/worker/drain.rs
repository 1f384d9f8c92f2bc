//! How a run ends: the drain, its cutoff, and the report.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};

use super::recent::TaskEnd;
use super::report::{DrainReport, RunError, RunningOn, Unanswered};
use super::run::{PollEnd, Running};
use super::settings::Settings;
use crate::outcome::draining;
use crate::task::{AbortReason, StopReason};
use crate::time::bounded;
use crate::told::{info, warn};

/// How long the end of a run waits for what was aborted to be gone. Only code that blocks its
/// thread needs longer, and that is reported.
const SETTLE: Duration = Duration::from_millis(50);

/// Where a drain stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drain {
    /// When what is left is failed and aborted.
    pub(super) cutoff: Instant,
    /// When the run ends.
    pub(super) deadline: Instant,
    /// Whether the cutoff has passed.
    pub(super) cut: bool,
}

impl Drain {
    fn new(settings: &Settings, now: Instant) -> Self {
        let whole = bounded(settings.drain_deadline);
        Self {
            cutoff: now + whole.saturating_sub(settings.drain_reserve()),
            deadline: now + whole,
            cut: false,
        }
    }
}

impl Running {
    /// When a drain that was cut off ends: a little before its deadline if something could not
    /// be aborted, because that must be waited for once more.
    pub(super) fn drain_end(&self, drain: Drain) -> Instant {
        if drain.cut && self.live().runs_on() {
            let earlier = drain.deadline.checked_sub(SETTLE);
            earlier.map_or(drain.deadline, |earlier| drain.cutoff.max(earlier))
        } else {
            drain.deadline
        }
    }

    pub(super) fn begin_drain(&mut self) {
        if self.drain.is_some() {
            return;
        }
        self.drain = Some(Drain::new(&self.settings, Instant::now()));
        info!(deadline = ?self.settings.drain_deadline, polls = self.polls.len(), tasks = self.tasks.len(), "the worker drains");
        self.facts.metrics.drain_began();
        self.registering.clear();
        self.tasks.close();
        self.facts.draining.cancel();
    }

    /// Fails what the drain cannot wait for, and drops its futures.
    pub(super) fn cut_off(&mut self) {
        if let Some(drain) = &mut self.drain {
            drain.cut = true;
        }
        self.facts.hurry.cancel();
        let reserve = self.settings.drain_reserve();
        let records = self.live().records();
        for record in &records {
            if record.is_claimed() {
                warn!(parent: &record.span, ?reserve, "only the reserve before the drain deadline is left, and the outcome is not accepted yet");
            } else {
                warn!(parent: &record.span, ?reserve, "only the reserve before the drain deadline is left, and the activity has not ended; it is failed and dropped");
                self.facts.metrics.task_cut_off();
            }
            record.fire(StopReason::WorkerStopping);
            self.fail(Arc::clone(record), draining(None));
            record.abort.order(AbortReason::Draining);
        }
        self.live().run_on_too(records);
    }

    /// Ends the run, and says what became of everything.
    pub(super) async fn end(&mut self, why: Unanswered) -> Result<DrainReport, RunError> {
        self.abandon();
        let drained = self.facts.draining.is_cancelled();
        self.facts.draining.cancel();
        let mut polled = Vec::new();
        if !self.runtime_ended {
            let settled = timeout(SETTLE, self.settle(!drained, &mut polled));
            // What has not settled is counted and listed below. The runtime may shut down just
            // now, and its time with it.
            let _ = AssertUnwindSafe(settled).catch_unwind().await;
        }
        // A poll that has its answer just now is not given up.
        yield_now().await;
        polled.extend(std::iter::from_fn(|| {
            self.polls.next().now_or_never().flatten()
        }));
        for (task, task_list) in polled.into_iter().filter_map(PollEnd::task) {
            let task_list = self.task_lists.get(task_list);
            let service = task_list.and_then(|list| list.source.label.as_deref());
            let metrics = &self.facts.metrics;
            metrics.ended_polled(&task.activity_type, TaskEnd::Unanswered(why));
            self.live().give_up_polled(&task, service, why);
        }
        for record in self.live().records() {
            self.live().give_up(&record, why);
        }
        let run_on = self.live().run_on();
        let still_running = run_on.iter().filter(|record| record.is_running());
        let still_running = still_running
            .map(|record| RunningOn::new(&record.task))
            .collect();
        let unanswered = self.live().unanswered();
        let report = DrainReport {
            outcomes: self.live().counts(),
            unanswered: unanswered.named,
            unanswered_omitted: unanswered.omitted,
            still_running,
            polls_given_up: self.polls.len(),
        };
        self.facts.metrics.run_ended(&report);
        if report.is_clean() {
            info!(%report, "the worker ends");
        } else {
            warn!(%report, "the worker ends, and not all is answered or over");
        }
        match self.mistake.take() {
            Some(mistake) => Err(RunError::new(mistake, report)),
            None => Ok(report),
        }
    }

    /// Waits for what was aborted, and for polls too if a service that can withdraw them hears of
    /// the end only now.
    async fn settle(&mut self, polls_too: bool, polled: &mut Vec<PollEnd>) {
        let tasks = &self.tasks;
        let senders = &mut self.senders;
        let aborted = async move {
            tasks.wait().await;
            while senders.join_next().await.is_some() {}
        };
        let mut aborted = pin!(aborted);
        let mut waits = true;
        while waits || (polls_too && !self.polls.is_empty()) {
            tokio::select! {
                biased;
                () = &mut aborted, if waits => waits = false,
                Some(ended) = self.polls.next() => polled.push(ended),
            }
        }
    }

    /// Lets go of everything that runs: the tokens fire, nothing that still comes of it is
    /// sent, nothing beats for it, and what can be aborted is.
    pub(super) fn abandon(&mut self) {
        let records = self.live().records();
        for record in &records {
            // Whoever was already sending an outcome is aborted below.
            let _ = record.claim();
            self.supervisor.pacemaker.leave(record);
            record.fire(StopReason::WorkerStopping);
        }
        self.live().run_on_too(records);
        for record in self.live().run_on() {
            record.kill();
        }
        self.senders.abort_all();
        self.tasks.close();
    }
}
