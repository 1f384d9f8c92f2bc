//! Builds the service.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sfn::Client;
use workbeat::service::ActivityType;

use crate::SfnService;
use crate::calls::POLL_READ_TIMEOUT;

/// Builds a [`SfnService`]; see [`SfnService::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct SfnServiceBuilder {
    pub(crate) client: Client,
    pub(crate) heartbeat_client: Option<Client>,
    pub(crate) arns: Vec<String>,
    pub(crate) account: Option<String>,
    pub(crate) create: bool,
    pub(crate) version: Arc<str>,
    pub(crate) types: BTreeMap<String, ActivityType>,
    pub(crate) poll_read_timeout: Duration,
    pub(crate) call_timeout: Option<Duration>,
}

impl SfnServiceBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            heartbeat_client: None,
            arns: Vec::new(),
            account: None,
            create: false,
            version: "1.0".into(),
            types: BTreeMap::new(),
            poll_read_timeout: POLL_READ_TIMEOUT,
            call_timeout: None,
        }
    }

    /// The ARN of an activity. Its last part is the name, and so the worker's task list.
    ///
    /// Where it is known, the worker needs no permission but `states:GetActivityTask` and that for what
    /// it says of tasks. May be called several times. A text that is no ARN of an activity ends the
    /// worker's run, with an error that says so.
    ///
    /// ```
    /// # fn example(client: aws_sdk_sfn::Client) -> Result<(), workbeat::worker::BuildError> {
    /// use workbeat::prelude::*;
    /// use workbeat_sfn::SfnService;
    ///
    /// let service = SfnService::builder(client)
    ///     .activity_arn("arn:aws:states:eu-central-1:123456789012:activity:transcode")
    ///     .build();
    /// # let transcode = async |video: String| Ok::<_, ActivityError>(video);
    /// let worker = Worker::builder(service)
    ///     .task_list("transcode")
    ///     .activity_fn("transcode", "1.0", transcode)
    ///     .build()?;
    /// # let _ = worker;
    /// # Ok(())
    /// # }
    /// ```
    pub fn activity_arn(mut self, arn: impl Into<String>) -> Self {
        self.arns.push(arn.into());
        self
    }

    /// The account that the activities are in, 12 digits. With it and the client's region the adapter
    /// makes the ARNs of names by itself. By default it looks them up with ListActivities, which needs
    /// `states:ListActivities` on `*`.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Creates an activity that is polled, unless it is there: one CreateActivity for each task
    /// list, before its first poll. By default the activities must exist. Those that were told by
    /// their [ARN](Self::activity_arn) are not created.
    ///
    /// Needs `states:CreateActivity`. An activity that is there is left as it is.
    pub fn create_activities(mut self) -> Self {
        self.create = true;
        self
    }

    /// The version of the worker's activities: Step Functions knows none. The default is `1.0`, as it is
    /// for `#[activity]`.
    pub fn version(mut self, version: impl Into<Arc<str>>) -> Self {
        self.version = version.into();
        self
    }

    /// Which of the worker's activities the tasks of one task list are for, where it has not the same
    /// name or another version.
    ///
    /// ```
    /// # fn example(client: aws_sdk_sfn::Client) {
    /// use workbeat_sfn::SfnService;
    ///
    /// let service = SfnService::builder(client)
    ///     .activity_type("transcode-staging", "transcode", "2.0")
    ///     .build();
    /// # }
    /// ```
    pub fn activity_type(
        mut self,
        task_list: impl Into<String>,
        name: impl Into<Arc<str>>,
        version: impl Into<Arc<str>>,
    ) -> Self {
        let activity_type = ActivityType::new(name, version);
        self.types.insert(task_list.into(), activity_type);
        self
    }

    /// Sends heartbeats through this client. The default is the one for everything.
    ///
    /// It belongs to
    /// [`heartbeat_runtime`](workbeat::worker::WorkerBuilder::heartbeat_runtime): an HTTP
    /// connection lives in the runtime that opened it, so heartbeats from a runtime of their own
    /// need connections of their own. A clone of the first client shares its connections and
    /// will not do; build one with an HTTP client of its own.
    ///
    /// Its retries are not used: a heartbeat is never retried by the SDK. The worker tries again as
    /// the heartbeat timeout allows.
    pub fn heartbeat_client(mut self, client: Client) -> Self {
        self.heartbeat_client = Some(client);
        self
    }

    /// How long a poll waits for the first byte of its answer. The default is 75 s, and less
    /// than 65 s is taken for 65 s: the service holds a poll for 60 s, and a poll that the
    /// client gives up may still be handed a task.
    pub fn poll_read_timeout(mut self, timeout: Duration) -> Self {
        self.poll_read_timeout = timeout;
        self
    }

    /// How long every other call may take, the SDK's retries included. The default is the
    /// client's own operation timeout, or 9 s if it has none.
    ///
    /// The worker gives a call up on its own after 10 s for an outcome, and for a heartbeat after an
    /// interval, 10 s at most. More than that has no effect.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = Some(timeout);
        self
    }

    /// Builds the service. No call is made.
    pub fn build(self) -> SfnService {
        SfnService::new_from(self)
    }
}
