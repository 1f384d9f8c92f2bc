//! SWF's quotas and lengths, each in one place.
//!
//! Source: the Amazon SWF API reference, version 2012-01-25, and the quotas in the
//! developer guide. The throttles are not among them: nothing here is throttled.
//!
//! Lengths are counted in UTF-16 units. Whether SWF counts those or code points is not
//! confirmed; UTF-16 units are the stricter reading, so what passes here passes there.

use std::time::Duration;

/// An input, a result, a `control` or the details of an outcome.
pub const DATA: usize = 32_768;
/// The details of a heartbeat.
pub const HEARTBEAT_DETAILS: usize = 2_048;
/// The reason of a failure or of a termination.
pub const REASON: usize = 256;
/// The identity that a poll gives.
pub const IDENTITY: usize = 256;
/// The description of a type or of a domain.
pub const DESCRIPTION: usize = 1_024;
/// The name of a domain, type, task list, workflow or activity.
pub const NAME: usize = 256;
/// The version of a type.
pub const VERSION: usize = 64;
/// A run id.
pub const RUN_ID: usize = 64;
/// A task token.
pub const TASK_TOKEN: usize = 1_024;
/// The longest timeout.
pub const TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The longest retention of a closed execution, in days.
pub const RETENTION_DAYS: u32 = 90;

/// Open activities in one execution; one more fails with `OPEN_ACTIVITIES_LIMIT_EXCEEDED`.
pub const OPEN_ACTIVITIES: usize = 1_000;
/// Events in one history; an execution that would pass it is terminated.
pub const HISTORY_EVENTS: usize = 25_000;
/// Long polls that wait at one task list; one more is a `LimitExceededFault`.
pub const POLLERS: usize = 1_000;
/// Domains; one more is a `LimitExceededFault`.
pub const DOMAINS: usize = 100;
/// Types in one domain; one more is a `LimitExceededFault`.
pub const TYPES: usize = 10_000;
/// How long SWF holds a poll that has nothing to bring.
pub const POLL_HOLD: Duration = Duration::from_secs(60);
