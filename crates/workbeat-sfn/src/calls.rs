//! How the SDK is to make the calls.

use std::time::Duration;

use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::retry::RetryConfig;
use aws_sdk_sfn::config::timeout::TimeoutConfig;
use aws_sdk_sfn::config::{
    AsyncSleep, Builder, Config, IdentityCache, Sleep, StalledStreamProtectionConfig,
};

/// The least read timeout of a poll: Step Functions holds one for 60 s.
pub(crate) const LEAST_POLL_READ_TIMEOUT: Duration = Duration::from_secs(65);

/// The read timeout of a poll, unless it is set.
pub(crate) const POLL_READ_TIMEOUT: Duration = Duration::from_secs(75);

/// How long any other call may take with all its retries, unless it is set. A little less than
/// the worker waits for an outcome, 10 s, so that the SDK's own error is seen.
const CALL_TIMEOUT: Duration = Duration::from_secs(9);

/// What the service's own clients are made of: everything that the user set on `client`, and what
/// they must share even if it sets none.
pub(crate) fn shared(client: &Client) -> Config {
    let config = client.config();
    let mut builder = config.to_builder();
    if config.identity_cache().is_none() {
        // Or each of them would fetch credentials for itself.
        builder.set_identity_cache(IdentityCache::lazy().build());
    }
    if config.sleep_impl().is_none() {
        // A client that has timeouts and nothing to sleep with cannot be made.
        builder = builder.sleep_impl(TokioSleep);
    }
    builder.build()
}

/// A client for polls: one request on the wire, which nothing but its read timeout cuts short,
/// whatever the user's client is set to.
pub(crate) fn for_polls(shared: &Config, read_timeout: Duration) -> Client {
    let timeouts = TimeoutConfig::builder()
        .read_timeout(read_timeout.max(LEAST_POLL_READ_TIMEOUT))
        .disable_operation_timeout()
        .disable_operation_attempt_timeout();
    let config = shared
        .to_builder()
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    Client::from_conf(config.build())
}

/// A client for any other call: its operation timeout is `chosen`, else the user's own, else the
/// default. Its retries are the user's.
pub(crate) fn for_others(shared: &Config, chosen: Option<Duration>) -> Client {
    let its_own = shared.timeout_config();
    let its_own = its_own.and_then(TimeoutConfig::operation_timeout);
    let timeout = chosen.or(its_own).unwrap_or(CALL_TIMEOUT);
    let timeouts = TimeoutConfig::builder().operation_timeout(timeout);
    let config = shared.to_builder().timeout_config(timeouts.build());
    Client::from_conf(config.build())
}

/// For a heartbeat: as any other call, but that the SDK does not retry it. The worker's budget
/// must see each throttle, and knows when the next try is worth its call. It is said with the
/// call, because a client of its own might have connections of its own.
pub(crate) fn for_beats() -> Builder {
    Config::builder().retry_config(RetryConfig::disabled())
}

/// Sleeps by tokio's timer, as the SDK's own sleep does where it is built with one.
#[derive(Debug)]
struct TokioSleep;

impl AsyncSleep for TokioSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}
