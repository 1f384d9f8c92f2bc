//! Numbers as a person wants them, each rounded to the side on which it still holds: what is needed up,
//! what there is down.

use std::time::Duration;

use crate::capacity::ROUNDING;
use crate::output::duration;

/// What is used of something, in percent; not less than it is.
pub(super) fn used(part: f64) -> String {
    if part > 0.0 && part < 0.01 {
        UNDER_ONE.to_owned()
    } else {
        percent(used_up(part) / 100.0)
    }
}

/// What is spare where this part is used, in percent; not more than it is.
pub(super) fn spare(part: f64) -> String {
    let left = 100.0 - used_up(part);
    if left < 1.0 {
        UNDER_ONE.to_owned()
    } else {
        percent(left / 100.0)
    }
}

const UNDER_ONE: &str = "under 1 %";

/// In whole percent. What fits but for how floats are rounded is no more than what fits.
fn used_up(part: f64) -> f64 {
    (part * 100.0 / ROUNDING).ceil()
}

/// A part that is a whole number of percent.
pub(super) fn percent(part: f64) -> String {
    format!("{} %", thousands(&format!("{:.0}", part * 100.0)))
}

/// Calls a second that are needed, with the digits that a person wants; not less than they are.
pub(super) fn need(rate: f64) -> String {
    figure(rate, |scaled| (scaled * (1.0 - 1e-9)).ceil())
}

/// Calls a second that there are, with the digits that a person wants; not more than they are.
pub(super) fn cap(rate: f64) -> String {
    figure(rate, |scaled| (scaled * (1.0 + 1e-9)).floor())
}

fn figure(number: f64, to_whole: impl Fn(f64) -> f64) -> String {
    let digits = match number {
        100.0.. => 1,
        1.0.. => 2,
        _ => 4,
    };
    let scale = 10_f64.powi(digits);
    let number = to_whole(number * scale) / scale;
    let text = format!("{number:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text.split_once('.') {
        Some((whole, rest)) => format!("{}.{rest}", thousands(whole)),
        None => thousands(text),
    }
}

/// A rate as Rust has it, not rounded up.
pub(super) fn budget(rate: f64) -> String {
    // Four digits that count.
    let scale = 10_f64.powf(3.0 - rate.log10().floor());
    format!("{:?}", (rate * scale * (1.0 + 1e-9)).floor() / scale)
}

/// The unit in which a person wants a time.
fn unit(time: Duration) -> Duration {
    match time.as_secs() {
        0 => Duration::from_millis(1),
        1..10 => Duration::from_millis(100),
        10..3_600 => Duration::from_secs(1),
        3_600..86_400 => Duration::from_secs(60),
        _ => Duration::from_secs(3_600),
    }
}

/// A time, which may have been cut off between two of its unit.
pub(super) fn span(time: Duration) -> String {
    let rest = time.as_nanos() % unit(time).as_nanos();
    let rest = u64::try_from(rest).unwrap_or_default();
    let time = time.saturating_sub(Duration::from_nanos(rest));
    if time.subsec_nanos() == 0 && time.as_secs() < 60 {
        format!("{}s", time.as_secs())
    } else {
        duration(time)
    }
}

/// A time within which something happens: not less than it is.
pub(super) fn bound(time: Duration) -> String {
    let unit = unit(time);
    // Arithmetic on floats leaves some nanoseconds.
    let rest = time.as_nanos() % unit.as_nanos();
    span(if rest > 1_000 {
        time.saturating_add(unit)
    } else {
        time
    })
}

/// A time in whole seconds, all of them: it is the least.
pub(super) fn whole(time: Duration) -> String {
    humantime::format_duration(time).to_string()
}

/// A number, with its digits in groups.
pub(super) fn count(count: u64) -> String {
    thousands(&count.to_string())
}

/// So many of what has this name if it is one, else that.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Digits in groups of three.
fn thousands(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_rounded_up_and_what_there_is_down() {
        for (number, needed, there) in [
            (160.0, "160", "160"),
            (138.889, "138.9", "138.8"),
            (200.04, "200.1", "200"),
            (1_234_567.0, "1,234,567", "1,234,567"),
            (99.999, "100", "99.99"),
            (17.216, "17.22", "17.21"),
            (0.32, "0.32", "0.32"),
            (0.000_01, "0.0001", "0"),
            (0.0, "0", "0"),
        ] {
            assert_eq!((need(number), cap(number)), (needed.into(), there.into()));
        }
        assert_eq!((count(999), count(1_000)), ("999".into(), "1,000".into()));
        for (rate, expected) in [
            (0.32, "0.32"),
            (160.0, "160.0"),
            (53.3333, "53.33"),
            (0.0001, "0.0001"),
        ] {
            assert_eq!(budget(rate), expected);
        }
    }

    #[test]
    fn what_is_used_and_what_is_spare_are_all_of_it() {
        for (part, in_use, left) in [
            (0.0, "0 %", "100 %"),
            (0.004, "under 1 %", "99 %"),
            (144.0 / 160.0, "90 %", "10 %"),
            (144.1 / 160.0, "91 %", "9 %"),
            (152.0 / 160.0, "95 %", "5 %"),
            (152.1 / 160.0, "96 %", "4 %"),
            (0.996, "100 %", "under 1 %"),
            (1.001, "101 %", "under 1 %"),
            (33.33, "3,333 %", "under 1 %"),
        ] {
            assert_eq!((used(part), spare(part)), (in_use.into(), left.into()));
        }
    }

    #[test]
    fn a_time_is_cut_off_and_a_bound_is_not() {
        for (millis, cut, at_most) in [
            (2_000, "2s", "2s"),
            (3_333, "3.3s", "3.4s"),
            (9_960, "9.9s", "10s"),
            (59_500, "59s", "1m"),
            (60_300, "1m", "1m 1s"),
            (312_500, "5m 12s", "5m 13s"),
            (3_600_000, "1h", "1h"),
            (3_599_500, "59m 59s", "1h"),
            (3_661_000, "1h 1m", "1h 2m"),
        ] {
            let time = Duration::from_millis(millis);
            assert_eq!((span(time), bound(time)), (cut.into(), at_most.into()));
        }
        let of_floats = Duration::from_secs(60) + Duration::from_nanos(8);
        assert_eq!(bound(of_floats), "1m");
        assert_eq!(bound(Duration::from_micros(333_333)), "334ms");
    }
}
