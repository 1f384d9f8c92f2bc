//! The task that lets time pass.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::shared::Shared;

/// The longest sleep: a timer does not count the time for which the machine was suspended,
/// so it is looked again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Fires every deadline when its time has come. Ends never.
pub(crate) async fn tick(shared: Arc<Shared>) {
    loop {
        let due = match shared.pass_time() {
            Some(due) => due.min(LOOK_AGAIN),
            None => {
                shared.sooner.notified().await;
                continue;
            }
        };
        tokio::select! {
            () = sleep(due) => {}
            () = shared.sooner.notified() => {}
        }
    }
}
