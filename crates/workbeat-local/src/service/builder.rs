//! How an embedded service is set up.

use std::time::{Duration, SystemTime};

use super::error::LocalError;
use super::local::LocalService;
use super::shared::Shared;
use crate::engine::{Engine, RegisterDomain, Settings, Timestamp};

/// Builds a [`LocalService`] that differs from the usual one.
///
/// ```
/// use std::time::Duration;
/// use workbeat_local::LocalService;
///
/// let service = LocalService::builder()
///     .domain("billing")
///     .poll_hold(Duration::from_secs(5))
///     .auto_register(false)
///     .build()?;
/// assert_eq!(service.domain(), "billing");
/// # Ok::<(), workbeat_local::LocalError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "`build` makes the service"]
pub struct LocalServiceBuilder {
    domain: String,
    phantom_polls: bool,
    settings: Settings,
    start: Option<Timestamp>,
}

impl LocalServiceBuilder {
    /// The domain's name. By default `workbeat`.
    pub fn domain(mut self, name: impl Into<String>) -> Self {
        self.domain = name.into();
        self
    }

    /// How long a poll waits for a task before it ends empty. By default 60 s, as on SWF.
    pub fn poll_hold(mut self, hold: Duration) -> Self {
        self.settings = self.settings.poll_hold(hold);
        self
    }

    /// Whether a poll whose future is dropped keeps its place, so that the next task goes to
    /// nobody: what the real service can do to a worker that aborts its polls. By default it
    /// does not.
    pub fn phantom_polls(mut self, phantom: bool) -> Self {
        self.phantom_polls = phantom;
        self
    }

    /// Whether an activity can be started before its type is registered. By default it can.
    ///
    /// A test often starts an activity before its worker has registered anything. If this is
    /// on, an unknown type is registered when it is first started, and what the worker
    /// declares when it registers the type holds from then on. A timeout that neither the
    /// start nor the type says is `NONE`, and a task list that neither says is `default`.
    ///
    /// If it is off, starting such an activity fails with SWF's own cause, such as
    /// `ACTIVITY_TYPE_DOES_NOT_EXIST` or `DEFAULT_HEARTBEAT_TIMEOUT_UNDEFINED`.
    pub fn auto_register(mut self, auto_register: bool) -> Self {
        self.settings = self.settings.lenient_types(auto_register);
        self
    }

    /// Whether the service refuses a worker's cancellation of a task that nobody asked for.
    ///
    /// SWF's documentation speaks against such an answer and does not say that it is refused.
    /// By default it is accepted, and the `ActivityTaskCanceled` event has no
    /// `latestCancelRequestedEventId`.
    pub fn strict_cancel(mut self, strict: bool) -> Self {
        self.settings = self.settings.strict_cancel(strict);
        self
    }

    /// Where run ids and task tokens come from. The same seed gives the same ones again.
    /// By default 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings = self.settings.seed(seed);
        self
    }

    /// What time it is when the service is first used, for a history that is the same in
    /// every run. By default the time of day. Only tokio's time moves it on.
    pub fn starting_at(mut self, time: SystemTime) -> Self {
        self.start = Some(time.into());
        self
    }

    /// Makes the service.
    ///
    /// # Errors
    ///
    /// [`Invalid`](super::LocalErrorKind::Invalid) if SWF would not take the domain's name.
    pub fn build(self) -> Result<LocalService, LocalError> {
        let start = self.start.unwrap_or_else(|| SystemTime::now().into());
        let mut engine = Engine::new(self.settings);
        engine.apply(
            RegisterDomain {
                name: self.domain.clone(),
                ..Default::default()
            },
            start,
        )?;
        let shared = Shared::new(self.domain, self.phantom_polls, engine, start);
        Ok(LocalService::over(shared))
    }
}

impl Default for LocalServiceBuilder {
    fn default() -> Self {
        Self {
            domain: "workbeat".to_owned(),
            phantom_polls: false,
            settings: Settings::default()
                .lenient_types(true)
                .lenient_workflow_types(true)
                .keep_closed(true),
            start: None,
        }
    }
}
