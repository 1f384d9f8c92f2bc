//! `DeprecateWorkflowType`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::deprecate;
use crate::engine::fault::Fault;
use crate::engine::ids::WorkflowType;

/// Lets no further execution of a type be started. Those that are open go on.
///
/// Starting one is a `TypeDeprecatedFault`. A deprecated type cannot be registered again: the
/// next version can, or this one once it has been [deleted](super::DeleteWorkflowType).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeprecateWorkflowType {
    /// The domain.
    pub domain: String,
    /// The type.
    pub workflow_type: WorkflowType,
}

impl Operation for DeprecateWorkflowType {
    const NAME: &'static str = "DeprecateWorkflowType";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let now = engine.now;
        let types = &mut engine.domains.named(&self.domain)?.workflow_types;
        deprecate(types, &self.workflow_type, now)
    }
}
