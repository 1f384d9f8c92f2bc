//! `ListDomains`

use serde::{Deserialize, Serialize};

use super::Operation;
use super::describe_domain::DomainInfo;
use crate::engine::core::Engine;
use crate::engine::domain::RegistrationStatus;
use crate::engine::fault::Fault;
use crate::engine::page::Page;

/// Asks for the domains that are registered, or for those that are deprecated, by their names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListDomains {
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

impl Default for ListDomains {
    fn default() -> Self {
        Self {
            registration_status: RegistrationStatus::Registered,
            reverse_order: None,
            maximum_page_size: None,
            next_page_token: None,
        }
    }
}

/// One page of domains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DomainInfos {
    /// The domains.
    pub domain_infos: Vec<DomainInfo>,
    /// Where the next page is, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

impl Operation for ListDomains {
    const NAME: &'static str = "ListDomains";

    type Answer = DomainInfos;

    fn apply_to(self, engine: &mut Engine) -> Result<DomainInfos, Fault> {
        let token = self.next_page_token.as_deref();
        let page = Page::of(&engine.seed, &self, token, self.maximum_page_size)?;
        let reverse = self.reverse_order.unwrap_or(false);
        let region = &engine.settings.region;
        let asked = |info: &DomainInfo| {
            let follows = page.after().is_none_or(|after| match reverse {
                false => *info.name > *after,
                true => *info.name < *after,
            });
            follows && info.status == self.registration_status
        };
        let infos = || {
            engine
                .domains
                .by_name()
                .map(|domain| DomainInfo::of(domain, region))
        };
        let cursor = |info: &DomainInfo| info.name.clone();
        let (domain_infos, next_page_token) = if reverse {
            page.take(&engine.seed, infos().rev().filter(asked), cursor)
        } else {
            page.take(&engine.seed, infos().filter(asked), cursor)
        };
        Ok(DomainInfos {
            domain_infos,
            next_page_token,
        })
    }
}
