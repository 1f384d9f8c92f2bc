//! One run: a seed, from its plan to its log.

mod decider;
mod life;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::time::{sleep, sleep_until};
use workbeat::HeartbeatBudget;
use workbeat_local::LocalService;

use crate::activities::{HandedOn, Simulated};
use crate::log::{Entry, Fact, Log};
use crate::network::Network;
use crate::plan::{
    ActivityPlan, BudgetPlan, Draw, LISTS, Plan, ServicePlan, TypePlan, Weather, WorkerPlan,
};

/// What a run left behind, for the judge.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) seed: u64,
    pub(crate) service: ServicePlan,
    pub(crate) weather: Arc<Weather>,
    pub(crate) budget: BudgetPlan,
    pub(crate) types: Vec<TypePlan>,
    pub(crate) activities: Vec<ActivityPlan>,
    pub(crate) workers: Vec<WorkerPlan>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) histories: Vec<History>,
}

/// What the service's history says of one activity.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) started: Option<Duration>,
    pub(crate) requested: Vec<Duration>,
    /// The events that closed it: one at most, if all is well.
    pub(crate) closings: Vec<Closing>,
    /// When its workflow was closed over it.
    pub(crate) workflow_closed: Option<Duration>,
}

/// An event that closed an activity.
#[derive(Clone, Debug)]
pub(crate) struct Closing {
    pub(crate) at: Duration,
    pub(crate) how: Closed,
}

/// How an activity was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    Completed {
        result: Option<String>,
    },
    Failed {
        reason: Option<String>,
    },
    Canceled {
        requested: bool,
    },
    /// The name of the timeout.
    TimedOut(&'static str),
}

/// What everybody in a run has.
#[derive(Clone, Debug)]
struct Stage {
    local: LocalService,
    log: Log,
    network: Network,
    types: Vec<Simulated>,
    /// The budget that all workers share, if they do.
    budget: Option<HeartbeatBudget>,
}

/// Runs `seed` to its end, on this thread.
pub(crate) fn run(seed: u64) -> Record {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let runtime = runtime.unwrap_or_else(|error| panic!("a runtime cannot be built: {error}"));
    runtime.block_on(act(seed))
}

async fn act(seed: u64) -> Record {
    let plan = Plan::new(seed);
    let local = LocalService::builder()
        .seed(plan.service_seed)
        .poll_hold(plan.service.poll_hold)
        .phantom_polls(plan.service.phantom_polls)
        .starting_at(SystemTime::UNIX_EPOCH + decider::BEGAN)
        .build()
        .unwrap_or_else(|error| panic!("the service cannot be built: {error}"));
    let log = Log::new();
    // The service's clock begins when it is first used.
    let _ = local.pending(LISTS[0]);
    let network = Network::new(local.clone(), log.clone(), &plan);
    let (sender, handed_on) = mpsc::unbounded_channel();
    let simulated = |plan: &TypePlan| Simulated {
        plan: *plan,
        log: log.clone(),
        handed_on: sender.clone(),
    };
    let stage = Stage {
        types: plan.types.iter().map(simulated).collect(),
        local,
        log: log.clone(),
        network: network.clone(),
        budget: match plan.budget {
            BudgetPlan::Own => None,
            BudgetPlan::Learning => Some(HeartbeatBudget::learning()),
            BudgetPlan::Rate(rate) => Some(HeartbeatBudget::new(rate)),
        },
    };
    let elsewhere = tokio::spawn(elsewhere(stage.clone(), handed_on, plan.elsewhere_seed));
    let decider = tokio::spawn(decider::decide(stage.clone(), plan.activities.clone()));
    let lives = plan.workers.iter().enumerate();
    let lives: Vec<_> = lives
        .map(|(worker, plan)| tokio::spawn(life::live(stage.clone(), worker, plan.clone())))
        .collect();
    sleep_until(log.instant(plan.active)).await;
    network.calm();
    log.note(Fact::Calm);
    let handles = decider.await.unwrap_or_default();
    for life in lives {
        // Panics of a worker are noted where it is joined.
        let _ = life.await;
    }
    elsewhere.abort();
    Record {
        seed,
        service: plan.service,
        weather: plan.weather,
        budget: plan.budget,
        types: plan.types,
        activities: plan.activities,
        workers: plan.workers,
        histories: decider::histories(&handles),
        entries: log.take(),
    }
}

/// Ends most of what is handed on.
async fn elsewhere(stage: Stage, mut handed_on: mpsc::UnboundedReceiver<HandedOn>, seed: u64) {
    let mut draw = Draw::new(seed);
    while let Some(HandedOn { task, token }) = handed_on.recv().await {
        if draw.chance(0.3) {
            continue;
        }
        let after = Duration::from_millis(draw.magnitude(1..=30_000));
        let stage = stage.clone();
        tokio::spawn(async move {
            use workbeat::ActivityService;
            sleep(after).await;
            if stage
                .local
                .complete(&token, Some("\"elsewhere\""))
                .await
                .is_ok()
            {
                stage.log.note(Fact::CompletedElsewhere(task));
            }
        });
    }
}
