//! The quotas of an account on Amazon SWF.

use serde::Serialize;

/// Where the numbers are from.
pub(crate) const SOURCE: &str =
    "https://docs.aws.amazon.com/amazonswf/latest/developerguide/swf-dg-limits.html";

/// Heartbeats a second of an account, in a region; its bucket holds 2,000.
pub(crate) const HEARTBEATS: f64 = 160.0;

/// Heartbeats a second of one workflow execution; its bucket holds 1,000.
pub(crate) const HEARTBEATS_OF_AN_EXECUTION: f64 = 1_000.0;

/// Polls for activity tasks a second of an account; its bucket holds 2,000.
pub(crate) const POLLS: f64 = 200.0;

/// Outcomes a second of an account, of each kind; its bucket holds 2,000.
pub(crate) const RESPONSES: f64 = 200.0;

/// Activities a second that deciders of an account schedule; its bucket holds 1,000.
pub(crate) const SCHEDULES: f64 = 200.0;

/// Polls at once of one task list.
pub(crate) const POLLERS: u64 = 1_000;

/// Open activities of one workflow execution.
pub(crate) const OPEN_ACTIVITIES: u64 = 1_000;

/// By so little nothing is too much: it is how floats are rounded.
pub(crate) const ROUNDING: f64 = 1.0 + 1e-6;

/// So many calls a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quota {
    /// The operation, as Amazon SWF calls it.
    pub(crate) operation: &'static str,
    /// What of it one has in mind.
    pub(crate) of: &'static str,
    /// How many calls a second it takes in the long run.
    pub(crate) rate: f64,
}

/// A quota and what is asked of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Use {
    /// The operation, as Amazon SWF calls it.
    pub(crate) operation: &'static str,
    /// What of it one has in mind.
    #[serde(rename = "which")]
    pub(crate) of: &'static str,
    /// How many calls a second it takes.
    pub(crate) quota: f64,
    /// How many are needed.
    pub(crate) needed: f64,
    /// Whether that leaves the margin.
    pub(crate) fits: bool,
    /// The smallest whole quota that would.
    pub(crate) smallest_quota: u64,
}

impl Use {
    /// So many calls a second of a quota, of which `margin`, from 0 to 1, is to be left.
    pub(crate) fn new(quota: Quota, needed: f64, margin: f64) -> Self {
        let smallest = (needed / (1.0 - margin) / ROUNDING).ceil().max(1.0);
        // It is a positive number, and what is past the largest becomes that.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let smallest_quota = smallest as u64;
        Self {
            operation: quota.operation,
            of: quota.of,
            quota: quota.rate,
            needed,
            fits: needed <= quota.rate * (1.0 - margin) * ROUNDING,
            smallest_quota,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_smallest_quota_fits_and_one_less_does_not(
            needed in 0.01..1e6_f64, margin in 0.05..0.9_f64,
        ) {
            let quota = |rate| Quota { operation: "Any", of: "any", rate };
            let smallest = Use::new(quota(1.0), needed, margin).smallest_quota;
            prop_assert!(Use::new(quota(smallest as f64), needed, margin).fits);
            if smallest > 1 {
                prop_assert!(!Use::new(quota((smallest - 1) as f64), needed, margin).fits);
            }
        }
    }
}
