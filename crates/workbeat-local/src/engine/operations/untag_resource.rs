//! `UntagResource`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::fault::Fault;

/// Takes tags off a domain. A key that it does not have is no error.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UntagResource {
    /// The domain, by its ARN.
    pub resource_arn: String,
    /// The keys of the tags.
    pub tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        engine.tagged(&self.resource_arn)?.untag(&self.tag_keys);
        Ok(())
    }
}
