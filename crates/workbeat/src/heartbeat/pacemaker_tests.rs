use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::time::{advance, sleep};
use tokio_util::sync::CancellationToken;

use super::super::HeartbeatBudget;
use super::super::next_calls::NextCalls;
use super::super::suspend::Reading;
use super::*;
use crate::metrics::WorkerMetrics;
use crate::service::{
    ActivityService, ActivityTask, ActivityType, ActivityTypeRegistration, HeartbeatAnswer,
    PollRequest, ServiceCapabilities, ServiceError, ServiceErrorKind, ServiceLimits, TaskTimeouts,
    TaskToken, WorkflowExecution, async_trait,
};
use crate::task::{Random, TaskKey, TaskList, WorkerFacts};

/// Takes heartbeats and writes down when.
#[derive(Clone, Default)]
struct Service {
    beats: Arc<Mutex<Vec<(String, Instant)>>>,
    hangs: Arc<AtomicBool>,
    /// Shared by every call under way.
    under_way: Arc<()>,
    /// What others count, and what it was at each heartbeat.
    turns: Arc<AtomicU64>,
    seen: Arc<Mutex<Vec<u64>>>,
    /// Whether it is asked for timeouts, and how often it was. It fails each time.
    tells_timeouts: bool,
    asked: Arc<AtomicU64>,
}

#[async_trait]
impl ActivityService for Service {
    async fn poll(&self, _: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        Ok(None)
    }
    async fn heartbeat(
        &self,
        token: &TaskToken,
        _: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        let beat = (token.expose().to_owned(), Instant::now());
        self.beats.lock().unwrap().push(beat);
        let turns = self.turns.load(Ordering::Relaxed);
        self.seen.lock().unwrap().push(turns);
        if self.hangs.load(Ordering::Relaxed) {
            let _under_way = Arc::clone(&self.under_way);
            return std::future::pending().await;
        }
        Ok(HeartbeatAnswer::new(false))
    }
    async fn complete(&self, _: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
        Ok(())
    }
    async fn fail(
        &self,
        _: &TaskToken,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<(), ServiceError> {
        Ok(())
    }
    async fn cancel(&self, _: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
        Ok(())
    }
    async fn register(&self, _: &ActivityTypeRegistration) -> Result<(), ServiceError> {
        Ok(())
    }
    fn limits(&self) -> ServiceLimits {
        ServiceLimits::SWF
    }
    async fn timeouts(&self, _: &ActivityTask) -> Result<TaskTimeouts, ServiceError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.hangs.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        let kind = ServiceErrorKind::Unavailable;
        Err(ServiceError::new(kind, "not now"))
    }
    fn capabilities(&self) -> ServiceCapabilities {
        ServiceCapabilities {
            task_timeouts: self.tells_timeouts,
            ..ServiceCapabilities::default()
        }
    }
}

/// A pacemaker whose clocks a test sets: how many milliseconds they show beyond tokio's.
struct Stage {
    service: Service,
    list: Arc<TaskList>,
    pacemaker: Pacemaker,
    driver: AbortOnDropHandle<()>,
    facts: Arc<WorkerFacts>,
    awake: Arc<AtomicU64>,
    always: Arc<AtomicU64>,
    start: Instant,
}

impl Stage {
    fn new(budget: &HeartbeatBudget) -> Self {
        Self::with(Service::default(), budget)
    }

    fn with(service: Service, budget: &HeartbeatBudget) -> Self {
        let random = fastrand::Rng::with_seed(1);
        let shared = Arc::new(service.clone());
        let list = TaskList::alone("list", shared);
        let pacemaker = Pacemaker::new(Duration::from_secs(10), (budget, None), [], random);
        let start = Instant::now();
        let [awake, always] = [1_000, 1_000_000].map(|at| Arc::new(AtomicU64::new(at)));
        let clocks = (Arc::clone(&awake), Arc::clone(&always));
        let show = move |clock: &AtomicU64| {
            start.elapsed() + Duration::from_millis(clock.load(Ordering::Relaxed))
        };
        pacemaker.shared.state().suspended = SuspendWatch::new(Box::new(move || Reading {
            awake: show(&clocks.0),
            always: Some(show(&clocks.1)),
        }));
        let runtime = Handle::current();
        Self {
            driver: pacemaker.start(&runtime),
            facts: Arc::new(WorkerFacts {
                codecs: crate::codec::Codecs::default(),
                draining: CancellationToken::new(),
                hurry: CancellationToken::new(),
                runtime,
                random: Random::new(Some(1)),
                metrics: WorkerMetrics::default(),
                previous_progress: false,
                progress_in_failures: false,
                #[cfg(feature = "testing")]
                witness: crate::task::WitnessCell::default(),
            }),
            service,
            list,
            pacemaker,
            awake,
            always,
            start,
        }
    }

    fn record(&self, name: &str, key: u64) -> Arc<TaskRecord> {
        let activity_type = ActivityType::new("work", "1.0");
        let workflow = WorkflowExecution::new("workflow", "run");
        let token = TaskToken::new(name);
        let task = ActivityTask::new(token, name, activity_type, workflow, 1);
        let (list, facts) = (Arc::clone(&self.list), Arc::clone(&self.facts));
        let now = Instant::now();
        Arc::new(TaskRecord::new(TaskKey(key), task, list, facts, None, now))
    }

    fn enter(&self, name: &str, key: u64, timeout: u64) -> Arc<TaskRecord> {
        let record = self.record(name, key);
        let timeout = Duration::from_secs(timeout);
        let options = ActivityOptions::new().heartbeat_timeout(timeout);
        self.pacemaker.enter(&record, &Arc::new(options));
        record
    }

    /// Who beat since the last time, and how many milliseconds after the start.
    fn beats(&self) -> Vec<(String, u128)> {
        let beats = std::mem::take(&mut *self.service.beats.lock().unwrap());
        let since = |(name, at): (String, Instant)| (name, (at - self.start).as_millis());
        beats.into_iter().map(since).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn case_49_after_a_machine_slept_every_heartbeat_is_due_the_nearest_deadline_first() {
    let stage = Stage::new(&HeartbeatBudget::new(2.0));
    stage.enter("long", 1, 6_000);
    stage.enter("middle", 2, 600);
    stage.enter("short", 3, 90);
    sleep(Duration::from_secs(7)).await;
    assert_eq!(stage.beats(), []);
    stage.always.fetch_add(3_600_000, Ordering::Relaxed);
    sleep(Duration::from_secs(4)).await;
    // At the next tick after they came, and within the budget: two are in the bucket, the third
    // comes later.
    let beats = stage.beats();
    let names: Vec<_> = beats.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["short", "middle", "long"]);
    assert!((10_040..10_045).contains(&beats[0].1), "{beats:?}");
    assert!((10_040..10_045).contains(&beats[1].1), "{beats:?}");
    assert!((10_535..10_550).contains(&beats[2].1), "{beats:?}");
    // From then on it is as before.
    sleep(Duration::from_secs(10)).await;
    assert_eq!(stage.beats(), []);
}

#[tokio::test(start_paused = true)]
async fn case_49_a_clock_that_is_set_back_changes_nothing() {
    let mut all = Vec::new();
    for back in [0, 500_000] {
        let stage = Stage::new(&HeartbeatBudget::learning());
        stage.enter("one", 1, 30);
        stage.enter("two", 2, 90);
        sleep(Duration::from_secs(7)).await;
        stage.always.fetch_sub(back, Ordering::Relaxed);
        sleep(Duration::from_secs(120)).await;
        // A clock of the machine that stops is none of ours either.
        stage.awake.fetch_add(back, Ordering::Relaxed);
        sleep(Duration::from_secs(60)).await;
        all.push(stage.beats());
    }
    assert!(all[0].len() > 20, "{all:?}");
    assert_eq!(all[0], all[1]);
}

#[tokio::test(start_paused = true)]
async fn case_49_a_worker_without_a_task_wakes_for_nothing() {
    let stage = Stage::new(&HeartbeatBudget::learning());
    let one = stage.enter("one", 1, 30);
    sleep(Duration::from_secs(1)).await;
    stage.pacemaker.leave(&one);
    sleep(Duration::from_secs(10)).await;
    let driver = stage.pacemaker.shared.state().driver;
    assert!(matches!(driver, Driver::Asleep(None)), "{driver:?}");
    stage.always.fetch_add(3_600_000, Ordering::Relaxed);
    advance(Duration::from_secs(10)).await;
    stage.enter("two", 2, 30);
    sleep(Duration::from_secs(6)).await;
    assert_eq!(stage.beats(), [], "it slept when there was no task");
}

#[tokio::test(start_paused = true)]
async fn heartbeats_under_way_end_with_their_task_and_with_the_driver() {
    let stage = Stage::new(&HeartbeatBudget::learning());
    stage.service.hangs.store(true, Ordering::Relaxed);
    let one = stage.enter("one", 1, 30);
    stage.enter("two", 2, 30);
    sleep(Duration::from_secs(11)).await;
    let service = stage.service.clone();
    let under_way = || Arc::strong_count(&service.under_way) - 3;
    assert_eq!(under_way(), 2);
    stage.pacemaker.leave(&one);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(under_way(), 1);
    stage.driver.abort();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn many_heartbeats_at_once_leave_other_tasks_their_turns() {
    let stage = Stage::new(&HeartbeatBudget::learning());
    for key in 1..=1_000 {
        stage.enter("one of many", key, 90);
    }
    sleep(Duration::from_millis(9_990)).await;
    // The next look finds everything due.
    stage.always.fetch_add(3_600_000, Ordering::Relaxed);
    let turns = Arc::clone(&stage.service.turns);
    let other = tokio::spawn(async move {
        loop {
            turns.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    advance(Duration::from_millis(60)).await;
    while stage.service.seen.lock().unwrap().len() < 1_000 {
        tokio::task::yield_now().await;
    }
    other.abort();
    let seen = stage.service.seen.lock().unwrap().clone();
    let different: std::collections::BTreeSet<_> = seen.iter().collect();
    assert!(different.len() > 10, "{different:?}");
}

#[tokio::test(start_paused = true)]
async fn a_driver_in_place_of_another_asks_what_that_one_was_not_told() {
    let service = Service {
        tells_timeouts: true,
        ..Service::default()
    };
    service.hangs.store(true, Ordering::Relaxed);
    let mut stage = Stage::with(service, &HeartbeatBudget::learning());
    let asked = Arc::clone(&stage.service.asked);
    stage.enter("one", 1, 30);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    stage.driver = stage.pacemaker.start(&Handle::current());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn nobody_goes_on_asking_for_the_timeouts_of_a_task_that_is_over() {
    let service = Service {
        tells_timeouts: true,
        ..Service::default()
    };
    let stage = Stage::with(service, &HeartbeatBudget::learning());
    let one = stage.enter("one", 1, 30);
    // It is over before it is asked for; how long it waited is still of interest.
    stage.pacemaker.leave(&one);
    let two = stage.enter("two", 2, 30);
    sleep(Duration::from_millis(1)).await;
    let asked = stage.service.asked.load(Ordering::Relaxed);
    assert!((1..=2).contains(&asked), "{asked}");
    stage.pacemaker.leave(&two);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(stage.service.asked.load(Ordering::Relaxed), asked);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_has_just_begun_has_its_seat_before_anything_is_due() {
    let stage = Stage::new(&HeartbeatBudget::learning());
    let seated = |record: &Arc<_>| matches!(Whereabouts::of(record), Some(Whereabouts::Seated(_)));
    let [short, long, held] = [1, 2, 3].map(|key| stage.enter(&key.to_string(), key, 3));
    assert!(![&short, &long, &held].map(seated).contains(&true));
    stage.pacemaker.leave(&short);
    stage.pacemaker.leave(&short);
    stage.pacemaker.hold(&held);
    sleep(WAIT * 2 + Duration::from_millis(2)).await;
    assert_eq!([&short, &long, &held].map(seated), [false, true, true]);
    sleep(Duration::from_millis(1_100)).await;
    let beats = stage.beats();
    assert!(
        matches!(&*beats, [(name, 800..=1_000)] if name == "2"),
        "{beats:?}"
    );
    // What was held before it had a seat waits for as long as its timeout lets it.
    sleep(Duration::from_millis(1_400)).await;
    let beats = stage.beats();
    let third = beats.iter().find(|(name, _)| name == "3");
    assert!(matches!(third, Some((_, 2_250..=2_260))), "{beats:?}");
}

#[tokio::test(start_paused = true)]
async fn a_task_whose_outcome_came_back_at_once_beats_like_the_others() {
    let stage = Stage::new(&HeartbeatBudget::learning());
    let task = stage.enter("one", 1, 3);
    stage.pacemaker.hold(&task);
    stage.pacemaker.release(&task);
    sleep(Duration::from_millis(1_100)).await;
    assert_eq!(stage.beats().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_task_for_which_something_is_due_at_once_has_its_seat_at_once() {
    let stage = Stage::new(&HeartbeatBudget::learning());
    let task = stage.record("one", 1);
    let options = ActivityOptions::new().heartbeat_interval(Duration::from_millis(15));
    stage.pacemaker.enter(&task, &Arc::new(options));
    let task = stage.record("two", 2);
    let close = ActivityOptions::new().start_to_close_timeout(Duration::from_millis(15));
    stage.pacemaker.enter(&task, &Arc::new(close));
    sleep(Duration::from_millis(17)).await;
    assert_eq!(stage.beats().len(), 1);
    assert!(task.token().is_cancelled());
}

/// Panics when it is woken.
struct Bomb;

impl std::task::Wake for Bomb {
    fn wake(self: Arc<Self>) {
        panic!("woken");
    }
}

#[tokio::test(start_paused = true)]
async fn a_waker_that_panics_touches_neither_another_task_nor_the_driver() {
    let stage = Stage::new(&HeartbeatBudget::learning());
    stage.service.hangs.store(true, Ordering::Relaxed);
    let [one, two] = [1, 2].map(|key| stage.enter("task", key, 30));
    let waker = Arc::new(Bomb).into();
    let mut waits = Box::pin(one.token().clone().cancelled_owned());
    let context = &mut std::task::Context::from_waker(&waker);
    assert!(waits.as_mut().poll(context).is_pending());
    sleep(Duration::from_secs(31)).await;
    assert!(one.token().is_cancelled() && two.token().is_cancelled());
    assert!(!stage.driver.is_finished());
}

#[tokio::test(start_paused = true)]
async fn of_calls_that_wait_the_nearest_deadline_is_first() {
    let stage = Stage::new(&HeartbeatBudget::learning());
    let now = Moment::from(Instant::now());
    let seated = |name, key| {
        (
            stage.enter(name, key, 30),
            Seat {
                key: TaskKey(key),
                at: 0,
            },
        )
    };
    let mut next = NextCalls::default();
    for (key, deadline) in [
        (1, None),
        (2, Some(30)),
        (3, Some(5)),
        (4, None),
        (5, Some(30)),
    ] {
        let (record, seat) = seated("task", key);
        let deadline = deadline.map(|after| now + Duration::from_secs(after));
        next.beat(record, seat, now, deadline);
    }
    let (record, seat) = seated("task", 6);
    next.ask(record, seat, now);
    let order: Vec<_> = std::iter::from_fn(|| next.pop())
        .map(|call| call.seat.key.0)
        .collect();
    assert_eq!(order, [6, 3, 2, 5, 1, 4]);
}
