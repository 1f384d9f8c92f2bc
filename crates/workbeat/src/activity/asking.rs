//! Asks the service something that an activity waits for.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::retry::Backoff;
use crate::service::{Loggable, ServiceError, guarded};
use crate::task::{StopReason, TaskRecord};
use crate::told::{debug, warn};

/// The waits between two tries.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// The service will not give one.
    Refused(ServiceError),
    /// The activity is told to stop.
    Stopped(StopReason),
}

/// Makes a call until it is answered, for as long as the activity is not told to stop. What may pass
/// is tried again.
pub(super) async fn answer<T, F>(
    record: &TaskRecord,
    what: &'static str,
    limit: Duration,
    call: impl Fn() -> F,
) -> Result<T, Unanswered>
where
    F: Future<Output = Result<T, ServiceError>>,
{
    let mut waits = None;
    let mut since = None;
    loop {
        let answered = tokio::select! {
            biased;
            answered = guarded(limit, async { call().await }) => answered,
            reason = stopped(record) => return Err(Unanswered::Stopped(reason)),
        };
        let error = match answered {
            Ok(answer) => {
                // Who was warned must hear it too.
                if let Some(after) = since.map(|since: Instant| since.elapsed()) {
                    warn!(parent: &record.span, what, ?after, "what the activity waits for is answered now");
                }
                return Ok(answer);
            }
            Err(error) => error,
        };
        let again = error.kind().is_transient();
        let (kind, log) = (error.kind().as_str(), Loggable(&error));
        if again && since.is_none() {
            since = Some(Instant::now());
            warn!(parent: &record.span, what, kind, error = %log, "what the activity waits for is not answered yet; it is asked for again");
        } else {
            debug!(parent: &record.span, what, kind, error = %log, again, "the service has not answered what the activity waits for");
        }
        if !again {
            return Err(Unanswered::Refused(error));
        }
        let (delays, random) =
            waits.get_or_insert_with(|| (BACKOFF.delays(), record.worker.random.fork()));
        tokio::select! {
            biased;
            () = sleep(delays.next(random)) => {}
            reason = stopped(record) => return Err(Unanswered::Stopped(reason)),
        }
    }
}

async fn stopped(record: &TaskRecord) -> StopReason {
    record.token().cancelled().await;
    // A reason is noted before the token fires.
    let worst = record.stop().worst();
    worst.unwrap_or(StopReason::CancelRequested)
}
