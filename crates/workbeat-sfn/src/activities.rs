//! The activities that are polled: the ARN and the worker's type of each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sfn::Client;
use tokio::sync::OnceCell;
use tracing::{debug, info};
use workbeat::service::{ActivityType, ServiceError, ServiceErrorKind};
use workbeat_aws::no_region;

use crate::SfnServiceBuilder;
use crate::arn::{arn_of, name_fault, name_of};
use crate::errors::error;
use crate::operation::Operation;

/// One activity, as its polls need it.
#[derive(Debug)]
pub(crate) struct Activity {
    pub(crate) arn: String,
    pub(crate) activity_type: ActivityType,
}

/// Found out by the first who asks and is answered.
type Once = OnceCell<Arc<Activity>>;

/// What is known of activities, and how more becomes known.
#[derive(Debug)]
pub(crate) struct Activities {
    /// The ARNs that were told, by name, or what is wrong with them.
    told: Result<BTreeMap<String, String>, String>,
    account: Option<String>,
    create: bool,
    version: Arc<str>,
    types: BTreeMap<String, ActivityType>,
    /// Those of which a poll has asked.
    found: Mutex<BTreeMap<Arc<str>, Arc<Once>>>,
}

impl Activities {
    pub(crate) fn new(builder: &SfnServiceBuilder) -> Self {
        Self {
            told: told(&builder.arns),
            account: builder.account.clone(),
            create: builder.create,
            version: Arc::clone(&builder.version),
            types: builder.types.clone(),
            found: Mutex::default(),
        }
    }

    /// The activity of this name. The first who asks finds it out, for all; who asks meanwhile waits.
    /// An error is only for the one who met it: the next who waits then tries to find it out.
    pub(crate) async fn of(
        &self,
        client: &Client,
        name: &Arc<str>,
    ) -> Result<Arc<Activity>, ServiceError> {
        let cell = {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(found.entry(Arc::clone(name)).or_default())
        };
        let find = async || {
            Ok(Arc::new(Activity {
                arn: self.find(client, name).await?,
                activity_type: self.type_of(name),
            }))
        };
        cell.get_or_try_init(find).await.cloned()
    }

    fn type_of(&self, name: &Arc<str>) -> ActivityType {
        let told = self.types.get(&**name).cloned();
        told.unwrap_or_else(|| ActivityType::new(Arc::clone(name), Arc::clone(&self.version)))
    }

    async fn find(&self, client: &Client, name: &str) -> Result<String, ServiceError> {
        match &self.told {
            Err(mistake) => return Err(invalid(mistake.clone())),
            Ok(told) => {
                if let Some(arn) = told.get(name) {
                    return Ok(arn.clone());
                }
            }
        }
        if let Some(fault) = name_fault(name) {
            return Err(invalid(format!(
                "no activity can have the name `{name}`, which {fault}"
            )));
        }
        if self.create {
            return create(client, name).await;
        }
        if let Some(account) = &self.account {
            let region = client.config().region().map(AsRef::as_ref);
            let region = region.ok_or_else(no_region)?;
            return Ok(arn_of(region, account, name));
        }
        look_up(client, name).await
    }
}

/// ARNs by the names of their activities; or what is wrong with them.
fn told(arns: &[String]) -> Result<BTreeMap<String, String>, String> {
    let mut told = BTreeMap::new();
    for arn in arns {
        let Some(name) = name_of(arn) else {
            return Err(format!(
                "`{arn}` is no ARN of an activity; `activity_arn` wants one such as arn:aws:states:REGION:ACCOUNT:activity:NAME"
            ));
        };
        let before = told.insert(name.to_owned(), arn.clone());
        if let Some(other) = before.filter(|other| other != arn) {
            return Err(format!(
                "`{other}` and `{arn}` have the same name, and a task list is one of them; poll the other through an `SfnService` of its own, which a worker takes as another source"
            ));
        }
    }
    Ok(told)
}

fn invalid(message: String) -> ServiceError {
    ServiceError::new(ServiceErrorKind::Invalid, message)
}

/// Makes an activity, if there is none of this name, and gives its ARN.
async fn create(client: &Client, name: &str) -> Result<String, ServiceError> {
    match client.create_activity().name(name).send().await {
        Ok(created) => {
            let arn = created.activity_arn;
            info!(name, arn, "the activity is there");
            Ok(arn)
        }
        Err(failed) => {
            // It is there, with tags or encryption that this call did not ask for.
            let service_error = failed.as_service_error();
            if service_error.is_some_and(|error| error.is_activity_already_exists()) {
                return look_up(client, name).await;
            }
            Err(error(Operation::Create, Some(name), &failed))
        }
    }
}

/// The most pages that are looked at: an account has 10,000 activities unless it asked for more, and a page of
/// an emulator may be short.
const MOST_PAGES: usize = 1_000;

/// The ARN under which the service lists an activity of this name.
async fn look_up(client: &Client, name: &str) -> Result<String, ServiceError> {
    let mut page = None;
    for _ in 0..MOST_PAGES {
        let call = client
            .list_activities()
            .max_results(1_000)
            .set_next_token(page);
        let listed = call.send().await;
        let listed = listed.map_err(|failed| error(Operation::List, Some(name), &failed))?;
        let mut activities = listed.activities.into_iter();
        if let Some(activity) = activities.find(|activity| activity.name == name) {
            let arn = activity.activity_arn;
            debug!(name, arn, "the activity is found");
            return Ok(arn);
        }
        page = listed.next_token.filter(|token| !token.is_empty());
        if page.is_none() {
            break;
        }
    }
    Err(ServiceError::new(
        ServiceErrorKind::UnknownResource,
        format!(
            "there is no activity `{name}` in this account and region; check name and region, or create it, with `create_activities` or `aws stepfunctions create-activity --name {name}`"
        ),
    ))
}
