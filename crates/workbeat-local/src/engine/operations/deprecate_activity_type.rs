//! `DeprecateActivityType`

use serde::{Deserialize, Serialize};
use workbeat::service::ActivityType;

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::deprecate;
use crate::engine::fault::Fault;
use crate::engine::wire;

/// Lets no further activity of a type be scheduled. Those that are open go on.
///
/// Scheduling one fails with the cause `ACTIVITY_TYPE_DEPRECATED`. A deprecated type cannot
/// be registered again: the next version can, or this one once it has been
/// [deleted](super::DeleteActivityType).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeprecateActivityType {
    /// The domain.
    pub domain: String,
    /// The type.
    #[serde(with = "wire::activity_type")]
    pub activity_type: ActivityType,
}

impl Operation for DeprecateActivityType {
    const NAME: &'static str = "DeprecateActivityType";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let now = engine.now;
        let types = &mut engine.domains.named(&self.domain)?.activity_types;
        deprecate(types, &self.activity_type, now)
    }
}
