//! Waiting for conditions, never for time alone.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

/// How long a condition may take to come true, in tokio's time.
const LIMIT: Duration = Duration::from_secs(600);

/// Waits until `condition` holds.
///
/// # Panics
///
/// When it does not hold within ten minutes of tokio's time (in paused time: at once).
pub async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    eventually_some(what, || condition().then_some(())).await;
}

/// Waits until `condition` gives something.
///
/// # Panics
///
/// When it does not within ten minutes of tokio's time (in paused time: at once).
pub async fn eventually_some<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = condition() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    match tokio::time::timeout(LIMIT, waiting).await {
        Ok(found) => found,
        Err(_) => panic!("it never came true that {what}"),
    }
}

/// What comes through a channel. Without a limit a worker that goes on heartbeating would keep
/// paused time running for ever.
///
/// # Panics
///
/// When nothing comes within ten minutes of tokio's time.
pub async fn hears<T>(channel: &mut UnboundedReceiver<T>) -> T {
    let heard = tokio::time::timeout(LIMIT, channel.recv()).await;
    heard.ok().flatten().expect("something must be said")
}
