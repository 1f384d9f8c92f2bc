//! `GET /_workbeat/activities`

use crate::http::{Answer, Refusal, json};
use crate::service::Shared;

/// Every open activity, for progress bars.
pub(crate) async fn activities(_shared: &Shared) -> Result<Answer, Refusal> {
    Ok(json("{}\n".to_owned()))
}
