//! `UndeprecateActivityType`

use serde::{Deserialize, Serialize};
use workbeat::service::ActivityType;

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::undeprecate;
use crate::engine::fault::Fault;
use crate::engine::wire;

/// Lets activities of a deprecated type be scheduled again.
///
/// A type that is not deprecated is a `TypeAlreadyExistsFault`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndeprecateActivityType {
    /// The domain.
    pub domain: String,
    /// The type.
    #[serde(with = "wire::activity_type")]
    pub activity_type: ActivityType,
}

impl Operation for UndeprecateActivityType {
    const NAME: &'static str = "UndeprecateActivityType";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let types = &mut engine.domains.named(&self.domain)?.activity_types;
        undeprecate(types, &self.activity_type)
    }
}
