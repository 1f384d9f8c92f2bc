//! Durations and timeouts, read when the program is compiled.

use std::time::Duration;

use super::entry::Entry;

/// The longest timeout that Amazon SWF takes.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// Tokio's clock knows nothing shorter.
pub(crate) const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);

/// A timeout: after a while, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timeout {
    After(Duration),
    None,
}

/// The value, a timeout.
pub(crate) fn timeout(entry: &Entry) -> syn::Result<Timeout> {
    if entry.text()? == "none" {
        return Ok(Timeout::None);
    }
    match duration(entry)? {
        long if long > LONGEST_TIMEOUT => Err(entry.wrong_value(format!(
            "`{}` is at most \"365days\"; write \"none\" for no limit",
            entry.key
        ))),
        timeout => Ok(Timeout::After(timeout)),
    }
}

/// The value, a duration.
pub(crate) fn duration(entry: &Entry) -> syn::Result<Duration> {
    let text = entry.text()?;
    parse(&text).map_err(|error| entry.wrong_value(format!("`{}` {error}", entry.key)))
}

fn parse(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("must be longer than zero".to_owned()),
        Ok(duration) => Ok(duration),
        Err(_) if text == "none" => {
            Err("has to be a duration; leave it out where there is none".to_owned())
        }
        Err(error) => Err(format!(
            "is a duration such as \"30s\", \"1m 30s\" or \"500ms\" ({error})"
        )),
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::super::entry::entries;
    use super::*;

    fn read_timeout(value: &str) -> Result<Timeout, String> {
        let tokens: TokenStream = quote!(heartbeat_timeout = #value);
        let entry = entries(tokens).pop().unwrap().unwrap();
        timeout(&entry).map_err(|error| error.to_string())
    }

    #[test]
    fn durations_are_read_to_the_nanosecond() {
        assert_eq!(parse("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(parse("1m 30s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("1.5s"), Ok(Duration::from_millis(1_500)));
        assert_eq!(parse("1ns"), Ok(Duration::from_nanos(1)));
    }

    #[test]
    fn a_duration_without_a_unit_shows_how_to_write_one() {
        let error = parse("30").unwrap_err();
        assert!(
            error.starts_with("is a duration such as \"30s\""),
            "{error}"
        );
    }

    #[test]
    fn zero_is_no_duration() {
        for zero in ["0", "0s", "0m 0ns"] {
            assert!(parse(zero).is_err(), "{zero:?} was taken");
        }
    }

    #[test]
    fn a_timeout_can_be_none_and_a_duration_cannot() {
        assert_eq!(read_timeout("none"), Ok(Timeout::None));
        assert!(parse("none").unwrap_err().contains("leave it out"));
    }

    #[test]
    fn a_timeout_is_at_most_a_year_of_365_days() {
        assert_eq!(read_timeout("365days"), Ok(Timeout::After(LONGEST_TIMEOUT)));
        assert!(
            read_timeout("365days 1ns")
                .unwrap_err()
                .contains("\"365days\"")
        );
    }
}
