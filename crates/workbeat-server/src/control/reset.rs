//! `POST /_workbeat/reset`

use crate::http::{Answer, Refusal, json};
use crate::service::Shared;

/// Forgets everything, in every region.
pub(crate) async fn reset(shared: &Shared) -> Result<Answer, Refusal> {
    shared.kept(shared.reset()).await?;
    Ok(json("{}\n".to_owned()))
}
