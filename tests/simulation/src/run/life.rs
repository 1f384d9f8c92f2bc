//! The lives of a worker: built, paused, drained, stopped, dropped, built again.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{sleep, sleep_until};
use tokio_util::task::AbortOnDropHandle;
use workbeat::service::TaskToken;
use workbeat::worker::{DrainReport, RunError};
use workbeat::{HeartbeatBudget, Worker, WorkerHandle};

use super::Stage;
use crate::log::{Fact, LifeId, LifeReport, TaskId};
use crate::plan::{LISTS, LifeEnd, LifePlan, WorkerPlan};

/// How long everything may take to come to its end once it is calm.
const LONGEST: Duration = Duration::from_secs(4 * 3_600);

/// How often the status of the budget is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// All lives of one worker.
pub(super) async fn live(stage: Stage, worker: usize, plan: WorkerPlan) {
    for (life, life_plan) in plan.lives.iter().enumerate() {
        sleep_until(stage.log.instant(life_plan.from)).await;
        let life = LifeId { worker, life };
        let budget = stage.budget.clone().unwrap_or_default();
        let (handle, run) = begin(&stage, life, &plan, life_plan, &budget);
        let watched = watch_budget(stage.clone(), life, handle.clone(), budget);
        let watched = AbortOnDropHandle::new(tokio::spawn(watched));
        steer(&stage, life, life_plan, &handle, &run).await;
        if run.await.is_err_and(|error| error.is_panic()) {
            stage.log.note(Fact::RunPanicked(life));
        }
        drop(watched);
        // What was aborted is dropped when its turn comes.
        sleep(Duration::from_millis(1)).await;
        let held = handle.status().slots_held;
        stage.log.note(Fact::SlotsAtEnd(life, held));
    }
}

fn begin(
    stage: &Stage,
    life: LifeId,
    plan: &WorkerPlan,
    life_plan: &LifePlan,
    budget: &HeartbeatBudget,
) -> (WorkerHandle, JoinHandle<()>) {
    let mut builder = Worker::builder(stage.network.line(life))
        .seed(life_plan.seed)
        .identity(format!("w{}.{}", life.worker, life.life))
        .slots(plan.slots)
        .max_concurrent_polls(plan.polls)
        .unknown_type(plan.unknown)
        .heartbeat_interval(plan.interval)
        .heartbeat_budget(budget.clone())
        .drain_deadline(plan.drain_deadline)
        .register_types(plan.registers);
    for list in &plan.lists {
        builder = builder.task_list(*list);
    }
    for simulated in &stage.types {
        builder = builder.activity(simulated.clone());
        if let Some(limit) = simulated.plan.limit {
            builder = builder.activity_limit(simulated.plan.name.as_str(), "1.0", limit);
        }
    }
    let worker = builder.build();
    let worker = worker.unwrap_or_else(|error| panic!("the plan is no worker: {error}"));
    stage.log.note(Fact::LifeBegan(life));
    let handle = worker.handle();
    let run = watched(stage.clone(), life, worker.run());
    (handle, tokio::spawn(run))
}

/// Notes what the status says of the budget, whenever that changes.
async fn watch_budget(stage: Stage, life: LifeId, handle: WorkerHandle, budget: HeartbeatBudget) {
    let mut stretch: Option<f64> = None;
    let mut let_go: BTreeSet<TaskId> = BTreeSet::new();
    loop {
        let status = budget.status();
        let moved = match (stretch, status.stretch) {
            (Some(before), Some(now)) => (before - now).abs() > 0.02,
            (before, now) => before != now,
        };
        if moved {
            stretch = status.stretch;
            stage.log.note(Fact::Stretched(life, stretch));
        }
        if status.let_go > 0 || !let_go.is_empty() {
            let running = handle.status().running;
            let gone = running.iter().filter(|activity| activity.let_go);
            let gone = gone.map(|activity| stage.network.name(&activity.task_token));
            let gone: BTreeSet<_> = gone.collect();
            for task in gone.difference(&let_go) {
                stage.log.note(Fact::LetGo(*task));
            }
            for task in let_go.difference(&gone) {
                stage.log.note(Fact::Kept(*task));
            }
            let_go = gone;
        }
        sleep(LOOK).await;
    }
}

/// The run of a worker, which notes how it ended, also if it is dropped before it began.
fn watched(
    stage: Stage,
    life: LifeId,
    run: impl Future<Output = Result<DrainReport, RunError>>,
) -> impl Future<Output = ()> {
    let mut dropped = Dropped {
        stage,
        life: Some(life),
    };
    async move {
        // Here, so that it is dropped before the note is made.
        let run = run;
        let ended = run.await;
        dropped.life = None;
        let stage = &dropped.stage;
        let (report, failed) = match ended {
            Ok(report) => (report, false),
            Err(error) => (error.into_report(), true),
        };
        let name = |token: &TaskToken| stage.network.name(token);
        let report = Box::new(LifeReport::new(&report, failed, name));
        stage.log.note(Fact::RunEnded(life, report));
    }
}

struct Dropped {
    stage: Stage,
    life: Option<LifeId>,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        if let Some(life) = self.life {
            self.stage.log.note(Fact::RunDropped(life));
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Pause,
    Resume,
    End,
}

/// Does to a worker what the plan says, until it has been told to end.
async fn steer(
    stage: &Stage,
    life: LifeId,
    plan: &LifePlan,
    handle: &WorkerHandle,
    run: &JoinHandle<()>,
) {
    let mut steps = vec![(plan.until, Step::End)];
    for pause in &plan.pauses {
        steps.push((pause.from, Step::Pause));
        steps.push((pause.until, Step::Resume));
    }
    steps.sort();
    for (at, step) in steps {
        tokio::select! {
            biased;
            () = handle.ended() => return,
            () = sleep_until(stage.log.instant(at)) => {}
        }
        match step {
            Step::Pause => {
                handle.pause();
                stage.log.note(Fact::Paused(life));
            }
            Step::Resume => {
                stage.log.note(Fact::Resumed(life));
                handle.resume();
            }
            Step::End => return end(stage, life, plan.end, handle, run).await,
        }
    }
}

async fn end(
    stage: &Stage,
    life: LifeId,
    end: LifeEnd,
    handle: &WorkerHandle,
    run: &JoinHandle<()>,
) {
    let drain = || {
        stage.log.note(Fact::DrainAsked(life));
        handle.drain();
    };
    match end {
        LifeEnd::Drain => drain(),
        LifeEnd::DrainThenStop(after) => {
            drain();
            sleep(after).await;
            stage.log.note(Fact::StopAsked(life));
            // The second drain is the impatient one.
            handle.drain();
        }
        LifeEnd::Stop => {
            stage.log.note(Fact::StopAsked(life));
            handle.stop();
        }
        LifeEnd::Drop => run.abort(),
        LifeEnd::Last => {
            settled(stage, handle).await;
            drain();
        }
    }
}

/// Waits until no list has a task and the worker holds none.
async fn settled(stage: &Stage, handle: &WorkerHandle) {
    let pending = || -> usize {
        let lists = LISTS.iter();
        lists
            .filter_map(|list| stage.local.pending(*list).ok())
            .sum()
    };
    let limit = stage.log.now() + LONGEST;
    loop {
        // At least once, for what the decider does in the very last moment.
        sleep(Duration::from_secs(1)).await;
        let (held, pending) = (handle.status().running.len(), pending());
        if held + pending == 0 {
            return;
        }
        if stage.log.now() > limit {
            stage.log.note(Fact::Stuck { held, pending });
            return;
        }
    }
}
