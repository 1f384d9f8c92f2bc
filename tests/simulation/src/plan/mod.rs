//! What a seed stands for: everything that is drawn before the run begins.
//!
//! Which faults and which kinds of activities are in a run at all is drawn first, and then how
//! strong they are. A run with few of them in great strength finds what a run with a little of
//! everything hides.

mod activities;
mod draw;
mod weather;
mod workers;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use activities::{ActivityPlan, Kind, TypePlan};
pub(crate) use draw::Draw;
pub(crate) use weather::{Bucket, StormKind, Weather};
pub(crate) use workers::{BudgetPlan, LifeEnd, LifePlan, WorkerPlan};

/// The task lists of a run.
pub(crate) const LISTS: [&str; 3] = ["north", "south", "west"];

/// Everything that is drawn from a seed.
#[derive(Debug)]
pub(crate) struct Plan {
    /// For how long faults and steering go on. After that the network is good, and one worker
    /// is left to bring everything to its end.
    pub(crate) active: Duration,
    pub(crate) service: ServicePlan,
    pub(crate) weather: Arc<Weather>,
    pub(crate) types: Vec<TypePlan>,
    pub(crate) activities: Vec<ActivityPlan>,
    pub(crate) workers: Vec<WorkerPlan>,
    pub(crate) budget: BudgetPlan,
    /// For what happens while the run goes on.
    pub(crate) network_seed: u64,
    pub(crate) elsewhere_seed: u64,
    pub(crate) service_seed: u64,
}

/// How the service is set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServicePlan {
    /// How long it holds a poll.
    pub(crate) poll_hold: Duration,
    /// Whether it can end a poll without losing a task. Amazon SWF cannot.
    pub(crate) withdraws_polls: bool,
    /// Whether it notices that a client gave up its poll.
    pub(crate) notices_gone: bool,
    /// Whether such a poll keeps its place all the same.
    pub(crate) phantom_polls: bool,
    /// Whether it can be asked for a task's timeouts. Amazon SWF cannot.
    pub(crate) tells_timeouts: bool,
}

impl Plan {
    /// Draws everything.
    pub(crate) fn new(seed: u64) -> Self {
        let mut draw = Draw::new(seed ^ 0x5eed_0f57_0c4a_57ed);
        let active = Duration::from_millis(draw.magnitude(60_000..=600_000));
        let service = ServicePlan {
            poll_hold: Duration::from_secs(draw.one(&[60, 60, 20, 5, 1])),
            withdraws_polls: draw.chance(0.5),
            notices_gone: draw.chance(0.5),
            phantom_polls: draw.chance(0.5),
            tells_timeouts: draw.chance(0.6),
        };
        let types = activities::types(&mut draw.fork());
        let workers = workers::workers(&mut draw.fork(), active);
        Self {
            active,
            service,
            weather: Arc::new(weather::weather(&mut draw.fork(), active, workers.len())),
            activities: activities::activities(&mut draw.fork(), active, &types),
            types,
            workers,
            budget: workers::budget(&mut draw.fork()),
            network_seed: draw.seed(),
            elsewhere_seed: draw.seed(),
            service_seed: draw.seed(),
        }
    }
}
