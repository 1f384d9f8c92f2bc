//! `ListActivityTypes`

use serde::{Deserialize, Serialize};

use super::Operation;
use super::describe_activity_type::ActivityTypeInfo;
use crate::engine::core::Engine;
use crate::engine::domain::{RegistrationStatus, TypePage};
use crate::engine::fault::Fault;
use crate::engine::page::Page;

/// Asks for the activity types of a domain that are registered, or for those that are
/// deprecated, by their names and versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListActivityTypes {
    /// The domain.
    pub domain: String,
    /// Only types of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Which of the two.
    pub registration_status: RegistrationStatus,
    /// Whether the last name comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_order: Option<bool>,
    /// How many at most; up to 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_page_size: Option<u32>,
    /// The page that the last answer named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

impl Default for ListActivityTypes {
    fn default() -> Self {
        Self {
            domain: String::new(),
            name: None,
            registration_status: RegistrationStatus::Registered,
            reverse_order: None,
            maximum_page_size: None,
            next_page_token: None,
        }
    }
}

/// One page of activity types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTypeInfos {
    /// The types.
    pub type_infos: Vec<ActivityTypeInfo>,
    /// Where the next page is, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

impl Operation for ListActivityTypes {
    const NAME: &'static str = "ListActivityTypes";

    type Answer = ActivityTypeInfos;

    fn apply_to(self, engine: &mut Engine) -> Result<ActivityTypeInfos, Fault> {
        let token = self.next_page_token.as_deref();
        let page = Page::of(&engine.seed, &self, token, self.maximum_page_size)?;
        let asked = TypePage {
            name: self.name.as_deref(),
            status: self.registration_status,
            reverse: self.reverse_order.unwrap_or(false),
            page: &page,
        };
        let domain = engine.domains.named(&self.domain)?;
        let (found, next_page_token) = asked.of(&engine.seed, &domain.activity_types);
        let info = |(name, known)| ActivityTypeInfo::of(name, known);
        Ok(ActivityTypeInfos {
            type_infos: found.into_iter().map(info).collect(),
            next_page_token,
        })
    }
}
