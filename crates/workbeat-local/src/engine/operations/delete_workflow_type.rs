//! `DeleteWorkflowType`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::delete;
use crate::engine::fault::Fault;
use crate::engine::ids::WorkflowType;

/// Forgets a deprecated type, which can then be registered anew. Its open executions go on.
///
/// A type that is not deprecated is a `TypeNotDeprecatedFault`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteWorkflowType {
    /// The domain.
    pub domain: String,
    /// The type.
    pub workflow_type: WorkflowType,
}

impl Operation for DeleteWorkflowType {
    const NAME: &'static str = "DeleteWorkflowType";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let types = &mut engine.domains.named(&self.domain)?.workflow_types;
        delete(types, &self.workflow_type)
    }
}
