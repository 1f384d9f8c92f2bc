//! Payloads on their way into the store.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::encoding::{at_length, encode, why};
use crate::error::{StoreError, StoreErrorKind};
use crate::recent::Recent;
use crate::reference::Reference;
use crate::store::PayloadStore;

/// How long the store may take for one payload.
pub(crate) const LIMIT: Duration = Duration::from_secs(300);

/// How long a payload that was stored is not stored again. A rule of the store's deletes what is old,
/// and what is sent as a reference must not be.
pub(crate) const FRESH: Duration = Duration::from_secs(600);

/// How many of those are remembered.
const REMEMBERED: usize = 4_096;

/// One that several may wait for.
type Upload = Shared<BoxFuture<'static, Result<(), StoreError>>>;

/// One that is under way.
struct UnderWay {
    upload: Upload,
    /// It can end before it begins, with its runtime: then nobody notes that.
    task: AbortHandle,
}

/// Payloads under way. An upload goes on when nobody waits for it any more, because whoever sends
/// an outcome gives up waiting and asks again; it ends with this.
pub(crate) struct Uploads(Mutex<State>);

struct State {
    under_way: HashMap<String, UnderWay>,
    stored: Recent<String, Instant>,
}

impl Uploads {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State {
            under_way: HashMap::new(),
            stored: Recent::new(REMEMBERED),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees that a payload is in the store: `None` if it is there. One that is under way is not
    /// begun again. The payload and `held` are kept until the store has answered, or `limit` is over.
    pub(crate) fn begin(
        self: &Arc<Self>,
        store: &Arc<dyn PayloadStore>,
        reference: &Reference,
        payload: impl FnOnce() -> Vec<u8>,
        limit: Duration,
        held: impl Send + 'static,
    ) -> Result<Option<Upload>, StoreError> {
        let runtime = Handle::try_current().map_err(|error| {
            let message = "a payload can be stored on a tokio runtime alone";
            StoreError::new(StoreErrorKind::Refused, message).with_source(error)
        })?;
        let key = reference.key();
        let mut state = self.state();
        if state
            .stored
            .get(&key)
            .is_some_and(|at| at.elapsed() < FRESH)
        {
            return Ok(None);
        }
        let under_way = state.under_way.get(&key);
        if let Some(under_way) = under_way.filter(|under_way| !under_way.task.is_finished()) {
            return Ok(Some(under_way.upload.clone()));
        }
        let (payload, encoding) = (payload(), reference.encoding);
        let (store, name) = (Arc::clone(store), key.clone());
        let put = async move {
            let length = payload.len();
            let bytes = at_length(length, move || encode(&payload, encoding)).await?;
            let put = timeout(limit, store.put(&name, bytes)).await;
            put.unwrap_or_else(|_| {
                let message = format!("the store did not answer within {limit:?}");
                Err(StoreError::new(StoreErrorKind::Unavailable, message))
            })
        };
        let (ended, uploads) = (key.clone(), Arc::downgrade(self));
        let running = runtime.spawn(async move {
            let noted = Noted {
                uploads,
                key: ended,
                stored: false,
            };
            let put = put.await;
            drop(held);
            noted.ends(put.is_ok());
            put
        });
        let task = running.abort_handle();
        let running = AbortOnDropHandle::new(running);
        let upload = running.map(|ended| {
            ended.unwrap_or_else(|error| {
                let message = format!("the payload was not stored: {}", why(&error));
                Err(StoreError::new(StoreErrorKind::Unavailable, message))
            })
        });
        let upload = upload.boxed().shared();
        let under_way = UnderWay {
            upload: upload.clone(),
            task,
        };
        state.under_way.insert(key, under_way);
        Ok(Some(upload))
    }
}

/// Notes the end of an upload, also if it panics.
struct Noted {
    uploads: Weak<Uploads>,
    key: String,
    stored: bool,
}

impl Noted {
    fn ends(mut self, stored: bool) {
        self.stored = stored;
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        let Some(uploads) = self.uploads.upgrade() else {
            return;
        };
        let mut state = uploads.state();
        if self.stored {
            state.stored.set(self.key.clone(), Instant::now());
        }
        let ended = state.under_way.remove(&self.key);
        // Its drop is not run under the lock.
        drop(state);
        drop(ended);
    }
}

impl fmt::Debug for Uploads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uploads")
            .field("under_way", &self.state().under_way.len())
            .finish()
    }
}
