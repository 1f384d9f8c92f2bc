//! Where payloads are stored.

#[cfg(feature = "object-store")]
mod object;

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::StoreError;
#[cfg(feature = "object-store")]
pub use object::ObjectStorePayloads;

/// Bytes by their keys: what a claim check needs of a store.
///
/// A key is the digest of what is stored under it, so a key is never written with other bytes, and
/// writing twice does no harm. Nothing is ever deleted: how long payloads are kept is for the store
/// to say, by a rule on the bucket for instance.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
///
/// use workbeat_claim_check::{PayloadStore, StoreError, async_trait};
///
/// #[derive(Default)]
/// struct InMemory(Mutex<HashMap<String, Vec<u8>>>);
///
/// #[async_trait]
/// impl PayloadStore for InMemory {
///     async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
///         self.0.lock().unwrap().insert(key.to_owned(), bytes);
///         Ok(())
///     }
///
///     async fn get(&self, key: &str, _most: u64) -> Result<Option<Vec<u8>>, StoreError> {
///         Ok(self.0.lock().unwrap().get(key).cloned())
///     }
/// }
/// ```
///
/// # Cancel safety
///
/// Either future may be dropped. A `put` that is dropped may or may not have written.
#[async_trait]
pub trait PayloadStore: Send + Sync + 'static {
    /// Writes bytes under a key: all of them, or nothing. What is there already is the same.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError>;

    /// Reads what is under a key; `None` if there is nothing.
    ///
    /// More than `most` bytes are refused by the caller, so a store that knows the length need not
    /// read them: it may give any longer text, or the beginning of it with one byte too many.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn get(&self, key: &str, most: u64) -> Result<Option<Vec<u8>>, StoreError>;
}

#[async_trait]
impl<S: PayloadStore + ?Sized> PayloadStore for Arc<S> {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        (**self).put(key, bytes).await
    }

    async fn get(&self, key: &str, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).get(key, most).await
    }
}
