//! `workbeat plan`.

use std::str::FromStr;
use std::time::Duration;

use clap::{ArgGroup, Args};

use super::{Span, values};

/// The most activities of a group: far more than any account runs.
const MOST: u64 = 1_000_000_000;

/// Work out what fits the quotas: how many workers, what interval, which quota to raise
#[derive(Args, Debug)]
#[command(
    group(ArgGroup::new("load").args(["groups", "activities"]).multiple(true).required(true)),
    after_help = "\
Examples:
  workbeat plan --activities 50000 --heartbeat-timeout 6m
  workbeat plan --activities 50000 --heartbeat-timeout 6m --duration 10m --slots 500
  workbeat plan --group encode=2000x30s --group archive=10000x10m --margin 20
  workbeat plan --group 50000x90s --heartbeat-quota 700 --output json

No service is asked. The quotas are those that Amazon SWF publishes for an account in a region, at
https://docs.aws.amazon.com/amazonswf/latest/developerguide/swf-dg-limits.html; say what yours are
where they were raised. Exit codes: 0 if every task is kept, every quota does and the margin is
left; 1 if not, also if it is only tight; 2 if the command line is wrong."
)]
pub(crate) struct Plan {
    /// Activities that run at once, and their heartbeat timeout; can be repeated
    #[arg(
        long = "group",
        id = "groups",
        value_name = "[NAME=]COUNTxTIMEOUT",
        help_heading = "Activities"
    )]
    pub(crate) groups: Vec<ActivityGroup>,
    /// How many activities run at once
    #[arg(long, value_name = "N", requires = "heartbeat_timeout", value_parser = count, help_heading = "Activities")]
    pub(crate) activities: Option<u64>,
    /// Their heartbeat timeout
    #[arg(long, value_name = "TIME", requires = "activities", value_parser = seconds, help_heading = "Activities")]
    pub(crate) heartbeat_timeout: Option<Duration>,
    /// How long an activity lasts: then the quotas of outcomes are looked at too
    #[arg(long, value_name = "TIME", value_parser = lasting, help_heading = "Activities")]
    pub(crate) duration: Option<Duration>,
    /// How many activities of one workflow execution run at once: then its own quotas are looked at
    #[arg(long, value_name = "N", value_parser = count, help_heading = "Activities")]
    pub(crate) in_one_execution: Option<u64>,
    /// Slots of a worker: how many activities it runs at once
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = count, help_heading = "Workers")]
    pub(crate) slots: u64,
    /// How much of each quota to keep free, in percent; workers promise to lose nothing from 5 on
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = margin, help_heading = "Quotas")]
    pub(crate) margin: u8,
    /// RecordActivityTaskHeartbeat, in calls a second
    #[arg(long, value_name = "RATE", default_value_t = crate::capacity::HEARTBEATS, value_parser = rate, help_heading = "Quotas")]
    pub(crate) heartbeat_quota: f64,
    /// RecordActivityTaskHeartbeat of one workflow execution, in calls a second
    #[arg(long, value_name = "RATE", default_value_t = crate::capacity::HEARTBEATS_OF_AN_EXECUTION, value_parser = rate, help_heading = "Quotas")]
    pub(crate) execution_quota: f64,
    /// PollForActivityTask, in calls a second
    #[arg(long, value_name = "RATE", default_value_t = crate::capacity::POLLS, value_parser = rate, help_heading = "Quotas")]
    pub(crate) poll_quota: f64,
    /// RespondActivityTaskCompleted, in calls a second
    #[arg(long, value_name = "RATE", default_value_t = crate::capacity::RESPONSES, value_parser = rate, help_heading = "Quotas")]
    pub(crate) respond_quota: f64,
    /// ScheduleActivityTask, in decisions a second
    #[arg(long, value_name = "RATE", default_value_t = crate::capacity::SCHEDULES, value_parser = rate, help_heading = "Quotas")]
    pub(crate) schedule_quota: f64,
}

/// Activities that run at once: `COUNTxTIMEOUT` or `NAME=COUNTxTIMEOUT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActivityGroup {
    /// What a person calls them.
    pub(crate) name: Option<String>,
    /// How many, one or more.
    pub(crate) activities: u64,
    /// Their heartbeat timeout.
    pub(crate) timeout: Duration,
}

impl FromStr for ActivityGroup {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const SHAPE: &str = "expected COUNTxTIMEOUT, such as 50000x6m or encode=2000x30s";
        let (name, rest) = match text.rsplit_once('=') {
            Some((name, rest)) => (Some(name), rest),
            None => (None, text),
        };
        let (activities, timeout) = rest.split_once(['x', 'X']).ok_or(SHAPE)?;
        if name.is_some_and(str::is_empty) {
            return Err(SHAPE.to_owned());
        }
        Ok(Self {
            name: name.map(str::to_owned),
            activities: count(activities.trim())?,
            timeout: seconds(timeout.trim())?,
        })
    }
}

/// A heartbeat timeout that there is.
fn seconds(text: &str) -> Result<Duration, String> {
    if text.eq_ignore_ascii_case("none") {
        return Err(
            "without a heartbeat timeout activities heartbeat every 10 s and cannot be lost: \
             plan without them, or count them as activities of 30s"
                .to_owned(),
        );
    }
    values::whole_seconds(text, "not a time such as 30s, 5m or 1h30m").map(Duration::from_secs)
}

/// How many there are: one or more.
fn count(text: &str) -> Result<u64, String> {
    let count: Option<u64> = plain(text).and_then(|text| text.parse().ok());
    match count {
        Some(count) if (1..=MOST).contains(&count) => Ok(count),
        Some(_) => Err(format!("it is a number from 1 to {MOST}")),
        None => Err("expected a whole number, such as 50000, 50_000 or 50,000".to_owned()),
    }
}

/// A number without what parts its digits; nothing if a comma does not part thousands.
fn plain(text: &str) -> Option<String> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let mut thousands = whole.split(',').skip(1);
    let first = whole.split(',').next().unwrap_or_default();
    let parted = thousands.all(|digits| digits.len() == 3);
    let first_fits = !whole.contains(',') || (1..=3).contains(&first.len());
    (parted && first_fits && !text.starts_with(['_', '+'])).then(|| text.replace([',', '_'], ""))
}

fn margin(text: &str) -> Result<u8, String> {
    let percent = text.strip_suffix('%').unwrap_or(text).trim_end();
    let percent: Option<u8> = percent.parse().ok();
    percent
        .filter(|percent| (5..=90).contains(percent))
        .ok_or_else(|| "expected a whole number of percent, from 5 to 90".to_owned())
}

fn lasting(text: &str) -> Result<Duration, String> {
    let span: Span = text.parse()?;
    if span.duration.is_zero() {
        return Err("an activity lasts longer than nothing".to_owned());
    }
    Ok(span.duration)
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: Option<f64> = plain(text).and_then(|text| text.parse().ok());
    let rate = rate.ok_or("expected a number of calls a second, such as 160")?;
    // The bounds keep sums and shares finite.
    if (0.001..=1e9).contains(&rate) {
        Ok(rate)
    } else {
        Err("a quota is 0.001 to 1000000000 calls a second".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_a_count_and_a_timeout_and_may_have_a_name() {
        let plain: ActivityGroup = "50_000x6m".parse().unwrap();
        assert_eq!((plain.name, plain.activities), (None, 50_000));
        assert_eq!(plain.timeout, Duration::from_secs(360));
        let named: ActivityGroup = "box=3x1h30m".parse().unwrap();
        assert_eq!(named.name.as_deref(), Some("box"));
        assert_eq!((named.activities, named.timeout.as_secs()), (3, 5_400));
        let spaced: ActivityGroup = "3 X 30s".parse().unwrap();
        assert_eq!((spaced.activities, spaced.timeout.as_secs()), (3, 30));
        for (wrong, said) in [
            ("", "expected COUNTxTIMEOUT"),
            ("6m", "expected COUNTxTIMEOUT"),
            ("=1x6m", "expected COUNTxTIMEOUT"),
            ("-1x6m", "expected a whole number"),
            ("1,5x6m", "expected a whole number"),
            ("0x6m", "1 to"),
            ("1x6", "give it a unit"),
            ("1xNONE", "count them as activities of 30s"),
            ("1xfoo", "1h30m"),
            ("1x10ms", "whole seconds"),
        ] {
            let error = wrong.parse::<ActivityGroup>().unwrap_err();
            assert!(error.contains(said), "{wrong}: {error}");
        }
    }

    #[test]
    fn numbers_are_taken_as_the_plan_prints_them() {
        for text in ["50000", "50_000", "50,000"] {
            assert_eq!(count(text), Ok(50_000), "{text}");
        }
        assert_eq!(count("1,000,000"), Ok(1_000_000));
        assert_eq!(rate("1,852.5"), Ok(1_852.5));
        for wrong in [
            "",
            "_",
            "_5",
            "+5",
            ",000",
            "1,5",
            "1,0000",
            "50000,000",
            "1.5",
            "1e3",
            "0",
        ] {
            assert!(count(wrong).is_err(), "{wrong}");
        }
        assert!(rate("1,5").is_err(), "it may be meant as one and a half");
        assert!(!seconds("foo").unwrap_err().contains("NONE"));
    }

    #[test]
    fn a_margin_is_a_number_of_percent() {
        for text in ["10", "10%", "10 %"] {
            assert_eq!(margin(text), Ok(10), "{text}");
        }
        for wrong in ["0", "4", "91", "100", "0.1", "-10", "300", "%", "ten"] {
            assert!(margin(wrong).unwrap_err().contains("5 to 90"), "{wrong}");
        }
    }

    #[test]
    fn a_quota_is_a_number_of_calls() {
        assert_eq!(rate("160.5"), Ok(160.5));
        for wrong in ["0", "-1", "NaN", "inf", "160/s", "1e10"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
        assert!(lasting("0s").is_err());
    }
}
