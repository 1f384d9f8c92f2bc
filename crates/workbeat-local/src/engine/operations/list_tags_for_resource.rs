//! `ListTagsForResource`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::ResourceTag;
use crate::engine::fault::Fault;

/// Asks for the tags of a domain.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListTagsForResource {
    /// The domain, by its ARN.
    pub resource_arn: String,
}

/// The tags of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceTags {
    /// In the order of their keys.
    pub tags: Vec<ResourceTag>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";

    type Answer = ResourceTags;

    fn apply_to(self, engine: &mut Engine) -> Result<ResourceTags, Fault> {
        let domain = engine.tagged(&self.resource_arn)?;
        let tag = |(key, value): (&String, &String)| ResourceTag::new(key, value);
        Ok(ResourceTags {
            tags: domain.tags.iter().map(tag).collect(),
        })
    }
}
