//! The code of the README and of the guides: all of it is compiled, and what can run, runs.

/// README.md.
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// docs/getting-started.md.
#[doc = include_str!("../../docs/getting-started.md")]
pub struct GettingStarted;

/// docs/cancellation.md.
#[doc = include_str!("../../docs/cancellation.md")]
pub struct Cancellation;

/// docs/heartbeats.md.
#[doc = include_str!("../../docs/heartbeats.md")]
pub struct Heartbeats;

/// docs/shutdown.md.
#[doc = include_str!("../../docs/shutdown.md")]
pub struct Shutdown;

/// docs/failures.md.
#[doc = include_str!("../../docs/failures.md")]
pub struct Failures;

/// docs/amazon-swf.md.
#[doc = include_str!("../../docs/amazon-swf.md")]
pub struct AmazonSwf;

/// crates/workbeat-swf/README.md.
#[doc = include_str!("../../crates/workbeat-swf/README.md")]
pub struct AdapterReadme;

/// docs/step-functions.md.
#[doc = include_str!("../../docs/step-functions.md")]
pub struct StepFunctions;

/// crates/workbeat-sfn/README.md.
#[doc = include_str!("../../crates/workbeat-sfn/README.md")]
pub struct StepFunctionsReadme;

/// docs/handing-on.md.
#[doc = include_str!("../../docs/handing-on.md")]
pub struct HandingOn;

/// crates/workbeat/README.md.
#[doc = include_str!("../../crates/workbeat/README.md")]
pub struct FrameworkReadme;

/// docs/local-server.md.
#[doc = include_str!("../../docs/local-server.md")]
pub struct LocalServer;

/// docs/command.md.
#[doc = include_str!("../../docs/command.md")]
pub struct Command;

/// docs/coming-from.md.
#[doc = include_str!("../../docs/coming-from.md")]
pub struct ComingFrom;

/// docs/codecs.md.
#[doc = include_str!("../../docs/codecs.md")]
pub struct Codecs;

/// docs/large-payloads.md.
#[doc = include_str!("../../docs/large-payloads.md")]
pub struct LargePayloads;

/// docs/resuming.md.
#[doc = include_str!("../../docs/resuming.md")]
pub struct Resuming;

/// crates/workbeat-claim-check/README.md.
#[doc = include_str!("../../crates/workbeat-claim-check/README.md")]
pub struct ClaimCheckReadme;

/// docs/middleware.md.
#[doc = include_str!("../../docs/middleware.md")]
pub struct Middleware;

/// docs/status.md.
#[doc = include_str!("../../docs/status.md")]
pub struct Status;

/// crates/workbeat-status/README.md.
#[doc = include_str!("../../crates/workbeat-status/README.md")]
pub struct StatusReadme;

/// docs/metrics.md.
#[doc = include_str!("../../docs/metrics.md")]
pub struct Metrics;

/// docs/observing.md.
#[doc = include_str!("../../docs/observing.md")]
pub struct Observing;

/// docs/configuration.md.
#[doc = include_str!("../../docs/configuration.md")]
pub struct Configuration;
