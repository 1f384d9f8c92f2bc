//! Types as the service knows them: registered, deprecated, deleted. The rules are the same
//! for activities and for workflows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use workbeat::service::{ActivityType, Timeout};

use crate::engine::event::ChildPolicy;
use crate::engine::fault::{Fault, Resource};
use crate::engine::ids::WorkflowType;
use crate::engine::time::Timestamp;
use crate::engine::wire;
use crate::engine::words::words;

words! {
    /// Whether a type or a domain can be used for what is new.
    RegistrationStatus {
        /// It can.
        Registered = "REGISTERED",
        /// It cannot: nothing new of it begins any more.
        Deprecated = "DEPRECATED",
    }
}

/// A type as the service knows it.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::engine) struct Registered<D> {
    pub(in crate::engine) description: Option<String>,
    /// What holds where a request does not say.
    pub(in crate::engine) defaults: D,
    pub(in crate::engine) created: Timestamp,
    pub(in crate::engine) deprecated: Option<Timestamp>,
    /// Nobody registered it: it was used, and the settings are lenient.
    pub(in crate::engine) implied: bool,
}

pub(in crate::engine) type RegisteredActivityType = Registered<ActivityDefaults>;
pub(in crate::engine) type RegisteredWorkflowType = Registered<WorkflowDefaults>;

impl<D> Registered<D> {
    pub(in crate::engine) fn status(&self) -> RegistrationStatus {
        match self.deprecated {
            None => RegistrationStatus::Registered,
            Some(_) => RegistrationStatus::Deprecated,
        }
    }
}

/// What holds for an activity where the decision that schedules it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::engine) struct ActivityDefaults {
    pub(in crate::engine) task_list: Option<String>,
    pub(in crate::engine) priority: Option<i32>,
    #[serde(with = "wire::timeout")]
    pub(in crate::engine) schedule_to_start: Option<Timeout>,
    #[serde(with = "wire::timeout")]
    pub(in crate::engine) schedule_to_close: Option<Timeout>,
    #[serde(with = "wire::timeout")]
    pub(in crate::engine) start_to_close: Option<Timeout>,
    #[serde(with = "wire::timeout")]
    pub(in crate::engine) heartbeat: Option<Timeout>,
}

/// What holds for an execution where its start does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::engine) struct WorkflowDefaults {
    pub(in crate::engine) task_list: Option<String>,
    pub(in crate::engine) priority: Option<i32>,
    #[serde(with = "wire::timeout")]
    pub(in crate::engine) task_start_to_close: Option<Timeout>,
    #[serde(with = "wire::timeout")]
    pub(in crate::engine) execution_start_to_close: Option<Timeout>,
    pub(in crate::engine) child_policy: Option<ChildPolicy>,
    pub(in crate::engine) lambda_role: Option<String>,
}

/// The types of one sort in a domain, and which of them were changed.
#[derive(Debug)]
pub(in crate::engine) struct Types<N, D> {
    all: BTreeMap<N, Registered<D>>,
    touched: BTreeSet<N>,
}

impl<N, D> Default for Types<N, D> {
    fn default() -> Self {
        let (all, touched) = (BTreeMap::new(), BTreeSet::new());
        Self { all, touched }
    }
}

/// To look at them. Whatever changes one notes that it did.
impl<N, D> Deref for Types<N, D> {
    type Target = BTreeMap<N, Registered<D>>;

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl<N: Ord + Clone, D> Types<N, D> {
    pub(in crate::engine) fn insert(&mut self, name: N, registered: Registered<D>) {
        self.touched.insert(name.clone());
        self.all.insert(name, registered);
    }

    fn remove(&mut self, name: &N) {
        self.touched.insert(name.clone());
        self.all.remove(name);
    }

    fn get_mut(&mut self, name: &N) -> Option<&mut Registered<D>> {
        let known = self.all.get_mut(name)?;
        self.touched.insert(name.clone());
        Some(known)
    }

    /// Lets nothing new of any of them begin.
    pub(super) fn deprecate_all(&mut self, now: Timestamp) {
        for (name, known) in &mut self.all {
            if known.deprecated.is_none() {
                known.deprecated = Some(now);
                self.touched.insert(name.clone());
            }
        }
    }

    /// Those that were changed since it was asked last: as they are now, if they still are.
    pub(in crate::engine) fn take_touched(&mut self) -> BTreeSet<N> {
        std::mem::take(&mut self.touched)
    }
}

/// The name and version of a type.
pub(in crate::engine) trait TypeName: Ord + Clone {
    /// What an unknown one is.
    const RESOURCE: Resource;

    /// The type of this name and version.
    fn of(name: &str, version: &str) -> Self;

    /// Its name.
    fn name(&self) -> &str;

    /// Its version.
    fn version(&self) -> &str;

    /// As SWF's messages show it.
    fn shown(&self) -> String;
}

impl TypeName for ActivityType {
    const RESOURCE: Resource = Resource::ActivityType;

    fn of(name: &str, version: &str) -> Self {
        Self::new(name, version)
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn shown(&self) -> String {
        let Self { name, version, .. } = self;
        format!("ActivityType=[name={name}, version={version}]")
    }
}

impl TypeName for WorkflowType {
    const RESOURCE: Resource = Resource::WorkflowType;

    fn of(name: &str, version: &str) -> Self {
        Self::new(name, version)
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn shown(&self) -> String {
        let Self { name, version, .. } = self;
        format!("WorkflowType=[name={name}, version={version}]")
    }
}

/// Adds a type, where there is `room` for one. A type that was only implied can be registered
/// once.
pub(in crate::engine) fn register<N: TypeName, D>(
    types: &mut Types<N, D>,
    name: N,
    registered: Registered<D>,
    room: bool,
) -> Result<(), Fault> {
    match types.get(&name) {
        Some(known) if !known.implied => return Err(Fault::type_already_exists(name.shown())),
        None if !room => {
            return Err(Fault::limit_exceeded(
                "The domain has as many types already as it can have",
            ));
        }
        _ => types.insert(name, registered),
    }
    Ok(())
}

/// The type, which somebody named.
pub(in crate::engine) fn known<'a, N: TypeName, D>(
    types: &'a Types<N, D>,
    name: &N,
) -> Result<&'a Registered<D>, Fault> {
    let known = types.get(name);
    known.ok_or_else(|| Fault::unknown_type(N::RESOURCE, &name.shown()))
}

/// The type, which somebody named, to change it.
fn known_mut<'a, N: TypeName, D>(
    types: &'a mut Types<N, D>,
    name: &N,
) -> Result<&'a mut Registered<D>, Fault> {
    let known = types.get_mut(name);
    known.ok_or_else(|| Fault::unknown_type(N::RESOURCE, &name.shown()))
}

/// Lets nothing new of a type begin.
pub(in crate::engine) fn deprecate<N: TypeName, D>(
    types: &mut Types<N, D>,
    name: &N,
    now: Timestamp,
) -> Result<(), Fault> {
    let known = known_mut(types, name)?;
    if known.deprecated.is_some() {
        return Err(Fault::type_deprecated(name.shown()));
    }
    known.deprecated = Some(now);
    Ok(())
}

/// Takes a deprecation back.
pub(in crate::engine) fn undeprecate<N: TypeName, D>(
    types: &mut Types<N, D>,
    name: &N,
) -> Result<(), Fault> {
    let known = known_mut(types, name)?;
    if known.deprecated.is_none() {
        return Err(Fault::type_already_exists(name.shown()));
    }
    known.deprecated = None;
    Ok(())
}

/// Forgets a type that is deprecated. What is open of it goes on.
pub(in crate::engine) fn delete<N: TypeName, D>(
    types: &mut Types<N, D>,
    name: &N,
) -> Result<(), Fault> {
    if known(types, name)?.deprecated.is_none() {
        return Err(Fault::type_not_deprecated(name.shown()));
    }
    types.remove(name);
    Ok(())
}
