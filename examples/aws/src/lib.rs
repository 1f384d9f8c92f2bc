//! What the examples share: a client for the local server.

use aws_sdk_swf::Client;
use aws_sdk_swf::config::{BehaviorVersion, Config, Credentials, Region};

/// A client for `workbeat server` on this machine, or for the endpoint that
/// `AWS_ENDPOINT_URL_SWF` names. The local server takes any credentials.
#[must_use]
pub fn local_client() -> Client {
    let endpoint = std::env::var("AWS_ENDPOINT_URL_SWF");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint.unwrap_or_else(|_| "http://127.0.0.1:7100".to_owned()))
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}
