//! A server, a proxy before it, a worker behind the proxy, and the test as the decider.

use std::time::Duration;

use aws_sdk_swf::Client;
use aws_sdk_swf::config::retry::RetryConfig;
use aws_sdk_swf::types::{
    ActivityType, Decision, DecisionType, HistoryEvent, ScheduleActivityTaskDecisionAttributes,
    WorkflowExecution,
};
use workbeat::prelude::*;
use workbeat::worker::WorkerBuilder;
use workbeat::{Backoff, activity_fn};
use workbeat_server::{LocalServer, Options};
use workbeat_swf::SwfService;
use workbeat_tests::decider::{DOMAIN, Decider, FILES, request_cancel, task_list};
use workbeat_tests::{Proxy, millis, sdk_client, sdk_config, seconds};

use crate::act::Acts;

/// Longer than a network or a loaded machine is away in these tests, unless that is the point.
pub(crate) const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(300);

const WORKFLOW: &str = "outage";

pub(crate) struct Stage {
    pub(crate) server: LocalServer,
    pub(crate) proxy: Proxy,
    pub(crate) acts: Acts,
    pub(crate) decider: Decider,
    execution: WorkflowExecution,
}

impl Stage {
    /// With a server that holds polls for a moment only.
    pub(crate) async fn new() -> Self {
        Self::with(LocalServer::builder().poll_hold(millis(200))).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        // An idle connection of the decider is not what these tests are about.
        let options = options.request_timeout(seconds(300));
        let server = options.start().await.expect("it starts");
        let proxy = Proxy::start(server.local_addr()).await;
        let decider = Decider::register(&server.url()).await;
        let execution = decider.start(WORKFLOW).await;
        Self {
            server,
            proxy,
            acts: Acts::new(),
            decider,
            execution,
        }
    }

    /// Schedules activities with these ids.
    pub(crate) async fn schedule(&self, ids: &[String], heartbeat_timeout: Duration) {
        let schedule = |id: &String| scheduled(id, heartbeat_timeout);
        self.decider
            .decide(ids.iter().map(schedule).collect())
            .await;
    }

    /// Asks for the cancellation of these activities.
    pub(crate) async fn request_cancel(&self, ids: &[String]) {
        self.signal().await;
        let cancels = ids.iter().map(|id| request_cancel(id));
        self.decider.decide(cancels.collect()).await;
    }

    /// So that there is something to decide.
    pub(crate) async fn signal(&self) {
        let signal = self.decider.client().signal_workflow_execution();
        let signal = signal.domain(DOMAIN).workflow_id(WORKFLOW);
        let signal = signal.signal_name("decide").send().await;
        signal.expect("the signal is taken");
    }

    pub(crate) async fn history(&self) -> Vec<HistoryEvent> {
        self.decider.history(&self.execution).await
    }

    /// The adapter, through the proxy.
    pub(crate) fn service(&self) -> SwfService {
        SwfService::new(sdk_client(&self.proxy.url()), DOMAIN)
    }

    /// The same, with the retries that the SDK makes unless it is told not to.
    pub(crate) fn service_that_retries(&self) -> SwfService {
        let config = sdk_config(&self.proxy.url(), "us-east-1");
        let config = config.retry_config(RetryConfig::standard());
        SwfService::new(Client::from_conf(config.build()), DOMAIN)
    }

    /// A worker behind the proxy, with two polls.
    pub(crate) fn worker(&self) -> WorkerBuilder {
        self.worker_on(self.service())
    }

    /// The same, on this service.
    pub(crate) fn worker_on(&self, service: SwfService) -> WorkerBuilder {
        let acts = self.acts.clone();
        let pack = activity_fn("pack", "1", move |ctx: ActivityContext| {
            let acts = acts.clone();
            async move { acts.act(ctx).await }
        });
        let options = ActivityOptions::new()
            .heartbeat_timeout(HEARTBEAT_TIMEOUT)
            .heartbeat_interval(millis(250));
        Worker::builder(service)
            .task_list(FILES)
            .slots(50)
            .max_concurrent_polls(2)
            .poll_backoff(Backoff::new(millis(20), millis(500)))
            .drain_deadline(seconds(60))
            .activity(pack.with_options(options))
    }
}

/// So many ids of a kind.
pub(crate) fn ids(kind: &str, count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("{kind}-{n}")).collect()
}

fn scheduled(id: &str, heartbeat_timeout: Duration) -> Decision {
    let pack = ActivityType::builder().name("pack").version("1").build();
    let schedule = ScheduleActivityTaskDecisionAttributes::builder()
        .activity_id(id)
        .activity_type(pack.expect("name and version"))
        .task_list(task_list(FILES))
        .heartbeat_timeout(heartbeat_timeout.as_secs().to_string())
        .schedule_to_start_timeout("NONE")
        .start_to_close_timeout("NONE");
    Decision::builder()
        .decision_type(DecisionType::ScheduleActivityTask)
        .schedule_activity_task_decision_attributes(schedule.build().expect("type and id"))
        .build()
        .expect("a decision")
}
