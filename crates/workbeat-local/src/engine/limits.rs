//! SWF's quotas, each in one place.
//!
//! Source: the Amazon SWF API reference, version 2012-01-25, and the quotas in the
//! developer guide. The throttles are not among them: nothing here is throttled.
//!
//! Lengths are not here: the contract has them, with the shapes that they are for. They are
//! counted in UTF-16 units. Whether SWF counts those or code points is not confirmed; UTF-16
//! units are the stricter reading, so what passes here passes there.

use std::time::Duration;

/// The longest timeout, and the longest that an execution goes on.
pub const TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The longest retention of a closed execution, in days.
pub const RETENTION_DAYS: u32 = 90;

/// Open activities in one execution; one more fails with `OPEN_ACTIVITIES_LIMIT_EXCEEDED`.
pub const OPEN_ACTIVITIES: usize = 1_000;
/// Open timers in one execution; one more fails with `OPEN_TIMERS_LIMIT_EXCEEDED`.
pub const OPEN_TIMERS: usize = 1_000;
/// Open children of one execution; one more fails with `OPEN_CHILDREN_LIMIT_EXCEEDED`.
pub const OPEN_CHILDREN: usize = 1_000;
/// Open executions in one domain; one more is a `LimitExceededFault`, or fails with
/// `OPEN_WORKFLOWS_LIMIT_EXCEEDED`.
pub const OPEN_WORKFLOWS: usize = 100_000;
/// Events in one history; an execution that would pass it is terminated.
pub const HISTORY_EVENTS: usize = 25_000;
/// Long polls that wait at one task list; one more is a `LimitExceededFault`.
pub const POLLERS: usize = 1_000;
/// Domains; one more is a `LimitExceededFault`.
pub const DOMAINS: usize = 100;
/// Types in one domain, of both sorts together; one more is a `LimitExceededFault`.
pub const TYPES: usize = 10_000;
/// Tags of one domain; one more is a `TooManyTagsFault`.
pub const TAGS: usize = 50;
/// Entries, or events, of one page.
pub const PAGE: usize = 1_000;
/// How long SWF holds a poll that has nothing to bring.
pub const POLL_HOLD: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use workbeat::service::ServiceLimits;

    use crate::engine::contract::most;

    #[test]
    fn what_the_worker_holds_for_the_limits_of_swf_is_in_the_contract() {
        let limits = ServiceLimits::SWF;
        for (shape, limit) in [
            ("LimitedData", limits.heartbeat_details),
            ("Data", limits.result),
            ("Data", limits.details),
            ("FailureReason", limits.reason),
            ("Identity", limits.identity),
        ] {
            assert_eq!(most(shape), Some(limit), "{shape}");
        }
    }
}
