//! Builds the service.

use std::time::Duration;

use aws_sdk_swf::Client;

use crate::calls::POLL_READ_TIMEOUT;
use crate::{Retention, SwfService, Timeouts};

/// Builds a [`SwfService`]; see [`SwfService::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct SwfServiceBuilder {
    pub(crate) client: Client,
    pub(crate) heartbeat_client: Option<Client>,
    pub(crate) domain: String,
    pub(crate) retention: Option<Retention>,
    pub(crate) timeouts: Timeouts,
    pub(crate) poll_read_timeout: Duration,
    pub(crate) call_timeout: Option<Duration>,
}

impl SwfServiceBuilder {
    pub(crate) fn new(client: Client, domain: String) -> Self {
        Self {
            client,
            heartbeat_client: None,
            domain,
            retention: None,
            timeouts: Timeouts::default(),
            poll_read_timeout: POLL_READ_TIMEOUT,
            call_timeout: None,
        }
    }

    /// Sends heartbeats, and asks for timeouts, through this client. The default is the one for
    /// everything.
    ///
    /// It belongs to
    /// [`heartbeat_runtime`](workbeat::worker::WorkerBuilder::heartbeat_runtime): an HTTP
    /// connection lives in the runtime that opened it, so heartbeats from a runtime of their own
    /// need connections of their own. A clone of the first client shares its connections and
    /// will not do; build one with an HTTP client of its own.
    ///
    /// Its retries are for the questions alone: a heartbeat is never retried by the SDK, whatever
    /// the client is set to. The worker tries again as the heartbeat timeout allows.
    ///
    /// ```no_run
    /// use workbeat_swf::SwfService;
    ///
    /// # fn example(config: &aws_sdk_swf::Config, client: aws_sdk_swf::Client, own: aws_sdk_swf::config::SharedHttpClient) {
    /// let heartbeats = config.to_builder().http_client(own).build();
    /// let service = SwfService::builder(client, "media")
    ///     .heartbeat_client(aws_sdk_swf::Client::from_conf(heartbeats))
    ///     .build();
    /// # }
    /// ```
    pub fn heartbeat_client(mut self, client: Client) -> Self {
        self.heartbeat_client = Some(client);
        self
    }

    /// Registers the domain before anything else. It is not an error if it is there. By default
    /// the domain must exist.
    ///
    /// Needs `swf:RegisterDomain` on `*`. One call when the worker starts.
    pub fn register_domain(mut self, retention: Retention) -> Self {
        self.retention = Some(retention);
        self
    }

    /// How the worker learns which timeouts a task has. The default is
    /// [`Timeouts::Declared`].
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// How long a poll waits for the first byte of its answer. The default is 75 s, and less
    /// than 70 s is taken for 70 s: the service holds a poll for 60 s, and a poll that the
    /// client gives up may still be handed a task.
    pub fn poll_read_timeout(mut self, timeout: Duration) -> Self {
        self.poll_read_timeout = timeout;
        self
    }

    /// How long every other call may take, the SDK's retries included. The default is the
    /// client's own operation timeout, or 9 s if it has none.
    ///
    /// The worker gives a call up on its own after 10 s for an outcome, after 30 s for a
    /// registration, and for a heartbeat after an interval, 10 s at most. More than that has no
    /// effect.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = Some(timeout);
        self
    }

    /// Builds the service. No call is made.
    pub fn build(self) -> SwfService {
        SwfService::new_from(self)
    }
}
