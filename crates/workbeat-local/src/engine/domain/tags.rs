//! The tags of a domain, which is the one resource of SWF that has any.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ACCOUNT, Domain};
use crate::engine::core::Engine;
use crate::engine::fault::Fault;
use crate::engine::limits;

/// A tag of a domain, by which people sort and bill what they have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceTag {
    /// Up to 128 characters; unique in its domain.
    pub key: String,
    /// Up to 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl ResourceTag {
    /// The tag `key` with this value.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: Some(value.into()),
        }
    }
}

impl Domain {
    /// Adds tags; one whose key it has already gets the new value.
    pub(in crate::engine) fn tag(&mut self, tags: Vec<ResourceTag>) -> Result<(), Fault> {
        let tagged = tags.into_iter();
        let tagged = tagged.map(|tag| (tag.key, tag.value.unwrap_or_default()));
        let mut all: BTreeMap<String, String> = self.tags.clone();
        all.extend(tagged);
        if all.len() > limits::TAGS {
            let limit = limits::TAGS;
            return Err(Fault::too_many_tags(format!(
                "A domain has at most {limit} tags"
            )));
        }
        self.tags = all;
        self.touched = true;
        Ok(())
    }

    /// Takes tags off; one that it does not have is no error.
    pub(in crate::engine) fn untag(&mut self, keys: &[String]) {
        for key in keys {
            self.tags.remove(key);
        }
        self.touched = true;
    }
}

impl Engine {
    /// The domain that an ARN names, in this region and this account.
    pub(in crate::engine) fn tagged(&mut self, arn: &str) -> Result<&mut Domain, Fault> {
        let (account, name) = arn.split_once("/domain/").unwrap_or_default();
        let ours = account == format!("arn:aws:swf:{}:{ACCOUNT}:", self.settings.region);
        if !ours {
            return Err(Fault::unknown_arn(arn));
        }
        self.domains.named(name)
    }
}
