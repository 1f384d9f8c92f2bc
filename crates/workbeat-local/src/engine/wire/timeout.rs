//! Timeouts: strings of seconds, or `NONE`.
//!
//! In process a timeout may have a fraction of a second (`"0.25"`), so that tests can be
//! quick; the real SWF takes whole seconds only.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use workbeat::service::Timeout;

use super::refused;
use crate::engine::time::whole_millis;

/// A timeout as SWF shows it: seconds, or `NONE`.
///
/// ```
/// use std::time::Duration;
/// use workbeat::service::Timeout;
/// use workbeat_local::engine::timeout_text;
///
/// assert_eq!(timeout_text(Duration::from_secs(30).into()), "30");
/// assert_eq!(timeout_text(Duration::from_millis(250).into()), "0.25");
/// assert_eq!(timeout_text(Timeout::None), "NONE");
/// ```
#[must_use]
pub fn timeout_text(timeout: Timeout) -> String {
    let Some(duration) = rounded(timeout).duration() else {
        return "NONE".to_owned();
    };
    let (seconds, millis) = (duration.as_secs(), duration.subsec_millis());
    if millis == 0 {
        return seconds.to_string();
    }
    format!("{seconds}.{millis:03}")
        .trim_end_matches('0')
        .to_owned()
}

/// Reads what [`timeout_text`] shows; `None` if it is neither seconds nor `NONE`.
pub(in crate::engine) fn parse_timeout(text: &str) -> Option<Timeout> {
    if text == "NONE" {
        return Some(Timeout::None);
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(seconds) || !digits(fraction) || fraction.len() > 3 {
        return None;
    }
    let seconds: u64 = seconds.parse().ok()?;
    let millis: u64 = format!("{fraction:0<3}").parse().ok()?;
    let total = seconds.checked_mul(1_000)?.checked_add(millis)?;
    Some(Duration::from_millis(total).into())
}

/// The timeout in whole milliseconds, so that the history shows what the clock uses.
pub(in crate::engine) fn rounded(timeout: Timeout) -> Timeout {
    match timeout.duration() {
        Some(duration) => Duration::from_millis(whole_millis(duration)).into(),
        None => Timeout::None,
    }
}

/// An optional timeout as its string.
pub(in crate::engine) fn serialize<S: Serializer>(
    timeout: &Option<Timeout>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    timeout.map(timeout_text).serialize(serializer)
}

/// Reads an optional timeout. An empty text is none, as SWF takes it.
pub(in crate::engine) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timeout>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| {
        parse_timeout(&text).ok_or_else(|| refused("A timeout must be a number of seconds or NONE"))
    })
    .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_reads_back_what_it_shows() {
        for text in ["NONE", "0", "30", "0.25", "1.5", "0.001", "31536000"] {
            assert_eq!(parse_timeout(text).map(timeout_text).as_deref(), Some(text));
        }
    }

    #[test]
    fn text_that_is_no_number_of_seconds_is_no_timeout() {
        for text in [
            "",
            "none",
            "-1",
            "1s",
            ".",
            "1.",
            ".5",
            "0.0001",
            "99999999999999999999",
        ] {
            assert_eq!(parse_timeout(text), None, "{text:?} was read");
        }
    }

    #[test]
    fn a_part_of_a_millisecond_is_rounded_up() {
        let timeout = rounded(Duration::from_micros(1_001).into());
        assert_eq!(timeout.duration(), Some(Duration::from_millis(2)));
    }
}
