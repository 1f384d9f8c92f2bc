//! What is measured, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use tokio::sync::watch;

use crate::service::Service;
use crate::{Options, Result};

/// What the activities do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// They give back their input.
    Noop,
    /// They report every ten seconds until they are released.
    Hold,
}

impl Scenario {
    /// The activity type.
    pub(crate) fn activity(self) -> &'static str {
        match self {
            Self::Noop => "echo",
            Self::Hold => "hold",
        }
    }
}

/// How often an activity that is held reports.
pub(crate) const INTERVAL: Duration = Duration::from_secs(10);

/// The heartbeat timeout. The SDK holds a report back until four fifths of it have passed since
/// the last one: 9.6 s, so a report each 10 s goes out at once.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(12);

/// What the activities tell the measurement, and it tells them.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) in_flight: Arc<AtomicU64>,
    pub(crate) released: watch::Receiver<bool>,
    release: watch::Sender<bool>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let (release, released) = watch::channel(false);
        Self {
            in_flight: Arc::default(),
            released,
            release,
        }
    }

    /// Waits for what is to be measured, and gives the line of figures.
    pub(crate) async fn measure(&self, options: Options, service: &Service) -> Result<String> {
        let idle = Snapshot::take()?;
        let tasks = options.tasks as f64;
        if options.scenario == Scenario::Noop {
            service.completed(options.tasks).await;
            let end = Snapshot::take()?;
            let cpu = (end.cpu - idle.cpu).as_secs_f64() * 1e6 / tasks;
            let speed = tasks / (end.at - idle.at).as_secs_f64();
            return Ok(format!(
                "cpu_us={cpu:.2} tasks_per_s={speed:.0} rss={}",
                end.resident
            ));
        }
        while self.in_flight.load(Ordering::Acquire) < options.tasks {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(INTERVAL).await;
        let (begin, heard) = (Snapshot::take()?, service.heartbeats());
        tokio::time::sleep(Duration::from_secs(options.seconds)).await;
        let (end, heard) = (Snapshot::take()?, service.heartbeats() - heard);
        let took = (end.at - begin.at).as_secs_f64();
        let cores = (end.cpu - begin.cpu).as_secs_f64() / took;
        let resident = (end.resident as f64 - idle.resident as f64) / tasks;
        let heartbeats = heard as f64 / took;
        let heartbeat = cores * 1e6 / heartbeats;
        self.release.send(true)?;
        Ok(format!(
            "rss_per_activity={resident:.1} cpu_cores={cores:.4} heartbeats_per_s={heartbeats:.1} heartbeat_us={heartbeat:.2} idle_rss={}",
            idle.resident
        ))
    }
}

/// The process at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot {
    pub(crate) at: Instant,
    pub(crate) cpu: Duration,
    /// In bytes.
    pub(crate) resident: u64,
}

impl Snapshot {
    pub(crate) fn take() -> Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.ok_or("/proc/self/status has no VmRSS")?;
        let kilobytes: u64 = resident.trim().trim_end_matches(" kB").parse()?;
        Ok(Self {
            at: Instant::now(),
            cpu: clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into(),
            resident: kilobytes * 1024,
        })
    }
}
