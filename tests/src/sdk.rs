//! The real `aws-sdk-swf` against a server on this machine.

use aws_sdk_swf::Client;
use aws_sdk_swf::config::retry::RetryConfig;
use aws_sdk_swf::config::{BehaviorVersion, Builder, Credentials, Region};

/// What a client needs for a server at `url`: made-up credentials, plain HTTP, a region.
///
/// It retries nothing by itself, so that a test sees every answer; whoever wants the SDK's
/// retries sets them.
#[must_use]
pub fn sdk_config(url: &str, region: &str) -> Builder {
    aws_sdk_swf::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
}

/// A client for a server at `url`, in the usual region. It has connections of its own.
#[must_use]
pub fn sdk_client(url: &str) -> Client {
    sdk_client_in(url, "us-east-1")
}

/// A client for a server at `url`, in this region.
#[must_use]
pub fn sdk_client_in(url: &str, region: &str) -> Client {
    Client::from_conf(sdk_config(url, region).build())
}
