//! `DeleteActivityType`

use serde::{Deserialize, Serialize};
use workbeat::service::ActivityType;

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::delete;
use crate::engine::fault::Fault;
use crate::engine::wire;

/// Forgets a deprecated type, which can then be registered anew. Its open activities go on.
///
/// A type that is not deprecated is a `TypeNotDeprecatedFault`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteActivityType {
    /// The domain.
    pub domain: String,
    /// The type.
    #[serde(with = "wire::activity_type")]
    pub activity_type: ActivityType,
}

impl Operation for DeleteActivityType {
    const NAME: &'static str = "DeleteActivityType";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let types = &mut engine.domains.named(&self.domain)?.activity_types;
        delete(types, &self.activity_type)
    }
}
