//! The activity of these tests, which does what its id says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use workbeat::prelude::*;

/// Who may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Go {
    None,
    All,
    LateToo,
}

/// What all activities of a test share.
#[derive(Clone, Debug)]
pub(crate) struct Acts {
    go: Arc<watch::Sender<Go>>,
    ran: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Acts {
    pub(crate) fn new() -> Self {
        Self {
            go: Arc::new(watch::Sender::new(Go::None)),
            ran: Arc::default(),
        }
    }

    /// Lets all end but the late ones, from now on.
    pub(crate) fn go(&self) {
        self.go.send_replace(Go::All);
    }

    /// Lets the late ones end too.
    pub(crate) fn end(&self) {
        self.go.send_replace(Go::LateToo);
    }

    /// How often each one ran, by its id.
    pub(crate) fn ran(&self) -> BTreeMap<String, usize> {
        let ran = self.ran.lock().unwrap_or_else(PoisonError::into_inner);
        ran.clone()
    }

    pub(crate) async fn act(&self, ctx: ActivityContext) -> Result<&'static str, ActivityError> {
        let id = ctx.activity_id().to_owned();
        {
            let mut ran = self.ran.lock().unwrap_or_else(PoisonError::into_inner);
            *ran.entry(id.clone()).or_default() += 1;
        }
        if kind(&id) == "cancel" {
            ctx.cancellation_token().cancelled().await;
            return Err(ActivityError::canceled("stopped"));
        }
        let mut go = self.go.subscribe();
        let enough = match kind(&id) {
            "late" => Go::LateToo,
            _ => Go::All,
        };
        // The sender lives in `self`.
        let _ = go.wait_for(|go| *go >= enough).await;
        match kind(&id) {
            "fail" => Err(ActivityError::failed("out of paper")),
            _ => Ok("done"),
        }
    }
}

/// The kind of an activity, which its id begins with.
fn kind(id: &str) -> &str {
    id.split('-').next().unwrap_or_default()
}

/// What the history must say of an activity that ran.
pub(crate) fn expected(id: &str) -> &'static str {
    match kind(id) {
        "cancel" => "canceled: stopped",
        "fail" => "failed: out of paper: nothing",
        _ => "completed: \"done\"",
    }
}
