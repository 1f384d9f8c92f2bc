//! Makes the activity types known to the service, before the first poll.

use std::time::Duration;

use tracing::warn;

use super::report::RunErrorKind;
use crate::retry::Backoff;
use crate::service::{ActivityService, ActivityTypeRegistration, Loggable, ServiceError, guarded};

/// How long one call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Registers the types one after the other. What is only a matter of time is tried again for
/// as long as it takes.
///
/// # Cancel safety
///
/// If the future is dropped, some of the types are registered.
pub(crate) async fn register(
    service: &dyn ActivityService,
    registrations: &[ActivityTypeRegistration],
    backoff: Backoff,
) -> Result<(), (RunErrorKind, ServiceError)> {
    let mut random = fastrand::Rng::new();
    for registration in registrations {
        let activity_type = &registration.activity_type;
        let mut delays = backoff.delays();
        loop {
            let call = async { service.register(registration).await };
            let Err(error) = guarded(CALL_TIMEOUT, call).await else {
                break;
            };
            if !error.kind().is_transient() {
                return Err((RunErrorKind::Registration(activity_type.clone()), error));
            }
            let wait = delays.next(&mut random);
            warn!(%activity_type, kind = error.kind().as_str(), error = %Loggable(&error), ?wait, "the activity type is not registered yet");
            tokio::time::sleep(wait).await;
        }
    }
    Ok(())
}
