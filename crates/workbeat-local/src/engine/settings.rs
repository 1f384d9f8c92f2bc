//! What can be chosen about the engine's behaviour.

use std::time::Duration;

use super::limits;

/// How the engine behaves where SWF leaves a choice, or where a test wants one.
///
/// ```
/// use std::time::Duration;
/// use workbeat_local::engine::{Engine, Settings};
///
/// let engine = Engine::new(Settings::default().poll_hold(Duration::from_secs(5)));
/// # let _ = engine;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Settings {
    pub(super) poll_hold: Duration,
    pub(super) lenient_types: bool,
    pub(super) lenient_workflow_types: bool,
    pub(super) strict_cancel: bool,
    pub(super) keep_closed: bool,
    pub(super) track_changes: bool,
    pub(super) region: String,
    pub(super) whole_seconds: bool,
    pub(super) seed: u64,
}

impl Settings {
    /// How long a poll waits for a task before it ends empty. SWF: 60 s.
    pub fn poll_hold(mut self, hold: Duration) -> Self {
        self.poll_hold = hold;
        self
    }

    /// Whether an activity can be scheduled, and an execution started, although not all about
    /// its type is registered.
    ///
    /// If so, an unknown activity type is registered when it is first scheduled (a later
    /// [`RegisterActivityType`](super::RegisterActivityType) takes its place), a timeout
    /// that nobody declared is `NONE`, a task list that nobody declared is `default`, and a
    /// child policy that nobody declared is `TERMINATE`. By default the engine answers as SWF:
    /// the activity is not scheduled, and the cause is in the history; the execution is not
    /// started.
    pub fn lenient_types(mut self, lenient: bool) -> Self {
        self.lenient_types = lenient;
        self
    }

    /// Whether an execution can be started although not all about its type is registered, even
    /// if the settings are not [lenient](Self::lenient_types) about activities. By default it
    /// cannot.
    pub fn lenient_workflow_types(mut self, lenient: bool) -> Self {
        self.lenient_workflow_types = lenient;
        self
    }

    /// Whether an execution needs no registered type.
    pub(super) fn takes_any_workflow(&self) -> bool {
        self.lenient_types || self.lenient_workflow_types
    }

    /// Whether `RespondActivityTaskCanceled` is refused when nobody asked for it.
    ///
    /// SWF's documentation speaks against such an answer and does not say that it is
    /// refused. By default it is accepted, and shows in the history as an
    /// `ActivityTaskCanceled` without `latestCancelRequestedEventId`.
    pub fn strict_cancel(mut self, strict: bool) -> Self {
        self.strict_cancel = strict;
        self
    }

    /// Whether closed executions are kept for as long as the engine is, whatever their domain's
    /// retention says. By default they are forgotten as SWF does it.
    pub fn keep_closed(mut self, keep: bool) -> Self {
        self.keep_closed = keep;
        self
    }

    /// Whether the engine notes what each call changes, for a shell that keeps its state.
    /// By default it does not.
    pub fn track_changes(mut self, track: bool) -> Self {
        self.track_changes = track;
        self
    }

    /// The region that the service says it is in; it shows in ARNs. By default `us-east-1`.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// Whether [`call`](super::Engine::call) refuses a timeout with a fraction of a second.
    ///
    /// SWF does. By default the engine takes it, so that tests can be quick;
    /// [`apply`](super::Engine::apply) always does.
    pub fn whole_seconds(mut self, whole: bool) -> Self {
        self.whole_seconds = whole;
        self
    }

    /// Where run ids and task tokens come from. The same seed gives the same ones again.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            poll_hold: limits::POLL_HOLD,
            lenient_types: false,
            lenient_workflow_types: false,
            strict_cancel: false,
            keep_closed: false,
            track_changes: false,
            region: "us-east-1".to_owned(),
            whole_seconds: false,
            seed: 0,
        }
    }
}
