//! A local server for the programs.

use std::time::Duration;

use aws_sdk_swf::Client;
use aws_sdk_swf::types::ActivityType;
use tokio::time::{sleep, timeout};
use workbeat_server::LocalServer;

use crate::program::SOON;

/// A server that holds polls for a moment only, so that a drain does not wait long.
pub(crate) async fn server() -> LocalServer {
    let server = LocalServer::builder().poll_hold(Duration::from_millis(200));
    server.start().await.expect("it must start")
}

/// Waits until a worker has registered its activity.
pub(crate) async fn registered(client: &Client, domain: &str, activity: &str) {
    let known = async {
        loop {
            let of_type = ActivityType::builder().name(activity).version("1.0");
            let describe = client.describe_activity_type().domain(domain);
            let describe = describe.activity_type(of_type.build().expect("a type"));
            if describe.send().await.is_ok() {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, known).await.expect("the type must be known");
}
