//! The adapter for Amazon SWF, on a server of this machine.

use aws_sdk_swf::Client;
use workbeat::Worker;
use workbeat::worker::WorkerBuilder;
use workbeat_server::{LocalServer, Options};
use workbeat_swf::{SwfService, SwfServiceBuilder};

use crate::{LIST, millis, sdk_client};

/// The domain of these tests.
pub const DOMAIN: &str = "tests";

/// A server, a client of it, and the domain.
#[derive(Debug)]
pub struct SwfStage {
    /// The server.
    pub server: LocalServer,
    /// A client without retries.
    pub client: Client,
}

impl SwfStage {
    /// A fresh server, which holds polls for a moment only.
    pub async fn new() -> Self {
        Self::with(LocalServer::builder().poll_hold(millis(200))).await
    }

    /// A server with these options.
    ///
    /// # Panics
    ///
    /// When it does not start, or there is no domain.
    pub async fn with(options: Options) -> Self {
        let server = options.start().await.expect("the server must start");
        let client = sdk_client(&server.url());
        let domain = client.register_domain().name(DOMAIN);
        let domain = domain.workflow_execution_retention_period_in_days("1");
        if let Err(error) = domain.send().await {
            let error = error.into_service_error();
            assert!(error.is_domain_already_exists_fault(), "{error:?}");
        }
        Self { server, client }
    }

    /// The adapter, with a client of its own.
    pub fn service(&self) -> SwfServiceBuilder {
        SwfService::builder(sdk_client(&self.server.url()), DOMAIN)
    }

    /// A worker on `service` that polls the task list of these tests, one poll at a time.
    pub fn worker_on(service: SwfServiceBuilder) -> WorkerBuilder {
        Worker::builder(service.build())
            .task_list(LIST)
            .max_concurrent_polls(1)
    }

    /// A worker on the adapter.
    pub fn worker(&self) -> WorkerBuilder {
        Self::worker_on(self.service())
    }
}
