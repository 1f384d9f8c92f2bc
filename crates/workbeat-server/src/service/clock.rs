//! What time it is for the server.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use workbeat_local::engine::Timestamp;

/// The latest time that can be skipped to: the beginning of the year 9999. What comes after that
/// year is no date to those who read one.
const LATEST: Timestamp = Timestamp::from_millis(253_370_764_800_000);

/// The machine's clock plus what was skipped, and never backwards.
///
/// Two clocks together: the wall clock counts the time for which the machine was suspended,
/// and the monotonic one goes on when somebody sets the wall clock back.
#[derive(Debug)]
pub(crate) struct Clock {
    /// The last time that was told, and when it was told.
    told: Timestamp,
    told_at: Instant,
    /// How far ahead of the wall clock the time is.
    ahead: Duration,
}

impl Clock {
    /// Starts now, and not before `earliest`.
    pub(crate) fn new(earliest: Timestamp) -> Self {
        Self::at(earliest, SystemTime::now().into(), Instant::now())
    }

    fn at(earliest: Timestamp, wall: Timestamp, instant: Instant) -> Self {
        let earliest = earliest.min(LATEST);
        Self {
            told: earliest.max(wall),
            told_at: instant,
            ahead: earliest.saturating_duration_since(wall),
        }
    }

    pub(crate) fn now(&mut self) -> Timestamp {
        self.tell(SystemTime::now().into(), Instant::now())
    }

    /// Skips time, up to the year 9999 at most; answers what time it is then.
    pub(crate) fn skip(&mut self, by: Duration) -> Timestamp {
        let now = self.now();
        let by = by.min(LATEST.saturating_duration_since(now));
        self.ahead = self.ahead.saturating_add(by);
        self.told = now + by;
        self.told
    }

    fn tell(&mut self, wall: Timestamp, instant: Instant) -> Timestamp {
        let since = instant.saturating_duration_since(self.told_at);
        // Whole milliseconds only, and the rest stays for the next time: a timestamp rounds
        // up, and many small steps would add up to a clock that runs fast.
        let since = Duration::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        let (wall, steady) = (wall + self.ahead, self.told + since);
        if wall > steady {
            (self.told, self.told_at) = (wall, instant);
        } else if !since.is_zero() {
            let told_at = self.told_at.checked_add(since);
            (self.told, self.told_at) = (steady, told_at.unwrap_or(instant));
        }
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn time_goes_by_the_wall_clock() {
        let start = Instant::now();
        let mut clock = Clock::at(at(0), at(100), start);
        assert_eq!(clock.tell(at(100), start), at(100));
        assert_eq!(clock.tell(at(130), start + 30 * SECOND), at(130));
    }

    #[test]
    fn a_wall_clock_that_is_set_back_stops_nothing() {
        let start = Instant::now();
        let mut clock = Clock::at(at(0), at(5_000), start);
        assert_eq!(clock.tell(at(1_400), start + SECOND), at(5_001));
        assert_eq!(clock.tell(at(1_401), start + 2 * SECOND), at(5_002));
    }

    #[test]
    fn the_time_of_a_suspension_counts() {
        let start = Instant::now();
        let mut clock = Clock::at(at(0), at(100), start);
        assert_eq!(clock.tell(at(3_701), start + SECOND), at(3_701));
        assert_eq!(clock.tell(at(3_702), start + 2 * SECOND), at(3_702));
    }

    #[test]
    fn what_was_skipped_stays_skipped() {
        let mut clock = Clock::new(at(0));
        let before = clock.now();
        let day = Duration::from_secs(24 * 60 * 60);
        assert!(clock.skip(day) >= before + day);
        assert!(clock.now() >= before + day);
        let wall: Timestamp = SystemTime::now().into();
        assert!(clock.now() < wall + day + SECOND, "it was skipped twice");
    }

    #[test]
    fn nothing_can_be_skipped_beyond_the_last_year_that_has_four_digits() {
        for mut clock in [
            Clock::new(at(0)),
            Clock::new(Timestamp::from_millis(u64::MAX)),
        ] {
            for _ in 0..2 {
                let now = clock.skip(Duration::MAX);
                assert!(now >= LATEST && now < LATEST + SECOND, "{now:?}");
            }
            assert!(clock.now() < LATEST + SECOND, "it goes on from there");
        }
    }

    #[test]
    fn a_stored_time_in_the_future_is_where_it_starts() {
        let start = Instant::now();
        let mut clock = Clock::at(at(900), at(100), start);
        assert_eq!(clock.tell(at(100), start), at(900));
        assert_eq!(clock.tell(at(110), start + 10 * SECOND), at(910));
    }

    #[test]
    fn many_small_steps_do_not_add_up_to_more() {
        let start = Instant::now();
        let mut clock = Clock::at(at(0), at(0), start);
        let step = Duration::from_micros(100);
        let mut now = at(0);
        for n in 1..=1_000 {
            now = clock.tell(at(0), start + step * n);
        }
        assert_eq!(now, Timestamp::from_millis(100));
    }
}
