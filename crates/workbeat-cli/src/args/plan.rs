//! `workbeat plan`.

use std::str::FromStr;
use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use clap::{ArgGroup, Args};

use super::{Span, Timeout};

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
left, else 1."
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
    #[arg(long, value_name = "N", requires = "heartbeat_timeout", value_parser = RangedU64ValueParser::<u64>::new().range(1..=MOST), help_heading = "Activities")]
    pub(crate) activities: Option<u64>,
    /// Their heartbeat timeout
    #[arg(long, value_name = "TIME", requires = "activities", value_parser = seconds, help_heading = "Activities")]
    pub(crate) heartbeat_timeout: Option<Duration>,
    /// How long an activity lasts: then the quotas of polls and outcomes are looked at too
    #[arg(long, value_name = "TIME", value_parser = lasting, help_heading = "Activities")]
    pub(crate) duration: Option<Duration>,
    /// How many activities of one workflow execution run at once: then its own quotas are looked at
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<u64>::new().range(1..=MOST), help_heading = "Activities")]
    pub(crate) in_one_execution: Option<u64>,
    /// Slots of a worker: how many activities it runs at once
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = RangedU64ValueParser::<u64>::new().range(1..=MOST), help_heading = "Workers")]
    pub(crate) slots: u64,
    /// How much of each quota to keep free, in percent; workers promise to lose nothing from 5 on
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u8).range(5..=90), help_heading = "Quotas")]
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
        let (count, timeout) = rest.split_once('x').ok_or(SHAPE)?;
        let activities = count.replace('_', "").parse().map_err(|_| SHAPE)?;
        if name.is_some_and(str::is_empty) {
            return Err(SHAPE.to_owned());
        }
        if !(1..=MOST).contains(&activities) {
            return Err(format!("a group has 1 to {MOST} activities"));
        }
        Ok(Self {
            name: name.map(str::to_owned),
            activities,
            timeout: seconds(timeout)?,
        })
    }
}

/// A heartbeat timeout that there is.
fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse()? {
        Timeout::Seconds(seconds) => Ok(Duration::from_secs(seconds)),
        Timeout::None => {
            Err("what has no heartbeat timeout cannot be lost: leave it out".to_owned())
        }
    }
}

fn lasting(text: &str) -> Result<Duration, String> {
    let span: Span = text.parse()?;
    if span.duration.is_zero() {
        return Err("an activity lasts longer than nothing".to_owned());
    }
    Ok(span.duration)
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text
        .parse()
        .map_err(|_| "expected a number of calls a second, such as 160".to_owned())?;
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
        for (wrong, said) in [
            ("", "expected COUNTxTIMEOUT"),
            ("6m", "expected COUNTxTIMEOUT"),
            ("=1x6m", "expected COUNTxTIMEOUT"),
            ("-1x6m", "expected COUNTxTIMEOUT"),
            ("0x6m", "1 to"),
            ("1x6", "give it a unit"),
            ("1xNONE", "cannot be lost"),
            ("1x10ms", "whole seconds"),
        ] {
            let error = wrong.parse::<ActivityGroup>().unwrap_err();
            assert!(error.contains(said), "{wrong}: {error}");
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
