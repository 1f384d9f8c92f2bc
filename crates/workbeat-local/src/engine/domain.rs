//! Domains, the types registered in them, and their workflow ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use workbeat::service::{ActivityType, Timeout};

use super::fault::Fault;
use super::ids::DomainKey;
use super::limits;
use super::time::Timestamp;

/// One domain.
#[derive(Debug, Default)]
pub(super) struct Domain {
    pub(super) activity_types: BTreeMap<ActivityType, RegisteredActivityType>,
    /// The open run of each workflow id.
    pub(super) open: BTreeMap<Arc<str>, Arc<str>>,
}

/// An activity type as the service knows it.
#[derive(Debug)]
pub(super) struct RegisteredActivityType {
    pub(super) description: Option<String>,
    pub(super) defaults: ActivityDefaults,
    pub(super) created: Timestamp,
    pub(super) deprecated: Option<Timestamp>,
    /// Nobody registered it: it was scheduled, and the settings are lenient.
    pub(super) implied: bool,
}

/// What holds for an activity where the decision that schedules it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ActivityDefaults {
    pub(super) task_list: Option<String>,
    pub(super) priority: Option<i32>,
    pub(super) schedule_to_start: Option<Timeout>,
    pub(super) schedule_to_close: Option<Timeout>,
    pub(super) start_to_close: Option<Timeout>,
    pub(super) heartbeat: Option<Timeout>,
}

impl Domain {
    /// The type, which a worker or a decider named.
    pub(super) fn activity_type(
        &mut self,
        activity_type: &ActivityType,
    ) -> Result<&mut RegisteredActivityType, Fault> {
        let known = self.activity_types.get_mut(activity_type);
        known.ok_or_else(|| Fault::unknown_type(activity_type))
    }
}

/// All domains.
#[derive(Debug, Default)]
pub(super) struct Domains {
    keys: BTreeMap<String, DomainKey>,
    domains: Vec<Domain>,
}

impl Domains {
    /// The name of a domain.
    pub(super) fn name(&self, key: DomainKey) -> Option<&str> {
        let named = self.keys.iter().find(|(_, known)| **known == key);
        named.map(|(name, _)| name.as_str())
    }

    /// Adds a domain.
    pub(super) fn register(&mut self, name: &str) -> Result<(), Fault> {
        if self.keys.contains_key(name) {
            return Err(Fault::domain_already_exists(name));
        }
        if self.domains.len() >= limits::DOMAINS {
            let limit = limits::DOMAINS;
            return Err(Fault::limit_exceeded(format!(
                "There are {limit} domains already"
            )));
        }
        let key = DomainKey(u32::try_from(self.domains.len()).unwrap_or(u32::MAX));
        self.keys.insert(name.to_owned(), key);
        self.domains.push(Domain::default());
        Ok(())
    }

    /// The key of the domain `name`.
    pub(super) fn key(&self, name: &str) -> Result<DomainKey, Fault> {
        self.keys
            .get(name)
            .copied()
            .ok_or_else(|| Fault::unknown_domain(name))
    }

    /// The domain `name`.
    pub(super) fn named(&mut self, name: &str) -> Result<&mut Domain, Fault> {
        let key = self.key(name)?;
        self.get_mut(key).ok_or_else(|| Fault::unknown_domain(name))
    }

    pub(super) fn get(&self, key: DomainKey) -> Option<&Domain> {
        self.domains.get(usize::try_from(key.0).ok()?)
    }

    pub(super) fn get_mut(&mut self, key: DomainKey) -> Option<&mut Domain> {
        self.domains.get_mut(usize::try_from(key.0).ok()?)
    }
}
