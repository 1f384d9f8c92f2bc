//! `TagResource`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::ResourceTag;
use crate::engine::fault::Fault;

/// Adds tags to a domain. A tag that it has already gets the new value.
///
/// A domain has at most 50: more are a `TooManyTagsFault`, and none is added.
///
/// ```
/// # use workbeat_local::engine::*;
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::default();
/// # engine.apply(RegisterDomain { name: "tests".into(), ..Default::default() }, now)?;
/// let resource_arn = "arn:aws:swf:us-east-1:123456789012:/domain/tests".to_owned();
/// let tag = ResourceTag::new("team", "video");
/// let tags = vec![tag.clone()];
/// engine.apply(TagResource { resource_arn: resource_arn.clone(), tags }, now)?;
/// let answer = engine.apply(ListTagsForResource { resource_arn }, now)?;
/// assert_eq!(answer.tags, [tag]);
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagResource {
    /// The domain, by its ARN.
    pub resource_arn: String,
    /// The tags.
    pub tags: Vec<ResourceTag>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        engine.tagged(&self.resource_arn)?.tag(self.tags)
    }
}
