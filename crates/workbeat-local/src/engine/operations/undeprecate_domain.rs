//! `UndeprecateDomain`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::fault::Fault;

/// Lets new types and executions begin in a deprecated domain again.
///
/// The types that were deprecated with it stay so: each can be undeprecated by itself. A
/// domain that is not deprecated is a `DomainAlreadyExistsFault`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndeprecateDomain {
    /// The domain.
    pub name: String,
}

impl Operation for UndeprecateDomain {
    const NAME: &'static str = "UndeprecateDomain";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let domain = engine.domains.named(&self.name)?;
        if !domain.deprecated {
            return Err(Fault::domain_already_exists(&self.name));
        }
        domain.undeprecate();
        Ok(())
    }
}
