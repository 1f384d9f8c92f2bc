//! Domains, the types registered in them, and their workflow ids.

mod registration;
mod tags;
mod type_page;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::ActivityType;

use super::fault::Fault;
use super::ids::{DomainKey, WorkflowType};
use super::limits;
use super::time::Timestamp;

pub use registration::RegistrationStatus;
pub(super) use registration::{
    ActivityDefaults, RegisteredActivityType, RegisteredWorkflowType, TypeName, Types,
    WorkflowDefaults, delete, deprecate, known, register, undeprecate,
};
pub use tags::ResourceTag;
pub(super) use type_page::TypePage;

/// The one account that there is.
const ACCOUNT: &str = "123456789012";

/// One domain.
///
/// As JSON it is what was said of it; the types in it are rows of their own.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Domain {
    pub(super) name: Arc<str>,
    pub(super) description: Option<String>,
    /// How many days a closed execution is kept, or `NONE`.
    pub(super) retention: String,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) deprecated: bool,
    #[serde(skip)]
    pub(super) activity_types: Types<ActivityType, ActivityDefaults>,
    #[serde(skip)]
    pub(super) workflow_types: Types<WorkflowType, WorkflowDefaults>,
    #[serde(skip)]
    pub(super) touched: bool,
    /// The open run of each workflow id.
    #[serde(skip)]
    pub(super) open: BTreeMap<Arc<str>, Arc<str>>,
}

impl Domain {
    /// Whether it can be used for what is new.
    pub(super) fn status(&self) -> RegistrationStatus {
        if self.deprecated {
            RegistrationStatus::Deprecated
        } else {
            RegistrationStatus::Registered
        }
    }

    /// How many days a closed execution is kept. `NONE` counts as none at all.
    pub(super) fn retention_days(&self) -> u32 {
        self.retention.parse().unwrap_or(0)
    }

    /// Its name in all of AWS.
    pub(super) fn arn(&self, region: &str) -> String {
        format!("arn:aws:swf:{region}:{ACCOUNT}:/domain/{}", self.name)
    }

    /// Whether there is room for one type more. The quota counts both sorts together, and
    /// those that are deprecated.
    pub(super) fn has_room(&self) -> bool {
        let types = self.activity_types.len();
        types.saturating_add(self.workflow_types.len()) < limits::TYPES
    }

    /// Lets nothing new begin in it. Its types are deprecated with it; what is open goes on.
    pub(super) fn deprecate(&mut self, now: Timestamp) {
        self.deprecated = true;
        self.touched = true;
        self.activity_types.deprecate_all(now);
        self.workflow_types.deprecate_all(now);
    }

    /// Takes its deprecation back; its types stay as they are.
    pub(super) fn undeprecate(&mut self) {
        self.deprecated = false;
        self.touched = true;
    }

    /// Whether what was said of it was changed since it was asked last.
    pub(super) fn take_touched(&mut self) -> bool {
        std::mem::take(&mut self.touched)
    }
}

/// All domains.
#[derive(Debug, Default)]
pub(super) struct Domains {
    keys: BTreeMap<Arc<str>, DomainKey>,
    domains: Vec<Domain>,
}

impl Domains {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// The name of a domain.
    pub(super) fn name(&self, key: DomainKey) -> Option<&str> {
        self.get(key).map(|domain| &*domain.name)
    }

    /// Adds a domain.
    pub(super) fn register(&mut self, mut domain: Domain) -> Result<DomainKey, Fault> {
        if self.keys.contains_key(&domain.name) {
            return Err(Fault::domain_already_exists(&domain.name));
        }
        if self.domains.len() >= limits::DOMAINS {
            let limit = limits::DOMAINS;
            return Err(Fault::limit_exceeded(format!(
                "There are {limit} domains already"
            )));
        }
        let key = DomainKey(u32::try_from(self.domains.len()).unwrap_or(u32::MAX));
        domain.touched = true;
        self.keys.insert(domain.name.clone(), key);
        self.domains.push(domain);
        Ok(key)
    }

    /// The key of the domain `name`.
    pub(super) fn key(&self, name: &str) -> Result<DomainKey, Fault> {
        self.keys
            .get(name)
            .copied()
            .ok_or_else(|| Fault::unknown_domain(name))
    }

    /// The key of the domain `name`, if something new can begin in it.
    ///
    /// SWF has no fault of its own for a domain that is deprecated: for what would be new in
    /// it, there is no such domain any more.
    pub(super) fn key_for_new(&self, name: &str) -> Result<DomainKey, Fault> {
        let key = self.key(name)?;
        match self.get(key) {
            Some(domain) if !domain.deprecated => Ok(key),
            _ => Err(Fault::no_new_in_domain(name)),
        }
    }

    /// The domain `name`.
    pub(super) fn named(&mut self, name: &str) -> Result<&mut Domain, Fault> {
        let key = self.key(name)?;
        self.get_mut(key).ok_or_else(|| Fault::unknown_domain(name))
    }

    /// The domain `name`, if something new can begin in it.
    pub(super) fn named_for_new(&mut self, name: &str) -> Result<&mut Domain, Fault> {
        let key = self.key_for_new(name)?;
        self.get_mut(key).ok_or_else(|| Fault::unknown_domain(name))
    }

    pub(super) fn get(&self, key: DomainKey) -> Option<&Domain> {
        self.domains.get(usize::try_from(key.0).ok()?)
    }

    pub(super) fn get_mut(&mut self, key: DomainKey) -> Option<&mut Domain> {
        self.domains.get_mut(usize::try_from(key.0).ok()?)
    }

    /// All of them, in the order in which they were registered.
    pub(super) fn by_key(&mut self) -> impl Iterator<Item = (DomainKey, &mut Domain)> {
        (0..).map(DomainKey).zip(&mut self.domains)
    }

    /// All of them, in the order of their names.
    pub(super) fn by_name(&self) -> impl DoubleEndedIterator<Item = &Domain> {
        self.keys.values().filter_map(|key| self.get(*key))
    }
}
