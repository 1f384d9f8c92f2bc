//! `UndeprecateWorkflowType`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::undeprecate;
use crate::engine::fault::Fault;
use crate::engine::ids::WorkflowType;

/// Lets executions of a deprecated type be started again.
///
/// A type that is not deprecated is a `TypeAlreadyExistsFault`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndeprecateWorkflowType {
    /// The domain.
    pub domain: String,
    /// The type.
    pub workflow_type: WorkflowType,
}

impl Operation for UndeprecateWorkflowType {
    const NAME: &'static str = "UndeprecateWorkflowType";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let types = &mut engine.domains.named(&self.domain)?.workflow_types;
        undeprecate(types, &self.workflow_type)
    }
}
