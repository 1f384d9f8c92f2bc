//! `RegisterDomain`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::{Domain, ResourceTag};
use crate::engine::fault::Fault;

/// Makes a domain known.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterDomain {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How many days a closed execution is kept: up to 90. With `0` or `NONE` it is gone as soon
    /// as it is closed.
    pub workflow_execution_retention_period_in_days: String,
    /// Its tags: up to 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<ResourceTag>,
}

impl Default for RegisterDomain {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: None,
            workflow_execution_retention_period_in_days: "NONE".to_owned(),
            tags: Vec::new(),
        }
    }
}

impl Operation for RegisterDomain {
    const NAME: &'static str = "RegisterDomain";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let mut domain = Domain {
            name: self.name.into(),
            description: self.description,
            retention: self.workflow_execution_retention_period_in_days,
            ..Domain::default()
        };
        domain.tag(self.tags)?;
        engine.domains.register(domain)?;
        Ok(())
    }
}
