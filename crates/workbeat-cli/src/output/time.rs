//! Times and durations for people.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A point in time that SWF says in seconds since the epoch.
fn at(timestamp: f64) -> SystemTime {
    let since = Duration::try_from_secs_f64(timestamp).unwrap_or_default();
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

/// A point in time as RFC 3339 has it, in UTC, to the millisecond.
pub(crate) fn rfc3339(timestamp: f64) -> String {
    humantime::format_rfc3339_millis(at(timestamp)).to_string()
}

/// How long ago it was.
pub(crate) fn since(timestamp: f64, now: SystemTime) -> Duration {
    now.duration_since(at(timestamp)).unwrap_or_default()
}

/// A duration, in the unit and with the digits that a person wants.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let pair = |big: u64, big_unit, small: u64, small_unit| {
        if small == 0 {
            format!("{big}{big_unit}")
        } else {
            format!("{big}{big_unit} {small}{small_unit}")
        }
    };
    match seconds {
        0 if duration.as_millis() < 1000 && duration.subsec_millis() > 0 => {
            format!("{}ms", duration.subsec_millis())
        }
        0 => "0s".to_owned(),
        1..10 => format!("{:.1}s", duration.as_secs_f64()),
        10..60 => format!("{seconds}s"),
        60..3600 => pair(seconds / 60, "m", seconds % 60, "s"),
        3600..86_400 => pair(seconds / 3600, "h", seconds % 3600 / 60, "m"),
        _ => pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    }
}

/// A timeout as SWF says it: seconds, or NONE.
pub(crate) fn seconds_text(timeout: &str) -> String {
    match timeout.parse() {
        Ok(seconds) => {
            let seconds: u64 = seconds;
            if seconds < 60 {
                format!("{seconds}s")
            } else {
                duration(Duration::from_secs(seconds))
            }
        }
        Err(_) => timeout.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_people() {
        let cases = [
            (0, "0s"),
            (87, "87ms"),
            (4_260, "4.3s"),
            (42_900, "42s"),
            (60_000, "1m"),
            (125_000, "2m 5s"),
            (5_400_000, "1h 30m"),
            (90_000_000, "1d 1h"),
        ];
        for (millis, expected) in cases {
            assert_eq!(duration(Duration::from_millis(millis)), expected);
        }
        assert_eq!(seconds_text("30"), "30s");
        assert_eq!(seconds_text("5"), "5s");
        assert_eq!(seconds_text("3600"), "1h");
        assert_eq!(seconds_text("NONE"), "NONE");
    }

    #[test]
    fn points_in_time() {
        assert_eq!(rfc3339(1_700_000_000.25), "2023-11-14T22:13:20.250Z");
        assert_eq!(rfc3339(f64::NAN), "1970-01-01T00:00:00.000Z");
        let now = at(1_700_000_060.0);
        assert_eq!(since(1_700_000_000.0, now), Duration::from_secs(60));
        assert_eq!(since(1_800_000_000.0, now), Duration::ZERO);
    }
}
