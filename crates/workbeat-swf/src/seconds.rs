//! Timeouts as they stand on Amazon SWF's wire: whole seconds in a string, or `NONE`.

use std::time::Duration;

use workbeat::service::Timeout;

/// The most seconds that fit into the 8 characters that the service takes.
const MOST: u64 = 99_999_999;

/// What has no limit.
const NONE: &str = "NONE";

/// The text of a timeout. Parts of a second count as a whole one, and what is longer than can be
/// said has no limit.
pub(crate) fn text(timeout: Timeout) -> String {
    let Some(duration) = timeout.duration() else {
        return NONE.to_owned();
    };
    let begun = u64::from(duration.subsec_nanos() > 0);
    let seconds = duration.as_secs().saturating_add(begun);
    if seconds > MOST {
        return NONE.to_owned();
    }
    seconds.to_string()
}

/// The timeout that a text says, if it says one.
pub(crate) fn timeout(text: &str) -> Option<Timeout> {
    if text == NONE {
        return Some(Timeout::None);
    }
    let seconds = text.parse().ok()?;
    Some(Timeout::After(Duration::from_secs(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_whole_seconds_or_none() {
        let millis = |millis| text(Duration::from_millis(millis).into());
        assert_eq!(millis(30_000), "30");
        assert_eq!(millis(500), "1");
        assert_eq!(millis(1_001), "2");
        assert_eq!(text(Timeout::None), "NONE");
        assert_eq!(text(Duration::MAX.into()), "NONE");
    }

    #[test]
    fn a_text_is_read_back_or_says_nothing() {
        let thirty = Duration::from_secs(30);
        assert_eq!(timeout("30"), Some(thirty.into()));
        assert_eq!(timeout("NONE"), Some(Timeout::None));
        assert_eq!(timeout(""), None);
        assert_eq!(timeout("soon"), None);
    }
}
