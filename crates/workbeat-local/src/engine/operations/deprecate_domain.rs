//! `DeprecateDomain`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::fault::Fault;

/// Lets nothing new begin in a domain: no type, no execution.
///
/// The types in it are deprecated with it. Executions that are open go on, and what there is
/// can still be listed and described. A second time it is a `DomainDeprecatedFault`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeprecateDomain {
    /// The domain.
    pub name: String,
}

impl Operation for DeprecateDomain {
    const NAME: &'static str = "DeprecateDomain";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let now = engine.now;
        let domain = engine.domains.named(&self.name)?;
        if domain.deprecated {
            return Err(Fault::domain_deprecated(&self.name));
        }
        domain.deprecate(now);
        Ok(())
    }
}
