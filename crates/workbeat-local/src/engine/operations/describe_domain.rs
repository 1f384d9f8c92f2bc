//! `DescribeDomain`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::{Domain, RegistrationStatus};
use crate::engine::fault::Fault;

/// Asks for a domain, its state and its retention.
///
/// ```
/// # use workbeat_local::engine::*;
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::default();
/// # engine.apply(RegisterDomain { name: "tests".into(), ..Default::default() }, now)?;
/// let detail = engine.apply(DescribeDomain { name: "tests".into() }, now)?;
/// assert_eq!(detail.domain_info.status, RegistrationStatus::Registered);
/// assert_eq!(detail.domain_info.arn, "arn:aws:swf:us-east-1:123456789012:/domain/tests");
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribeDomain {
    /// The domain.
    pub name: String,
}

/// A domain, its state and its retention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DomainDetail {
    /// The domain and its state.
    pub domain_info: DomainInfo,
    /// How long it keeps what is closed.
    pub configuration: DomainConfiguration,
}

/// A domain and its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DomainInfo {
    /// Its name.
    pub name: String,
    /// Whether new types and executions can begin in it.
    pub status: RegistrationStatus,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its name in all of AWS, by which it is tagged.
    pub arn: String,
}

/// How long a domain keeps what is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DomainConfiguration {
    /// In days, or `NONE`.
    pub workflow_execution_retention_period_in_days: String,
}

impl Operation for DescribeDomain {
    const NAME: &'static str = "DescribeDomain";

    type Answer = DomainDetail;

    fn apply_to(self, engine: &mut Engine) -> Result<DomainDetail, Fault> {
        let region = engine.settings.region.clone();
        let domain = engine.domains.named(&self.name)?;
        Ok(DomainDetail {
            domain_info: DomainInfo::of(domain, &region),
            configuration: DomainConfiguration {
                workflow_execution_retention_period_in_days: domain.retention.clone(),
            },
        })
    }
}

impl DomainInfo {
    /// What there is to say of a domain.
    pub(super) fn of(domain: &Domain, region: &str) -> Self {
        Self {
            name: domain.name.to_string(),
            status: domain.status(),
            description: domain.description.clone(),
            arn: domain.arn(region),
        }
    }
}
