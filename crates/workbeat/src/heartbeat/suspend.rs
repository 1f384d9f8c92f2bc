//! Notices that the machine was suspended.
//!
//! Tokio's clock stands still while a machine sleeps, and the service's does not. A heartbeat
//! that is due in ten seconds may then be hours late.

use std::fmt;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// How often to look while there are tasks.
const TICK: Duration = Duration::from_secs(5);

/// The least gap between the clocks that is not their own grain.
const GAP: Duration = Duration::from_secs(1);

/// What the clocks show. Only differences between two readings mean anything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// A clock that stands still while the machine sleeps.
    pub(super) awake: Duration,
    /// A clock that goes on. None if it cannot be read.
    pub(super) always: Option<Duration>,
}

/// The clocks to look at.
pub(super) type Clocks = Box<dyn FnMut() -> Reading + Send>;

/// Compares two clocks now and then.
pub(super) struct SuspendWatch {
    clocks: Clocks,
    last: Option<Reading>,
    next_look: Option<Instant>,
}

impl Default for SuspendWatch {
    fn default() -> Self {
        Self::new(system_clocks())
    }
}

impl SuspendWatch {
    pub(super) fn new(clocks: Clocks) -> Self {
        Self {
            clocks,
            last: None,
            next_look: None,
        }
    }

    /// One that sees nothing, for a run that is to be the same every time.
    pub(super) fn blind() -> Self {
        Self::new(Box::new(|| Reading {
            awake: Duration::ZERO,
            always: None,
        }))
    }

    /// For how long the machine slept since the last look, if it did. Looks at the clocks at
    /// most once a tick.
    pub(super) fn look(&mut self, now: Instant) -> Option<Duration> {
        if self.next_look.is_some_and(|next| now < next) {
            return None;
        }
        self.next_look = Some(now + TICK);
        let reading = (self.clocks)();
        let last = self.last.replace(reading)?;
        let always = reading.always?.checked_sub(last.always?)?;
        let asleep = always.checked_sub(reading.awake.checked_sub(last.awake)?)?;
        (asleep > GAP).then_some(asleep)
    }

    /// When to look again.
    pub(super) fn next_look(&self) -> Option<Instant> {
        self.next_look
    }

    /// Looks no more, because there is no task: a sleep until there is one means nothing.
    pub(super) fn rest(&mut self) {
        self.last = None;
        self.next_look = None;
    }
}

impl fmt::Debug for SuspendWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuspendWatch").finish_non_exhaustive()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tokio's clock stands still in paused time, whatever the machine does"
)]
fn system_clocks() -> Clocks {
    let began = std::time::Instant::now();
    let mut always = first_that_works(since_boot, wall);
    Box::new(move || Reading {
        awake: began.elapsed(),
        always: always(),
    })
}

/// The first clock if it can be read now, else the second, and that for good: where a file cannot
/// be opened for once, another clock's time would look like a sleep of decades.
fn first_that_works(
    mut first: impl FnMut() -> Option<Duration> + Send + 'static,
    second: impl FnMut() -> Option<Duration> + Send + 'static,
) -> Box<dyn FnMut() -> Option<Duration> + Send> {
    if first().is_some() {
        Box::new(first)
    } else {
        Box::new(second)
    }
}

/// The time since boot, sleep included. Unlike the wall's, nobody sets this clock.
#[cfg(target_os = "linux")]
fn since_boot() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(not(target_os = "linux"))]
fn since_boot() -> Option<Duration> {
    None
}

/// Where there is nothing better. If somebody sets it forward, heartbeats go out sooner once.
fn wall() -> Option<Duration> {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A watch, and the clocks that a test sets.
    fn watch() -> (SuspendWatch, Arc<Mutex<Reading>>) {
        let clocks = Arc::new(Mutex::new(Reading {
            awake: seconds(100),
            always: Some(seconds(1_000)),
        }));
        let read = Arc::clone(&clocks);
        let watch = SuspendWatch::new(Box::new(move || *read.lock().unwrap()));
        (watch, clocks)
    }

    fn pass(clocks: &Mutex<Reading>, awake: Duration, always: Duration) {
        let mut reading = clocks.lock().unwrap();
        reading.awake += awake;
        reading.always = reading.always.map(|before| before + always);
    }

    #[test]
    fn a_sleep_is_seen_once_at_the_next_tick() {
        let (mut watch, clocks) = watch();
        let now = Instant::now();
        assert_eq!(watch.look(now), None);
        pass(&clocks, seconds(5), seconds(3_605));
        assert_eq!(watch.look(now + seconds(4)), None, "not yet a tick");
        assert_eq!(watch.look(now + seconds(5)), Some(seconds(3_600)));
        pass(&clocks, seconds(5), seconds(5));
        assert_eq!(watch.look(now + seconds(10)), None);
    }

    #[test]
    fn the_grain_of_a_clock_and_one_that_is_set_back_are_no_sleep() {
        let (mut watch, clocks) = watch();
        let now = Instant::now();
        watch.look(now);
        pass(&clocks, seconds(5), seconds(6));
        assert_eq!(watch.look(now + seconds(5)), None);
        pass(&clocks, seconds(5), seconds(0));
        clocks.lock().unwrap().always = Some(seconds(1));
        assert_eq!(watch.look(now + seconds(10)), None);
        clocks.lock().unwrap().always = None;
        assert_eq!(watch.look(now + seconds(15)), None);
    }

    #[test]
    fn a_sleep_while_there_was_no_task_means_nothing() {
        let (mut watch, clocks) = watch();
        let now = Instant::now();
        watch.look(now);
        watch.rest();
        assert_eq!(watch.next_look(), None);
        pass(&clocks, seconds(5), seconds(3_600));
        assert_eq!(watch.look(now + seconds(6)), None);
    }

    #[test]
    fn a_clock_that_cannot_be_read_for_once_is_not_replaced_by_another() {
        let mut readings = vec![Some(seconds(12)), None, Some(seconds(10))];
        let mut clock = first_that_works(move || readings.pop().flatten(), || Some(seconds(9)));
        assert_eq!([clock(), clock()], [None, Some(seconds(12))]);
        let mut clock = first_that_works(|| None, || Some(seconds(9)));
        assert_eq!(clock(), Some(seconds(9)));
    }

    #[test]
    fn the_clocks_of_this_machine_go_on_together() {
        let mut clocks = system_clocks();
        let (first, second) = (clocks(), clocks());
        assert!(second.awake >= first.awake);
        assert!(second.always.unwrap() + GAP >= first.always.unwrap());
    }
}
