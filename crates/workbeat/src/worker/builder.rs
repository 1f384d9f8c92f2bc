//! Builds a worker.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::erased::{ErasedActivity, Typed, Untyped};
use super::registry::{Registered, Registry};
use super::settings::{Settings, UnknownType};
use super::surroundings::Surroundings;
use super::task_source::{SourceSettings, TaskSource, mistake_in_task_list, names};
use super::{BuildError, Worker};
use crate::activity::{
    Activity, ActivityContext, ActivityError, ActivityFn, ActivityOptions, activity_fn,
};
use crate::heartbeat::HeartbeatBudget;
use crate::retry::Backoff;
use crate::service::{ActivityService, ActivityType, Timeout, asked, name_fault};

/// Builds a [`Worker`]; see [`Worker::builder`].
///
/// At least one task list and one activity are needed; everything else has a default.
#[must_use = "a builder does nothing until `build` is called"]
pub struct WorkerBuilder {
    service: Arc<dyn ActivityService>,
    others: Vec<TaskSource>,
    pub(super) settings: Settings,
    pub(super) registry: Registry,
    limits: Vec<(ActivityType, usize)>,
    pub(super) surroundings: Surroundings,
    pub(super) untyped_options: Option<ActivityOptions>,
    /// What the configuration says of activity types, which may be registered later.
    #[cfg(feature = "config")]
    pub(super) sections: super::WorkerConfig,
    /// The first mistake; told by `build`, so that calls can be chained.
    pub(super) mistake: Option<BuildError>,
}

impl WorkerBuilder {
    pub(crate) fn new(service: Arc<dyn ActivityService>) -> Self {
        Self {
            service,
            others: Vec::new(),
            settings: Settings::default(),
            registry: Registry::default(),
            limits: Vec::new(),
            untyped_options: None,
            surroundings: Surroundings::default(),
            #[cfg(feature = "config")]
            sections: super::WorkerConfig::default(),
            mistake: None,
        }
    }

    /// Polls this task list. May be called several times.
    pub fn task_list(mut self, task_list: impl Into<String>) -> Self {
        let task_list: Arc<str> = task_list.into().into();
        if let Some(mistake) = mistake_in_task_list(&task_list) {
            self.note(mistake);
        }
        if !self.settings.task_lists.contains(&task_list) {
            self.settings.task_lists.push(task_list);
        }
        self
    }

    /// Takes tasks from another service too, side by side with the first and with the same
    /// activities. May be called several times.
    ///
    /// There is one set of [slots](Self::slots) and one scheduler of heartbeats for all; each service
    /// has its task lists, its own [budget](TaskSource::heartbeat_budget) of heartbeats, its limits
    /// and its way to stop a task. What is said of a task goes to the service that it came from. One
    /// that is down holds up no other: its types are registered, and its task lists polled, when it is
    /// back. A mistake in the settings of one, which it tells within a minute, ends the run, as with
    /// one service. What one refuses later is an error in the log, and the worker goes on with the
    /// others: one that refuses the types stays [without polls](super::ServiceStatus::is_polled) until
    /// the worker is started anew, a task list that it refuses is tried again.
    ///
    /// ```no_run
    /// # use workbeat::prelude::*;
    /// # use workbeat::service::ActivityService;
    /// use workbeat::worker::TaskSource;
    ///
    /// # async fn transcode(video: String) -> Result<String, ActivityError> { Ok(video) }
    /// # fn example(swf: impl ActivityService, step_functions: impl ActivityService) -> Result<(), workbeat::worker::BuildError> {
    /// let worker = Worker::builder(swf)
    ///     .task_list("video")
    ///     .source(TaskSource::new(step_functions).task_list("transcode"))
    ///     .activity_fn("transcode", "1.0", transcode)
    ///     .build()?;
    /// # let _ = worker;
    /// # Ok(())
    /// # }
    /// ```
    pub fn source(mut self, source: TaskSource) -> Self {
        if let Some(mistake) = source.mistake.clone() {
            self.note(mistake);
        }
        self.others.push(source);
        self
    }

    /// Runs this activity: a type that implements [`Activity`], or one that `#[activity]`
    /// generated.
    pub fn activity<A: Activity>(self, activity: A) -> Self {
        let activity_type = ActivityType::new(activity.name(), activity.version());
        let options = activity.options();
        self.erased(activity_type, Typed(activity, ()), options)
    }

    /// Runs an activity whose type is erased.
    pub(crate) fn erased(
        mut self,
        activity_type: ActivityType,
        activity: impl ErasedActivity + 'static,
        options: ActivityOptions,
    ) -> Self {
        for (what, name, limit) in [
            ("activity name", &activity_type.name, 256),
            ("activity version", &activity_type.version, 64),
        ] {
            if let Some(why) = name_fault(name, limit) {
                self.note(BuildError::InvalidName {
                    what,
                    name: name.to_string(),
                    why,
                });
            }
        }
        if let Some(mistake) = mistake_in(&options, &activity_type) {
            self.note(mistake);
        }
        let registered = registered(activity, options);
        if !self.registry.insert(activity_type.clone(), registered) {
            self.note(BuildError::DuplicateActivity(activity_type));
        }
        self
    }

    /// Runs a closure or a plain async fn as the activity `name` in `version`.
    ///
    /// To set its options, use [`activity_fn`](crate::activity_fn) and
    /// [`activity`](Self::activity).
    pub fn activity_fn<F, Args>(
        self,
        name: impl Into<String>,
        version: impl Into<String>,
        function: F,
    ) -> Self
    where
        F: ActivityFn<Args>,
        Args: 'static,
    {
        self.activity(activity_fn(name, version, function))
    }

    /// Runs `handler` for every task whose type is not registered: for names that are known
    /// only at run time. It is given the input as text, and gives the result as text.
    ///
    /// ```no_run
    /// # use workbeat::prelude::*;
    /// # fn example(builder: workbeat::worker::WorkerBuilder) -> workbeat::worker::WorkerBuilder {
    /// builder.untyped_activity_fn(|input: Option<String>, ctx: ActivityContext| async move {
    ///     match &*ctx.activity_type().name {
    ///         "echo" => Ok(input),
    ///         name => Err(ActivityError::failed(format!("no script for {name}"))),
    ///     }
    /// })
    /// # }
    /// ```
    pub fn untyped_activity_fn<F, Fut, E>(mut self, handler: F) -> Self
    where
        F: Fn(Option<String>, ActivityContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<String>, E>> + Send + 'static,
        E: Into<ActivityError> + 'static,
    {
        let registered = registered(Untyped(handler), ActivityOptions::default());
        if !self.registry.set_untyped(registered) {
            self.note(BuildError::DuplicateUntypedHandler);
        }
        self
    }

    /// The heartbeat timeout, heartbeat interval and cancel grace of the untyped handler.
    pub fn untyped_options(mut self, options: ActivityOptions) -> Self {
        self.untyped_options = Some(options);
        self
    }

    /// How many activities run at once, polls under way included. The default is 100: enough for
    /// work that mostly waits, on a database or a network, and little enough for memory. For work
    /// that computes set it to the number of processors, or a little more.
    pub fn slots(mut self, slots: usize) -> Self {
        if slots == 0 {
            self.note(BuildError::Zero("slots"));
        }
        self.settings.slots = slots;
        self
    }

    /// How many activities of one type run at once.
    ///
    /// A service gives no say in which type a poll brings. What is over the limit waits in its
    /// slot, heartbeats and can be cancelled, until there is a place. To keep such tasks in the
    /// service instead, give the type a task list and a worker of its own.
    pub fn activity_limit(
        mut self,
        name: impl Into<Arc<str>>,
        version: impl Into<Arc<str>>,
        limit: usize,
    ) -> Self {
        if limit == 0 {
            self.note(BuildError::Zero("activity_limit"));
        }
        self.limits.push((ActivityType::new(name, version), limit));
        self
    }

    /// How many polls of each task list are under way at once. The default is 2: a poll brings one
    /// task a round trip, so that two keep up with some dozens of tasks a second from afar and
    /// with far more from near, and each idle one holds a slot and a connection.
    pub fn max_concurrent_polls(mut self, polls: usize) -> Self {
        if polls == 0 {
            self.note(BuildError::Zero("max_concurrent_polls"));
        }
        self.settings.polls_each = polls;
        self
    }

    /// Who the worker says it is; the service writes it into its histories. The default is the
    /// process id and the host name, as `4711@host`, so that an entry of a history leads to the
    /// process. It is cut to what the service takes (256 characters).
    pub fn identity(mut self, identity: impl Into<String>) -> Self {
        self.settings.identity = identity.into();
        self
    }

    /// How often to heartbeat for activities that say neither an interval nor a timeout, and
    /// whose timeout the service does not tell. The default is 10 s: a cancellation, which comes
    /// with the answer, reaches an activity soon enough for people, and ten such activities cost one
    /// call a second. Without heartbeats it could not reach one at all.
    pub fn heartbeat_interval(mut self, interval: Duration) -> Self {
        if interval.is_zero() {
            self.note(BuildError::Zero("heartbeat_interval"));
        }
        self.settings.heartbeat_interval = interval;
        self
    }

    /// How many heartbeats a second may go out. The default is a budget of the worker's own that
    /// knows no rate until a heartbeat is throttled, because quotas differ from account to account.
    ///
    /// A service's quota is per account, so give clones of one budget to all workers of an
    /// account; see [`HeartbeatBudget`] for what it does when more is wanted.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// use workbeat::HeartbeatBudget;
    ///
    /// # fn example(builder: workbeat::worker::WorkerBuilder) -> workbeat::worker::WorkerBuilder {
    /// builder.heartbeat_budget(HeartbeatBudget::new(160.0))
    /// # }
    /// ```
    pub fn heartbeat_budget(mut self, budget: HeartbeatBudget) -> Self {
        #[cfg(feature = "config")]
        {
            self.sections.heartbeat_budget = None;
            self.sections.heartbeat_workers = None;
        }
        self.set_heartbeat_budget(budget);
        self
    }

    pub(super) fn set_heartbeat_budget(&mut self, budget: HeartbeatBudget) {
        if let Some(mistake) = mistake_in_budget(&budget) {
            self.note(mistake);
        }
        self.settings.heartbeat_budget = budget;
    }

    /// Sends the heartbeats from this runtime. The default is the one that runs the worker:
    /// the framework starts none of its own.
    ///
    /// An activity that blocks every thread of its runtime stops whatever else runs there.
    /// With a runtime of their own the heartbeats go on, and the worker catches up when a thread
    /// is free. One thread is enough for it. The application owns it; it must outlive the worker's
    /// run and have time enabled, and I/O if the service needs that. If it ends all the same,
    /// heartbeats go on from where the worker runs, with an error in the log.
    ///
    /// An HTTP connection belongs to the runtime that opened it. So a service over HTTP needs
    /// connections of its own for heartbeats, such as a second client; see its documentation.
    /// Prefer `#[activity(blocking)]` or
    /// [`run_blocking`](crate::ActivityContext::run_blocking), which block no such thread; this
    /// is for code that cannot be told to.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # use workbeat_local::LocalService;
    /// # async fn grind(input: String) -> Result<usize, ActivityError> { Ok(input.len()) }
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let service = LocalService::new();
    /// let heartbeats = tokio::runtime::Builder::new_multi_thread()
    ///     .worker_threads(1)
    ///     .enable_all()
    ///     .build()?;
    /// let worker = Worker::builder(service)
    ///     .task_list("mill")
    ///     .activity_fn("grind", "1.0", grind)
    ///     .heartbeat_runtime(heartbeats.handle().clone())
    ///     .build()?;
    /// let handle = worker.handle();
    /// let running = tokio::spawn(worker.run());
    /// // ...
    /// handle.drain();
    /// let _report = running.await??;
    /// heartbeats.shutdown_background();
    /// # Ok(())
    /// # }
    /// ```
    pub fn heartbeat_runtime(mut self, runtime: Handle) -> Self {
        self.settings.heartbeat_runtime = Some(runtime);
        self
    }

    /// How long a drain may take. The default is 75 s, a little longer than Amazon SWF holds a
    /// poll. A fifth of it, at most 5 s, is kept for sending the outcomes of what must be
    /// aborted.
    ///
    /// It bounds the run, and not the process: blocking code goes on, and a runtime that is
    /// dropped waits for it.
    pub fn drain_deadline(mut self, deadline: Duration) -> Self {
        self.settings.drain_deadline = deadline;
        self
    }

    /// How long to wait after polls that failed. The default is 200 ms to 30 s: a call that was
    /// refused by chance is soon made again, and a service that is back is found within half a
    /// minute without being kept busy by those who look.
    pub fn poll_backoff(mut self, backoff: Backoff) -> Self {
        if let Some(mistake) = mistake_in_backoff(backoff) {
            self.note(mistake);
        }
        self.settings.poll_backoff = backoff;
        self
    }

    /// What to do with a task of a type that is not registered. The default is to fail it,
    /// so that the decider hears at once of what would else time out.
    pub fn unknown_type(mut self, unknown_type: UnknownType) -> Self {
        self.settings.unknown_type = unknown_type;
        self
    }

    /// Whether to register the activity types with the service at start-up. The default is yes,
    /// `true`: a type that exists already costs one call and is left as it is, and one that does not
    /// could not be scheduled.
    pub fn register_types(mut self, register: bool) -> Self {
        self.settings.register_types = register;
        self
    }

    /// Whether activities may ask what their last attempt reported, with
    /// [`previous_progress`](ActivityContext::previous_progress). The default is no, `false`: each time
    /// an activity asks costs calls to the service, and a permission. On Amazon SWF it is one call of
    /// `GetWorkflowExecutionHistory` for every 1,000 events between the end of the history and the
    /// attempt before. Those that do not ask cost nothing.
    pub fn previous_progress(mut self, previous_progress: bool) -> Self {
        self.settings.previous_progress = previous_progress;
        self
    }

    /// Whether to write the progress into the details of failures, where the next attempt finds it.
    /// The default is no, `false`, because it changes what deciders read: a
    /// [`ProgressEnvelope`](crate::service::ProgressEnvelope), with the details in it.
    ///
    /// Without it only an attempt that timed out leaves its progress behind. The envelope is written
    /// for each failure of an activity that has reported progress, the framework's own failures too,
    /// such as that of a worker that shuts down. If it does not fit into what the service takes, the
    /// progress is left out, with a warning. To a service that cannot be asked for
    /// [previous attempts](crate::service::ServiceCapabilities::previous_attempts), such as AWS Step
    /// Functions, details are sent as they are.
    pub fn progress_in_failures(mut self, progress_in_failures: bool) -> Self {
        self.settings.progress_in_failures = progress_in_failures;
        self
    }

    /// Where everything random in the worker comes from: the jitter of heartbeats and of
    /// backoffs. By default it differs from run to run, so that many workers do not come at once.
    ///
    /// For a test that is to be the same in every run: with a seed, on tokio's current-thread
    /// runtime with [paused time](https://docs.rs/tokio/latest/tokio/time/fn.pause.html), and
    /// against a service that is repeatable too, the worker does the same things at the same
    /// times. It then does not look whether the machine was asleep.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # use workbeat_local::LocalService;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let worker = Worker::builder(LocalService::builder().seed(7).build()?)
    ///     .seed(7)
    ///     .task_list("greetings")
    ///     .activity_fn("greet", "1.0", async |name: String| Ok::<_, ActivityError>(name))
    ///     .build()?;
    /// # let _ = worker;
    /// # Ok(())
    /// # }
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = Some(seed);
        self
    }

    /// Builds the worker.
    ///
    /// # Errors
    ///
    /// [`BuildError`]: the first mistake in the settings, and how to mend it.
    pub fn build(mut self) -> Result<Worker, BuildError> {
        #[cfg(feature = "config")]
        self.apply_sections();
        for (activity_type, limit) in std::mem::take(&mut self.limits) {
            if !self.registry.limit(&activity_type, limit) {
                self.note(BuildError::LimitOfUnknown(activity_type));
            }
        }
        let mut surroundings = std::mem::take(&mut self.surroundings);
        let others = self.others.iter().map(|other| &other.service);
        let mut services = std::iter::once(&self.service).chain(others);
        let names = names(services.clone());
        surroundings.stored_inputs = services.any(|service| {
            let capabilities = asked(|| service.capabilities());
            capabilities.unwrap_or_default().stored_inputs
        });
        let mut named = surroundings.named();
        let unknown = named.find(|(_, activity_type)| !self.registry.knows(activity_type));
        if let Some((setting, activity_type)) = unknown {
            let activity_type = activity_type.clone();
            self.note(BuildError::SettingOfUnknown {
                setting,
                activity_type,
            });
        }
        drop(named);
        self.registry.surround(surroundings);
        if let Some(options) = self.untyped_options.take() {
            self.registry.set_untyped_options(options);
        }
        let own = self.settings.task_lists.clone();
        if own.is_empty() {
            self.note(BuildError::NoTaskList);
        }
        let mut others = self.others.iter().zip(names.iter().skip(1));
        if let Some((_, name)) = others.find(|(other, _)| other.task_lists.is_empty()) {
            self.note(BuildError::NoTaskListOf {
                service: name.to_string(),
            });
        }
        for other in &self.others {
            self.settings
                .task_lists
                .extend(other.task_lists.iter().cloned());
        }
        let (slots, task_lists) = (self.settings.slots, self.settings.task_lists.len());
        if self.registry.is_empty() {
            self.note(BuildError::NoActivity);
        }
        if slots < task_lists {
            self.note(BuildError::TooFewSlots { slots, task_lists });
        }
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let first = TaskSource {
            service: self.service,
            task_lists: own,
            budget: self.settings.heartbeat_budget.clone(),
            register_types: None,
            mistake: None,
        };
        let sources = std::iter::once(first).chain(self.others);
        let Settings {
            identity,
            register_types,
            ..
        } = &self.settings;
        let sources = names
            .into_iter()
            .zip(sources)
            .map(|(name, source)| SourceSettings::new(name, source, identity, *register_types))
            .collect();
        Ok(Worker::new(sources, self.registry, self.settings))
    }

    pub(super) fn note(&mut self, mistake: BuildError) {
        self.mistake.get_or_insert(mistake);
    }
}

/// What is wrong with a budget of heartbeats, if anything.
pub(super) fn mistake_in_budget(budget: &HeartbeatBudget) -> Option<BuildError> {
    let rate = budget.fault()?;
    Some(BuildError::HeartbeatRate(format!("{rate:?}")))
}

/// What is wrong with a backoff, if anything.
pub(super) fn mistake_in_backoff(backoff: Backoff) -> Option<BuildError> {
    let (min, max) = (backoff.min(), backoff.max());
    if min.is_zero() {
        return Some(BuildError::Zero("poll_backoff"));
    }
    (max < min).then_some(BuildError::BackoffReversed { min, max })
}

/// What is wrong with the options of a type, if anything.
pub(super) fn mistake_in(
    options: &ActivityOptions,
    activity_type: &ActivityType,
) -> Option<BuildError> {
    let timeout = options.heartbeat_timeout.and_then(Timeout::duration);
    if timeout.is_some_and(|timeout| timeout.is_zero()) {
        return Some(BuildError::Zero("heartbeat_timeout"));
    }
    let interval = options.heartbeat_interval?;
    if interval.is_zero() {
        return Some(BuildError::Zero("heartbeat_interval"));
    }
    let timeout = timeout.filter(|timeout| interval >= *timeout)?;
    Some(BuildError::IntervalTooLong {
        activity_type: activity_type.clone(),
        interval,
        timeout,
    })
}

fn registered(activity: impl ErasedActivity + 'static, options: ActivityOptions) -> Registered {
    Registered {
        activity: Arc::new(activity),
        options: Arc::new(options),
        limit: None,
        around: None,
    }
}

impl fmt::Debug for WorkerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerBuilder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
