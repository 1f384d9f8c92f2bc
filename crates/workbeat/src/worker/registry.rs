//! The activities of a worker, by name and version.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::erased::ErasedActivity;
use super::surroundings::Surroundings;
use crate::activity::ActivityOptions;
use crate::codec::Codecs;
use crate::middleware::Around;
use crate::panic::discard;
use crate::service::{ActivityType, ActivityTypeRegistration};

/// One activity that the worker can run.
#[derive(Clone)]
pub(crate) struct Registered {
    pub(crate) activity: Arc<dyn ErasedActivity>,
    pub(crate) options: Arc<ActivityOptions>,
    /// How many of the type may run at once, if fewer than there are slots.
    pub(crate) limit: Option<Arc<Semaphore>>,
    /// The codec and the middleware, if it has any.
    pub(crate) around: Option<Arc<Around>>,
}

/// What an activity worker can run.
#[derive(Clone, Default)]
pub(crate) struct Registry {
    typed: BTreeMap<ActivityType, Registered>,
    untyped: Option<Registered>,
    codecs: Codecs,
}

impl Registry {
    /// Adds an activity; false if its name and version are taken.
    pub(crate) fn insert(&mut self, activity_type: ActivityType, registered: Registered) -> bool {
        self.typed.insert(activity_type, registered).is_none()
    }

    /// Sets the handler of all other types; false if there is one.
    pub(crate) fn set_untyped(&mut self, registered: Registered) -> bool {
        self.untyped.replace(registered).is_none()
    }

    /// Sets the options of the handler of all other types, if there is one.
    pub(crate) fn set_untyped_options(&mut self, options: ActivityOptions) {
        if let Some(untyped) = &mut self.untyped {
            untyped.options = Arc::new(options);
        }
    }

    /// The options of a type, if it is registered.
    #[cfg(feature = "config")]
    pub(crate) fn options(&self, activity_type: &ActivityType) -> Option<&ActivityOptions> {
        let registered = self.typed.get(activity_type)?;
        Some(&registered.options)
    }

    /// Sets the options of a type, if it is registered.
    #[cfg(feature = "config")]
    pub(crate) fn set_options(&mut self, activity_type: &ActivityType, options: ActivityOptions) {
        if let Some(registered) = self.typed.get_mut(activity_type) {
            registered.options = Arc::new(options);
        }
    }

    /// Limits a type; false if it is not registered.
    pub(crate) fn limit(&mut self, activity_type: &ActivityType, limit: usize) -> bool {
        let Some(registered) = self.typed.get_mut(activity_type) else {
            return false;
        };
        registered.limit = Some(Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS))));
        true
    }

    /// Puts codecs and middleware around the activities.
    pub(crate) fn surround(&mut self, mut surroundings: Surroundings) {
        for (activity_type, registered) in &mut self.typed {
            registered.around = surroundings.of(activity_type);
        }
        if let Some(untyped) = &mut self.untyped {
            untyped.around = surroundings.of_untyped();
        }
        self.codecs = std::mem::take(&mut surroundings.codecs);
    }

    pub(crate) fn knows(&self, activity_type: &ActivityType) -> bool {
        self.typed.contains_key(activity_type)
    }

    /// What is between the outcomes of the activities and the service.
    pub(crate) fn codecs(&self) -> &Codecs {
        &self.codecs
    }

    pub(crate) fn get(&self, activity_type: &ActivityType) -> Option<&Registered> {
        self.typed.get(activity_type).or(self.untyped.as_ref())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.typed.is_empty() && self.untyped.is_none()
    }

    /// Those that are registered by name and version, in a stable order.
    pub(crate) fn types(&self) -> impl Iterator<Item = &ActivityType> {
        self.typed.keys()
    }

    /// Whether there is a handler of all other types.
    #[cfg(any(feature = "config", feature = "metrics"))]
    pub(crate) fn has_untyped(&self) -> bool {
        self.untyped.is_some()
    }

    /// What the service is told of, in a stable order.
    pub(crate) fn registrations(&self) -> Vec<ActivityTypeRegistration> {
        self.typed
            .iter()
            .map(|(activity_type, registered)| {
                registered.options.registration(activity_type.clone())
            })
            .collect()
    }

    /// The types that declare a task list which is not among `polled`, and that list.
    pub(crate) fn declared_elsewhere<'a>(
        &'a self,
        polled: &'a [Arc<str>],
    ) -> impl Iterator<Item = (&'a ActivityType, &'a str)> {
        self.typed.iter().filter_map(|(activity_type, registered)| {
            let declared = registered.options.task_list.as_deref()?;
            let elsewhere = !polled.iter().any(|task_list| **task_list == *declared);
            elsewhere.then_some((activity_type, declared))
        })
    }

    /// The names and versions, for a person.
    pub(crate) fn list(&self) -> String {
        let mut list = String::from("registered:");
        for (at, activity_type) in self.typed.keys().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            // Writing to a String does not fail.
            let _ = write!(list, "{comma} {activity_type}");
        }
        list
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Activities are the application's, and the drop of each may panic: a second panic would
        // abort the process.
        let typed = std::mem::take(&mut self.typed).into_values();
        for registered in typed.chain(self.untyped.take()) {
            let Registered {
                activity, around, ..
            } = registered;
            discard(activity);
            discard(around);
        }
    }
}
