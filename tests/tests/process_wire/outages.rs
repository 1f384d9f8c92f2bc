//! A network that is away for 24 s, in real time, and comes back.

use std::collections::BTreeSet;
use std::time::Duration;

use libtest_mimic::Trial;
use tokio::time::Instant;
use tracing::Level;
use workbeat::worker::OutcomeCounts;
use workbeat_server::LocalServer;
use workbeat_tests::{Events, Greeting, Spawned, eventually, run, seconds};

use crate::judge::{given, judge};
use crate::stage::{HEARTBEAT_TIMEOUT, Stage, ids};
use crate::trial;

/// Not when a call of 10 s ends: what is then answered is heard by nobody, and looks as if it were.
const OUTAGE: Duration = Duration::from_secs(24);

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![
        trial(
            "outages::a_server_that_refuses_for_24_s_costs_no_task",
            refused,
        ),
        trial(
            "outages::a_network_in_which_nothing_passes_for_24_s_costs_no_task",
            nothing_passes,
        ),
        trial(
            "outages::a_drain_while_nothing_passes_ends_in_time_and_lists_every_token",
            drained_while_nothing_passes,
        ),
        trial(
            "outages::connections_that_are_accepted_and_stall_cost_no_task",
            some_connections_stall,
        ),
    ];
    // A poll is given up after 75 s, because a service may hold it for 60 s.
    if std::env::var_os("WORKBEAT_LONG").is_some() {
        trials.push(trial(
            "outages::when_every_poll_stalls_they_are_given_up_in_the_end_and_others_bring_tasks",
            every_poll_stalls,
        ));
    }
    trials
}

/// Some activities live through the outage, some end in it, some are canceled in it and some
/// scheduled in it.
struct Load {
    stage: Stage,
    worker: Spawned,
    canceled: Vec<String>,
    scheduled: Vec<String>,
    events: Events,
}

impl Load {
    async fn begin() -> Self {
        let events = Events::capture_from(Level::DEBUG);
        let stage = Stage::with(LocalServer::builder().poll_hold(seconds(1))).await;
        let canceled = ids("cancel", 6);
        let first = [ids("late", 6), ids("complete", 6), ids("fail", 6)].concat();
        let first = [first, canceled.clone()].concat();
        stage.schedule(&first, HEARTBEAT_TIMEOUT).await;
        let worker = run(stage.worker());
        worker.holds(first.len()).await;
        eventually("all beat", || {
            let running = worker.handle.status().running;
            running.iter().all(|it| it.since_last_heartbeat.is_some())
        })
        .await;
        Self {
            stage,
            worker,
            canceled,
            scheduled: ids("complete-in-it", 6),
            events,
        }
    }

    /// What happens at the service and in the worker while they are apart.
    async fn during(&self) {
        let began = Instant::now();
        self.stage.acts.go();
        self.stage.signal().await;
        self.stage
            .schedule(&self.scheduled, HEARTBEAT_TIMEOUT)
            .await;
        self.stage.request_cancel(&self.canceled).await;
        eventually("the outage is over", || began.elapsed() >= OUTAGE).await;
        assert!(self.count(Level::DEBUG, "the heartbeat failed and is tried again") > 0);
        assert!(self.count(Level::WARN, "the outcome is not accepted yet") > 0);
    }

    fn count(&self, level: Level, text: &str) -> usize {
        self.events.count(level, text)
    }

    /// What must have become of everything. Gives the ids of the phantoms.
    async fn end(self) -> BTreeSet<String> {
        let Self { stage, worker, .. } = self;
        eventually("what was scheduled in the outage is done", || {
            let ran = stage.acts.ran();
            let running = worker.handle.status().running;
            self.scheduled.iter().all(|id| ran.contains_key(id)) && running.len() == 6
        })
        .await;
        stage.acts.end();
        worker.holds(0).await;
        let report = worker.drain().await;
        assert!(report.is_clean(), "{report}");
        judge(&stage.history().await, &stage.proxy, &stage.acts, &report)
    }
}

async fn refused() {
    let load = Load::begin().await;
    load.stage.proxy.vanish().await;
    load.during().await;
    assert!(load.count(Level::WARN, "the poll failed") > 0);
    load.stage.proxy.come_back().await;
    eventually("it says that it polls again", || {
        load.count(Level::WARN, "a poll succeeded again") > 0
    })
    .await;
    let phantoms = load.end().await;
    assert!(phantoms.is_empty(), "{phantoms:?}");
}

async fn nothing_passes() {
    let load = Load::begin().await;
    load.stage.proxy.hold();
    load.during().await;
    load.stage.proxy.release();
    let phantoms = load.end().await;
    assert!(phantoms.is_empty(), "{phantoms:?}");
}

async fn drained_while_nothing_passes() {
    let stage = Stage::with(LocalServer::builder()).await;
    let first = ids("late", 6);
    stage.schedule(&first, HEARTBEAT_TIMEOUT).await;
    let worker = run(stage.worker().drain_deadline(seconds(10)));
    worker.holds(first.len()).await;
    eventually("two polls are out", || stage.server.parked_polls() == 2).await;
    stage.proxy.hold();
    let began = Instant::now();
    let report = worker.drain().await;
    // The deadline is 10 s, and the machine may be slow; a poll would end after 75 s.
    assert!(began.elapsed() < seconds(60), "{:?}", began.elapsed());
    let listed: BTreeSet<_> = report
        .unanswered
        .iter()
        .map(|task| task.token.expose().to_owned())
        .collect();
    let given = given(&stage.proxy).into_iter().map(|given| given.token);
    assert_eq!(listed, given.collect(), "{report}");
    assert_eq!(report.unanswered.len(), first.len(), "{report}");
    assert_eq!(report.outcomes, OutcomeCounts::default(), "{report}");
    assert_eq!(report.polls_given_up, 2, "{report}");
}

/// As behind a load balancer of whose servers one hangs.
async fn some_connections_stall() {
    let stage = Stage::new().await;
    stage.proxy.greet(|number| match number % 3 {
        0 => Greeting::Stall,
        _ => Greeting::Serve,
    });
    let first = [ids("complete", 6), ids("fail", 6)].concat();
    stage.schedule(&first, HEARTBEAT_TIMEOUT).await;
    // Each stalled connection takes a poll with it at worst.
    let worker = run(stage.worker().max_concurrent_polls(20));
    worker.holds(first.len()).await;
    eventually("all beat", || {
        let running = worker.handle.status().running;
        running.iter().all(|it| it.since_last_heartbeat.is_some())
    })
    .await;
    stage.acts.go();
    worker.holds(0).await;
    let report = worker.drain().await;
    let phantoms = judge(&stage.history().await, &stage.proxy, &stage.acts, &report);
    assert!(phantoms.is_empty(), "{phantoms:?}");
}

async fn every_poll_stalls() {
    let stage = Stage::new().await;
    stage.proxy.greet(|number| match number {
        1..=2 => Greeting::Stall,
        _ => Greeting::Serve,
    });
    let first = ids("complete", 3);
    stage.acts.go();
    let worker = stage.worker().register_types(false);
    let worker = run(worker);
    stage.schedule(&first, HEARTBEAT_TIMEOUT).await;
    let began = Instant::now();
    eventually("all are done", || {
        worker.handle.status().outcomes.completed == 3
    })
    .await;
    assert!(began.elapsed() > seconds(70), "{:?}", began.elapsed());
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    let phantoms = judge(&stage.history().await, &stage.proxy, &stage.acts, &report);
    assert!(phantoms.is_empty(), "{phantoms:?}");
}
