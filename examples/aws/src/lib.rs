//! What the examples share: a client for the local server, and a decider for one activity.

mod one_activity;

use std::env;

use aws_sdk_swf::Client;
use aws_sdk_swf::config::{BehaviorVersion, Config, Credentials, Region};

pub use one_activity::{carry_out, carry_out_in};

/// A client for `workbeat server` on this machine, or where `WORKBEAT_ENDPOINT` or else
/// `AWS_ENDPOINT_URL_SWF` says.
#[must_use]
pub fn local_client() -> Client {
    let said = env::var("WORKBEAT_ENDPOINT").or_else(|_| env::var("AWS_ENDPOINT_URL_SWF"));
    local_client_at(&said.unwrap_or_else(|_| "http://127.0.0.1:7100".to_owned()))
}

/// A client for a local server at this URL. It takes any credentials, so these are made up.
#[must_use]
pub fn local_client_at(url: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(url)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}
