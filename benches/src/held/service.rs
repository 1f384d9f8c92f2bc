//! A service in this process that notes when it hears of each task.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use workbeat::service::{
    ActivityService, ActivityTask, ActivityType, HeartbeatAnswer, PollRequest, ServiceError,
    TaskToken, WorkflowExecution, async_trait,
};

use super::arrivals::Arrivals;
use crate::sides::{number, token};

/// How many samples of lateness are kept.
const SAMPLES: usize = 4_000_000;

/// The service.
#[derive(Debug)]
pub(super) struct HeldService {
    activity_type: ActivityType,
    pub(super) arrivals: Arrivals,
    interval: Duration,
    timeout: Duration,
    began: Instant,
    /// When each task was last heard of, in microseconds; its pages are touched from the start,
    /// so that they do not count as the worker's.
    heard: Vec<AtomicU64>,
    heartbeats: AtomicU64,
    missed: AtomicU64,
    measuring: AtomicBool,
    lateness: Mutex<Vec<u32>>,
    /// Where there are cancellations, one a task.
    pub(super) cancellations: Vec<Cancellation>,
    canceled: AtomicU64,
    pub(super) ended: Notify,
}

/// When a task's cancellation was asked for, told and accepted, in microseconds; 0 is never.
#[derive(Debug, Default)]
pub(super) struct Cancellation {
    pub(super) asked: AtomicU64,
    pub(super) told: AtomicU64,
    pub(super) seen: AtomicU64,
    pub(super) accepted: AtomicU64,
}

impl HeldService {
    pub(super) fn new(tasks: u64, over: Duration, interval: Duration, timeout: Duration) -> Self {
        let mut lateness = vec![1; SAMPLES];
        lateness.clear();
        Self {
            activity_type: ActivityType::new("hold", "1.0"),
            arrivals: Arrivals::new(tasks, over),
            interval,
            timeout,
            began: Instant::now(),
            heard: (0..tasks).map(|_| AtomicU64::new(u64::MAX)).collect(),
            heartbeats: AtomicU64::new(0),
            missed: AtomicU64::new(0),
            measuring: AtomicBool::new(false),
            lateness: Mutex::new(lateness),
            cancellations: Vec::new(),
            canceled: AtomicU64::new(0),
            ended: Notify::new(),
        }
    }

    /// With a cancellation for each task.
    pub(super) fn with_cancellations(mut self) -> Self {
        let one_each = self.heard.iter().map(|_| Cancellation::default());
        self.cancellations = one_each.collect();
        self
    }

    /// Microseconds since the service began.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(super) fn heartbeats(&self) -> u64 {
        self.heartbeats.load(Ordering::Acquire)
    }

    pub(super) fn canceled(&self) -> u64 {
        self.canceled.load(Ordering::Acquire)
    }

    /// Notes from now on how late heartbeats are.
    pub(super) fn measure(&self) {
        self.measuring.store(true, Ordering::Release);
    }

    /// How late they were, in microseconds, the least first.
    pub(super) fn lateness(&self) -> Vec<u32> {
        self.measuring.store(false, Ordering::Release);
        let lateness = self.lateness.lock();
        let mut lateness = lateness.unwrap_or_else(PoisonError::into_inner).clone();
        lateness.sort_unstable();
        lateness
    }

    /// How many deadlines were missed: by a heartbeat that came after one, or one that never came.
    pub(super) fn missed(&self) -> u64 {
        let now = self.now();
        let heard = self.heard.iter().map(|heard| heard.load(Ordering::Acquire));
        let overdue =
            heard.filter(|heard| *heard != u64::MAX && self.is_missed(now.saturating_sub(*heard)));
        self.missed.load(Ordering::Acquire) + overdue.count() as u64
    }

    fn is_missed(&self, silence: u64) -> bool {
        Duration::from_micros(silence) > self.timeout
    }

    fn hear(&self, at: usize, now: u64) {
        let Some(heard) = self.heard.get(at) else {
            return;
        };
        let silence = now.saturating_sub(heard.swap(now, Ordering::AcqRel));
        if self.is_missed(silence) {
            self.missed.fetch_add(1, Ordering::AcqRel);
        }
        if self.measuring.load(Ordering::Acquire) {
            let late = Duration::from_micros(silence).saturating_sub(self.interval);
            let late = u32::try_from(late.as_micros()).unwrap_or(u32::MAX);
            let lateness = self.lateness.lock();
            let mut lateness = lateness.unwrap_or_else(PoisonError::into_inner);
            if lateness.len() < SAMPLES {
                lateness.push(late);
            }
        }
    }
}

/// The service as a worker is given it, without the second box that the port of `Arc` has.
#[derive(Debug)]
struct HeldPort(Arc<HeldService>);

#[async_trait]
impl ActivityService for HeldPort {
    async fn poll(&self, request: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        let Some(number) = self.0.arrivals.next().await else {
            request.withdraw.cancelled().await;
            return Ok(None);
        };
        let workflow = WorkflowExecution::new(format!("order-{number}"), format!("run-{number}"));
        let activity_type = self.0.activity_type.clone();
        let task = ActivityTask::new(
            token(number),
            number.to_string(),
            activity_type,
            workflow,
            6,
        );
        if let Some(heard) = usize::try_from(number)
            .ok()
            .and_then(|at| self.0.heard.get(at))
        {
            heard.store(self.0.now(), Ordering::Release);
        }
        Ok(Some(task.with_input("\"hello world\"")))
    }

    async fn heartbeat(
        &self,
        token: &TaskToken,
        _: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        let now = self.0.now();
        self.0.heartbeats.fetch_add(1, Ordering::AcqRel);
        let at = number(token).unwrap_or(usize::MAX);
        self.0.hear(at, now);
        let Some(cancellation) = self.0.cancellations.get(at) else {
            return Ok(HeartbeatAnswer::new(false));
        };
        let asked = cancellation.asked.load(Ordering::Acquire) != 0;
        if asked {
            let told = self.0.now();
            // The first time counts.
            let _ =
                cancellation
                    .told
                    .compare_exchange(0, told, Ordering::AcqRel, Ordering::Acquire);
        }
        Ok(HeartbeatAnswer::new(asked))
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

    async fn cancel(&self, token: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
        let at = number(token).unwrap_or(usize::MAX);
        if let Some(cancellation) = self.0.cancellations.get(at) {
            cancellation.accepted.store(self.0.now(), Ordering::Release);
            // It need not be heard of any more.
            if let Some(heard) = self.0.heard.get(at) {
                heard.store(u64::MAX, Ordering::Release);
            }
            self.0.canceled.fetch_add(1, Ordering::AcqRel);
            self.0.ended.notify_one();
        }
        Ok(())
    }
}

/// A worker for this service, with room for all of its tasks.
pub(super) fn worker(
    service: &Arc<HeldService>,
    tasks: u64,
) -> crate::Result<workbeat::worker::WorkerBuilder> {
    let polls = 8;
    Ok(workbeat::Worker::builder(HeldPort(Arc::clone(service)))
        .task_list("held")
        .slots(usize::try_from(tasks)? + polls)
        .max_concurrent_polls(polls))
}

/// How the activities of this service are declared.
pub(super) fn declared(interval: Duration, timeout: Duration) -> workbeat::ActivityOptions {
    workbeat::ActivityOptions::new()
        .heartbeat_interval(interval)
        .heartbeat_timeout(timeout)
}
