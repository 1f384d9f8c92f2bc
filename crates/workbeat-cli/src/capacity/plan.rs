//! The answer: how many workers, what interval, which quota to raise.

use std::collections::BTreeSet;
use std::time::Duration;

use super::quota::ROUNDING;
use super::{Group, Heartbeats, OPEN_ACTIVITIES, POLLERS, Quota, Use};

/// What of a rate that it is told a budget keeps every task with.
pub(crate) const PROMISED: f64 = 0.95;

/// What of a quota workers keep every task with that learn it among each other.
pub(crate) const LEARNED: f64 = 0.9;

/// How many tasks of the shortest timeout a worker's share of the quota must carry for that. Fifty
/// workers whose shares carry 1,100 lose none, and fifty whose shares carry 32 do: where timeouts are
/// short against what a worker may send, it is throttled too seldom to learn in time.
pub(crate) const CARRIED: f64 = 1_000.0;

/// How long Amazon SWF holds an idle poll.
const POLL_HOLD: Duration = Duration::from_secs(60);

/// Polls of each task list that an idle worker has out, unless it is told otherwise; each holds a slot.
const POLLS_OF_A_WORKER: u64 = 2;

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// What runs at once; not empty.
    pub(crate) groups: Vec<Group>,
    /// How long an activity lasts, if that is known.
    pub(crate) duration: Option<Duration>,
    /// Slots of a worker, one or more.
    pub(crate) slots: u64,
    /// How many activities of one workflow execution run at once, if that is asked about.
    pub(crate) in_one_execution: Option<u64>,
    /// What is to be left of each quota, from 0 to 1.
    pub(crate) margin: f64,
    /// The quota of heartbeats.
    pub(crate) heartbeats: Quota,
    /// The quota of heartbeats of one workflow execution.
    pub(crate) of_an_execution: Quota,
    /// The quota of polls for activity tasks.
    pub(crate) polls: Quota,
    /// The quotas of which each task takes one call.
    pub(crate) once_a_task: Vec<Quota>,
}

impl Question {
    /// All activities.
    pub(crate) fn activities(&self) -> u64 {
        self.groups.iter().map(|group| group.activities).sum()
    }

    /// How many begin and end a second, if it is known how long they last.
    pub(crate) fn tasks_a_second(&self) -> Option<f64> {
        let duration = self.duration?;
        Some(self.activities() as f64 / duration.as_secs_f64())
    }
}

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    /// How it ends.
    pub(crate) verdict: Verdict,
    /// All activities.
    pub(crate) activities: u64,
    /// Intervals, and who is let go.
    pub(crate) heartbeats: Heartbeats,
    /// Each quota, that of heartbeats first.
    pub(crate) quotas: Vec<Use>,
    /// Activities of one workflow execution against how many may be open, if that is asked about.
    pub(crate) executions: Option<Executions>,
    /// The quota of heartbeats with which no interval is stretched.
    pub(crate) quota_of_normal_intervals: u64,
    /// The heartbeat timeouts that fit today's quota, in whole seconds: as they are, or all of them
    /// longer in the same proportion.
    pub(crate) timeouts_that_fit: Vec<Duration>,
    /// How many activities of this mix fit today's quota.
    pub(crate) activities_that_fit: u64,
    /// How many workers there must be.
    pub(crate) workers: u64,
    /// How many polls are out when all of them are idle.
    pub(crate) idle_polls: u64,
    /// Over how many task lists these must be spread.
    pub(crate) task_lists: u64,
    /// What of the quota each worker gets.
    pub(crate) rate_of_a_worker: f64,
    /// How many tasks of the shortest timeout that carries.
    pub(crate) share_carries: f64,
    /// If what a worker gets is too small for its part of the activities: how many slots would make
    /// workers few enough.
    pub(crate) slots_that_share: Option<u64>,
    /// Whether workers that learn among each other are known to keep every task.
    pub(crate) can_learn: bool,
    /// Of each group whether its activities are over before their first heartbeat.
    pub(crate) silent: Vec<bool>,
}

/// Activities of one workflow execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Executions {
    /// How many run at once in one.
    pub(crate) activities: u64,
    /// Whether so many may be open.
    pub(crate) fits: bool,
}

/// How it ends for the tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every task is kept, every quota does, and the margin is left.
    Fits,
    /// Every task is kept, but the margin of the heartbeats is not left.
    Tight,
    /// Past what is promised: a call that takes its time can cost a task.
    TooTight,
    /// There are more heartbeats than the quota carries.
    LetsGo,
    /// Heartbeats fit, and another quota does not.
    OtherQuota,
    /// The quota carries all, but what each of so many workers gets of it does not carry its part.
    SmallShares,
}

impl Verdict {
    /// Its name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Tight => "tight",
            Self::TooTight => "tooTight",
            Self::LetsGo => "letsGo",
            Self::OtherQuota => "otherQuota",
            Self::SmallShares => "smallShares",
        }
    }

    /// Whether the budget promises to keep every task.
    pub(crate) fn keeps_every_task(self) -> bool {
        matches!(self, Self::Fits | Self::Tight | Self::OtherQuota)
    }
}

impl Plan {
    /// Answers.
    pub(crate) fn of(question: &Question) -> Self {
        let rate = question.heartbeats.rate;
        let silent = |group: &Group| question.duration.is_some_and(|it| group.is_silent(it));
        let beating = question.groups.iter().map(|group| Group {
            activities: if silent(group) { 0 } else { group.activities },
            ..group.clone()
        });
        let beating: Vec<_> = beating.collect();
        let beats = beating.iter().any(|group| group.activities > 0);
        // A budget cannot know that an activity will end before its first heartbeat, and keeps calls
        // for it like for any other. Where nobody sends any, nobody misses them.
        let counted = if beats { &question.groups } else { &beating };
        let mut heartbeats = Heartbeats::of(counted, rate);
        let silent = beating.iter().map(|group| group.activities == 0);
        let silent = silent.collect::<Vec<_>>();
        heartbeats.silence(&silent);
        let activities = question.activities();
        let workers = u64::div_ceil(activities, question.slots);
        let idle_polls = workers.saturating_mul(POLLS_OF_A_WORKER.min(question.slots));
        let used = |quota, needed| Use::new(quota, needed, question.margin);

        let of_heartbeats = used(question.heartbeats, heartbeats.need);
        let mut quotas = vec![of_heartbeats];
        let tasks = question.tasks_a_second();
        let idle = idle_polls as f64 / POLL_HOLD.as_secs_f64();
        // Idle polls are not out while tasks come, but some of the workers may be idle.
        quotas.push(used(question.polls, tasks.unwrap_or(0.0) + idle));
        if let Some(tasks) = tasks {
            quotas.extend(question.once_a_task.iter().map(|quota| used(*quota, tasks)));
        }
        let executions = question.in_one_execution.map(|activities| Executions {
            activities,
            fits: activities <= OPEN_ACTIVITIES,
        });
        if let Some(in_one) = question.in_one_execution {
            let calls = busiest(&beating, heartbeats.stretch, in_one);
            quotas.push(used(question.of_an_execution, calls));
        }

        let room = rate * (1.0 - question.margin);
        let factor = (heartbeats.need / room).max(1.0);
        let longer = |group: &Group| {
            if factor > 1.0 {
                let seconds = group.timeout.as_secs_f64() * factor / ROUNDING;
                Duration::try_from_secs_f64(seconds.ceil()).unwrap_or(Duration::MAX)
            } else {
                group.timeout
            }
        };
        let slots_that_share = (beats && !share_carries_part(counted, workers, rate))
            .then(|| slots_that_share(counted, workers, rate));
        let verdict = match verdict(&quotas, executions, &heartbeats, rate) {
            kept if kept.keeps_every_task() && slots_that_share.is_some() => Verdict::SmallShares,
            verdict => verdict,
        };
        // Positive, and what is past the largest number becomes that.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (quota_of_normal_intervals, activities_that_fit) = (
            (heartbeats.demand / ROUNDING).ceil().max(1.0) as u64,
            (activities as f64 * room / heartbeats.need * ROUNDING) as u64,
        );
        let rate_of_a_worker = rate / workers as f64;
        let heard = beating.iter().filter(|group| group.activities > 0);
        let shortest = heard.map(|group| group.timeout).min();
        let share_carries = rate_of_a_worker * shortest.unwrap_or_default().as_secs_f64();
        let can_learn = heartbeats.need <= rate * LEARNED * ROUNDING && share_carries >= CARRIED;
        Self {
            verdict,
            activities,
            quota_of_normal_intervals,
            timeouts_that_fit: counted.iter().map(longer).collect(),
            activities_that_fit,
            quotas,
            executions,
            workers,
            idle_polls,
            task_lists: idle_polls.div_ceil(POLLERS),
            rate_of_a_worker,
            share_carries,
            slots_that_share,
            can_learn,
            silent,
            heartbeats,
        }
    }

    /// Whether there are heartbeats at all.
    pub(crate) fn beats(&self) -> bool {
        self.silent.contains(&false)
    }

    /// Whether every task is kept, with the margin, and every quota does.
    pub(crate) fn fits(&self) -> bool {
        self.verdict == Verdict::Fits
    }

    /// How late a cancellation can be heard of by tasks that are kept, where calls take no time.
    pub(crate) fn cancellation(&self) -> Option<Duration> {
        self.heartbeats.intervals.iter().flatten().max().copied()
    }
}

fn verdict(
    quotas: &[Use],
    executions: Option<Executions>,
    heartbeats: &Heartbeats,
    rate: f64,
) -> Verdict {
    let of_heartbeats = quotas.first().is_none_or(|quota| quota.fits);
    if heartbeats.lost() > 0 {
        Verdict::LetsGo
    } else if heartbeats.need > rate * PROMISED * ROUNDING {
        Verdict::TooTight
    } else if !of_heartbeats {
        Verdict::Tight
    } else if quotas.iter().any(|quota| !quota.fits) || executions.is_some_and(|it| !it.fits) {
        Verdict::OtherQuota
    } else {
        Verdict::Fits
    }
}

/// Whether a worker's share of `rate` keeps the activities that it has if all have as many. Where it
/// has some of each timeout, it counts off each the time of a call for each other one, as two can want
/// their turn at the same moment; but a quarter at most.
fn share_carries_part(groups: &[Group], workers: u64, rate: f64) -> bool {
    if workers < 2 {
        return true;
    }
    let share = rate / workers as f64;
    let timeouts: BTreeSet<_> = groups.iter().map(|group| group.timeout).collect();
    let counted_off = timeouts.len().saturating_sub(1) as f64 / share;
    let needs = groups.iter().map(|group| {
        let part = group.activities.div_ceil(workers) as f64;
        let timeout = group.timeout.as_secs_f64();
        part / (timeout - counted_off.min(timeout / 4.0))
    });
    needs.sum::<f64>() < share
}

/// How many slots make workers so few that a share carries its part.
fn slots_that_share(groups: &[Group], workers: u64, rate: f64) -> u64 {
    let activities: u64 = groups.iter().map(|group| group.activities).sum();
    let fewer = std::iter::successors(Some(workers), |workers| Some(workers / 2));
    let fewer = fewer.skip(1).take_while(|workers| *workers > 1);
    let enough = fewer
        .into_iter()
        .find(|workers| share_carries_part(groups, *workers, rate));
    activities.div_ceil(enough.unwrap_or(1))
}

/// Heartbeats a second of one workflow execution that has so many of the most frequent.
fn busiest(groups: &[Group], stretch: f64, in_one: u64) -> f64 {
    let interval = |group: &Group| {
        let stretched = group.timeout.as_secs_f64() * stretch.min(1.0);
        group.mean_interval().max(stretched)
    };
    let mut by_interval: Vec<_> = groups.iter().collect();
    by_interval.sort_by(|a, b| interval(a).total_cmp(&interval(b)));
    let (mut left, mut calls) = (in_one, 0.0);
    for group in by_interval {
        let taken = group.activities.min(left);
        left -= taken;
        calls += taken as f64 / interval(group);
    }
    calls
}

#[cfg(test)]
#[path = "plan_tests.rs"]
pub(super) mod tests;
