//! Points in time, exact to the millisecond.

use std::ops::Add;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The year 9999: the time of every system goes on until then.
const LAST_DAY_ANYWHERE: Duration = Duration::from_secs(253_370_764_800);

/// A point in time: milliseconds since the Unix epoch.
///
/// The engine has no clock. Every call is told what time it is, so a test can say it too.
///
/// ```
/// use std::time::Duration;
/// use workbeat_local::engine::Timestamp;
///
/// let start = Timestamp::from_millis(1_000);
/// assert_eq!((start + Duration::from_millis(250)).as_millis(), 1_250);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The point that lies this many milliseconds after the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[must_use]
    pub const fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// Later by `rhs`. A part of a millisecond counts as a whole one, so that a
    /// deadline is never early.
    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(rhs)))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        let since_epoch = Duration::from_millis(timestamp.0);
        // Where a system's time ends before a timestamp's, it stands at its own last day.
        let last = || UNIX_EPOCH.checked_add(LAST_DAY_ANYWHERE);
        let time = UNIX_EPOCH.checked_add(since_epoch).or_else(last);
        time.unwrap_or(UNIX_EPOCH)
    }
}

/// As on SWF's wire: seconds since the epoch as a JSON number.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // f64 holds every millisecond until far beyond the year 200,000.
        serializer.serialize_f64(self.0 as f64 / 1_000.0)
    }
}

/// What lies before the epoch counts as the epoch.
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        // A cast from float saturates, and takes what is no number as 0.
        Ok(Self((seconds * 1_000.0).round() as u64))
    }
}

/// A part of a millisecond counts as a whole one: no timeout is ever early.
pub(super) fn whole_millis(duration: Duration) -> u64 {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    u64::try_from(millis).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_millisecond_is_rounded_up() {
        let time = Timestamp::from_millis(0) + Duration::from_micros(1_001);
        assert_eq!(time, Timestamp::from_millis(2));
    }

    #[test]
    fn a_timestamp_is_a_json_number_of_seconds() {
        let json = serde_json::to_string(&Timestamp::from_millis(1_700_000_000_125)).unwrap();
        assert_eq!(json, "1700000000.125");
        let read: Timestamp = serde_json::from_str(&json).unwrap();
        assert_eq!(read, Timestamp::from_millis(1_700_000_000_125));
        let whole: Timestamp = serde_json::from_str("3").unwrap();
        assert_eq!(whole, Timestamp::from_millis(3_000));
        let early: Timestamp = serde_json::from_str("-3").unwrap();
        assert_eq!(early, Timestamp::from_millis(0));
    }
}
