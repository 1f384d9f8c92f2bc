//! Makes the activity types known to the service, before the first poll.

use std::time::Duration;

use super::report::RunErrorKind;
use crate::retry::Backoff;
use crate::service::{
    ActivityService, ActivityTypeRegistration, Loggable, ServiceError, ServiceErrorKind, guarded,
};
use crate::told::{debug, warn};

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
    label: Option<&str>,
    registrations: &[ActivityTypeRegistration],
    backoff: Backoff,
    mut random: fastrand::Rng,
) -> Result<(), (RunErrorKind, ServiceError)> {
    let mut throttled = false;
    for registration in registrations {
        let activity_type = &registration.activity_type;
        let mut delays = backoff.delays();
        loop {
            let call = async { service.register(registration).await };
            let Err(error) = guarded(CALL_TIMEOUT, call).await else {
                break;
            };
            // A quota of types is no throttle: nothing but a person gives it back.
            let final_word =
                !error.kind().is_transient() || error.kind() == ServiceErrorKind::LimitExceeded;
            if final_word {
                return Err((RunErrorKind::Registration(activity_type.clone()), error));
            }
            let wait = delays.next(&mut random);
            let (kind, log) = (error.kind().as_str(), Loggable(&error));
            // With hundreds of types nearly each is throttled: that is a pace, and no trouble.
            if throttled && error.kind() == ServiceErrorKind::Throttled {
                debug!(%activity_type, service = label, kind, error = %log, ?wait, "the activity type is not registered yet");
            } else {
                warn!(%activity_type, service = label, kind, error = %log, ?wait, "the activity type is not registered yet");
            }
            throttled |= error.kind() == ServiceErrorKind::Throttled;
            tokio::time::sleep(wait).await;
        }
    }
    Ok(())
}
