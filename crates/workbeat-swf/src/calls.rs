//! How the SDK is to make the calls.

use std::time::Duration;

use aws_sdk_swf::Client;
use aws_sdk_swf::config::retry::RetryConfig;
use aws_sdk_swf::config::timeout::TimeoutConfig;
use aws_sdk_swf::config::{Builder, Config, StalledStreamProtectionConfig};

/// The least read timeout of a poll: Amazon SWF holds one for 60 s.
pub(crate) const LEAST_POLL_READ_TIMEOUT: Duration = Duration::from_secs(70);

/// The read timeout of a poll, unless it is set.
pub(crate) const POLL_READ_TIMEOUT: Duration = Duration::from_secs(75);

/// How long any other call may take with all its retries, unless it is set. A little less than
/// the worker waits for an outcome, 10 s, so that the SDK's own error is seen.
const CALL_TIMEOUT: Duration = Duration::from_secs(9);

/// For a poll: one request on the wire, which nothing but its read timeout cuts short, whatever
/// the client is set to.
pub(crate) fn for_polls(read_timeout: Duration) -> Builder {
    let timeouts = TimeoutConfig::builder()
        .read_timeout(read_timeout.max(LEAST_POLL_READ_TIMEOUT))
        .disable_operation_timeout()
        .disable_operation_attempt_timeout();
    Config::builder()
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

/// For any other call of `client`: `chosen`, else the client's own operation timeout, else the
/// default. Its retries are the client's.
pub(crate) fn for_others(client: &Client, chosen: Option<Duration>) -> Builder {
    let its_own = client.config().timeout_config();
    let its_own = its_own.and_then(TimeoutConfig::operation_timeout);
    let timeout = chosen.or(its_own).unwrap_or(CALL_TIMEOUT);
    let timeouts = TimeoutConfig::builder().operation_timeout(timeout);
    Config::builder().timeout_config(timeouts.build())
}

/// For a heartbeat: as any other call, but that the SDK does not retry it. The worker's budget
/// must see each throttle, and knows when the next try is worth its call.
pub(crate) fn for_beats(client: &Client, chosen: Option<Duration>) -> Builder {
    for_others(client, chosen).retry_config(RetryConfig::disabled())
}
