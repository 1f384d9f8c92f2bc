//! Gives a builder what the configuration says.

use super::super::builder::{mistake_in, mistake_in_backoff, mistake_in_budget};
use super::super::{BuildError, WorkerBuilder};
use super::read::path_of;
use super::{WorkerConfig, options_or};
use crate::activity::ActivityOptions;
use crate::heartbeat::HeartbeatBudget;
use crate::retry::Backoff;
use crate::service::ActivityType;

impl WorkerBuilder {
    /// Sets what `config` sets, and nothing else; behind the feature `config`.
    ///
    /// The later call wins, field by field: what was set before gives way to the configuration, and
    /// what is set after it takes its place. So the application's own choices stand before it as
    /// defaults, or after it as the last word. Task lists of the configuration take the place of
    /// those before; more can be added after it.
    ///
    /// The section of an activity type takes the place of what the type's code says, wherever the
    /// type is registered. Of two configurations that say the same the later one wins.
    ///
    /// ```
    /// use workbeat::prelude::*;
    /// use workbeat::WorkerConfig;
    /// use workbeat_local::LocalService;
    ///
    /// #[activity(version = "1.0", heartbeat_timeout = "30s")]
    /// async fn encode(video: String) -> Result<usize, ActivityError> {
    ///     Ok(video.len())
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = WorkerConfig::from_env("WORKBEAT_")?;
    /// let worker = Worker::builder(LocalService::new())
    ///     .task_list("video") // unless WORKBEAT_TASK_LISTS says others
    ///     .activity(Encode)
    ///     .configure(config)
    ///     .build()?;
    /// # let _ = worker;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`build`](Self::build) tells what will not do, with the path of the field
    /// ([`BuildError::Configured`]). A section of a type that is not registered is an error too.
    pub fn configure(mut self, config: WorkerConfig) -> Self {
        if let Some(task_lists) = config.task_lists {
            self.settings.task_lists.clear();
            for task_list in task_lists {
                self = self.configured("task_lists", |builder| builder.task_list(task_list));
            }
        }
        if let Some(slots) = config.slots {
            self = self.configured("slots", |builder| builder.slots(slots));
        }
        if let Some(polls) = config.max_concurrent_polls {
            self = self.configured("max_concurrent_polls", |builder| {
                builder.max_concurrent_polls(polls)
            });
        }
        if let Some(identity) = config.identity {
            self = self.identity(identity);
        }
        if let Some(interval) = config.heartbeat_interval {
            self = self.configured("heartbeat_interval", |builder| {
                builder.heartbeat_interval(interval)
            });
        }
        let (rate, workers) = (config.heartbeat_budget, config.heartbeat_workers);
        self = self.configured_budget(rate, workers);
        if let Some(deadline) = config.drain_deadline {
            self = self.drain_deadline(deadline);
        }
        let (min, max) = (config.poll_backoff_min, config.poll_backoff_max);
        if min.is_some() || max.is_some() {
            let before = self.settings.poll_backoff;
            let (shortest, longest) = (before.min(), before.max());
            self.settings.poll_backoff =
                Backoff::new(min.unwrap_or(shortest), max.unwrap_or(longest));
        }
        if let Some(unknown_type) = config.unknown_type {
            self = self.unknown_type(unknown_type);
        }
        if let Some(register) = config.register_types {
            self = self.register_types(register);
        }
        if let Some(previous_progress) = config.previous_progress {
            self = self.previous_progress(previous_progress);
        }
        if let Some(progress_in_failures) = config.progress_in_failures {
            self = self.progress_in_failures(progress_in_failures);
        }
        if config.untyped != ActivityOptions::default() {
            let before = self.untyped_options.take().unwrap_or_default();
            self.untyped_options = Some(options_or(config.untyped.clone(), before));
        }
        for (key, section) in &config.activities {
            if let (Some(activity_type), Some(limit)) = (parse_type(key), section.limit) {
                let ActivityType { name, version } = activity_type;
                self = self.configured(&format!("{}.limit", path_of(key)), |builder| {
                    builder.activity_limit(name, version, limit)
                });
            }
        }
        // The types may be registered later, and of two settings that must fit each other the other
        // one may be.
        let sections = WorkerConfig {
            heartbeat_budget: rate,
            heartbeat_workers: workers,
            poll_backoff_min: min,
            poll_backoff_max: max,
            untyped: config.untyped,
            activities: config.activities,
            ..WorkerConfig::default()
        };
        self.sections = sections.or(std::mem::take(&mut self.sections));
        self
    }

    /// Sets the budget that a configuration says. The quota and how many share it may come in two.
    fn configured_budget(mut self, rate: Option<f64>, workers: Option<u32>) -> Self {
        if let Some(mistake) = rate.and_then(|rate| mistake_in_budget(&HeartbeatBudget::new(rate)))
        {
            self.note(of_field("heartbeat_budget", mistake));
        }
        if workers == Some(0) {
            let mistake = BuildError::Zero("heartbeat_workers");
            self.note(of_field("heartbeat_workers", mistake));
        }
        if rate.is_none() && workers.is_none() {
            return self;
        }
        let field = workers.map_or("heartbeat_budget", |_| "heartbeat_workers");
        let rate = rate.or(self.sections.heartbeat_budget);
        let workers = workers.or(self.sections.heartbeat_workers);
        let budget = match (rate, workers) {
            (Some(rate), workers) => HeartbeatBudget::new(rate / f64::from(workers.unwrap_or(1))),
            (None, workers) => HeartbeatBudget::learning_among(workers.unwrap_or(1)),
        };
        self.configured(field, |mut builder| {
            builder.set_heartbeat_budget(budget);
            builder
        })
    }

    /// Calls `set`, and names the field in what it has to complain of.
    fn configured(mut self, field: &str, set: impl FnOnce(Self) -> Self) -> Self {
        let before = self.mistake.take();
        let mut after = set(self);
        let found = after.mistake.take();
        after.mistake = before.or_else(|| found.map(|mistake| of_field(field, mistake)));
        after
    }

    /// Gives the registered types what their sections say, and looks whether all that was configured
    /// fits.
    pub(in super::super) fn apply_sections(&mut self) {
        let sections = std::mem::take(&mut self.sections);
        let (min, max) = (sections.poll_backoff_min, sections.poll_backoff_max);
        let field = match (min, max) {
            (_, Some(_)) => Some("poll_backoff_max"),
            (Some(_), None) => Some("poll_backoff_min"),
            (None, None) => None,
        };
        if let Some(field) = field
            && let Some(mistake) = mistake_in_backoff(self.settings.poll_backoff)
        {
            self.note(of_field(field, mistake));
        }
        if sections.untyped != ActivityOptions::default()
            && let Some(options) = self.untyped_options.clone()
        {
            let stand_in = ActivityType::new("untyped", "handler");
            self.check_options("untyped", &options, &stand_in);
        }
        if sections.untyped != ActivityOptions::default() && !self.registry.has_untyped() {
            self.note_unknown("untyped".to_owned());
        }
        for (key, section) in sections.activities {
            let path = path_of(&key);
            let activity_type = parse_type(&key);
            let registered = activity_type.and_then(|activity_type| {
                let options = self.registry.options(&activity_type)?.clone();
                Some((activity_type, options))
            });
            let Some((activity_type, options)) = registered else {
                self.note_unknown(path);
                continue;
            };
            let options = options_or(section.options, options);
            self.check_options(&path, &options, &activity_type);
            self.registry.set_options(&activity_type, options);
        }
    }

    fn note_unknown(&mut self, field: String) {
        self.note(BuildError::UnknownSection {
            field,
            registered: self.registry.types().cloned().collect(),
        });
    }

    /// Notes what is wrong with options, at the field that can be mended.
    fn check_options(&mut self, path: &str, options: &ActivityOptions, of: &ActivityType) {
        let Some(mistake) = mistake_in(options, of) else {
            return;
        };
        let field = match &mistake {
            BuildError::Zero(field) => field,
            _ => "heartbeat_interval",
        };
        self.note(of_field(&format!("{path}.{field}"), mistake));
    }
}

fn of_field(field: &str, mistake: BuildError) -> BuildError {
    BuildError::Configured {
        field: field.to_owned(),
        mistake: Box::new(mistake),
    }
}

/// The activity type that the key of a section names.
pub(super) fn parse_type(key: &str) -> Option<ActivityType> {
    let (name, version) = key.split_once(':')?;
    let named = !name.is_empty() && !version.is_empty();
    named.then(|| ActivityType::new(name, version))
}
