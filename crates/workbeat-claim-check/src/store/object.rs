//! Payloads in whatever the crate `object_store` reaches.

use std::fmt;
use std::path::Path as FilePath;
use std::sync::Arc;

use async_trait::async_trait;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Error, GetOptions, ObjectStore, ObjectStoreExt as _, PutOptions, PutPayload};

use super::PayloadStore;
use crate::error::{StoreError, StoreErrorKind};

/// Payloads in a folder, in memory, or in whatever else the crate [`object_store`] reaches.
///
/// Needs the feature `object-store`. Amazon S3 needs the feature `aws` of `object_store` too, in your own
/// manifest:
///
/// ```text
/// let bucket = AmazonS3Builder::from_env().with_bucket_name("media").build()?;
/// let store = ObjectStorePayloads::new(bucket).under("claims");
/// let payloads = Payloads::new(store).named("s3://media/claims");
/// ```
///
/// There it needs the permissions `s3:PutObject` and `s3:GetObject` on what is under the prefix, and
/// `s3:ListBucket` on the bucket. Without the last, S3 answers alike for a payload that is not there and
/// for one that is forbidden, and both are [`Refused`](StoreErrorKind::Refused). An activity whose
/// [previous progress](workbeat::ActivityContext::previous_progress) has expired then gets an error, in
/// each attempt anew, where it would begin from the beginning.
#[derive(Clone)]
pub struct ObjectStorePayloads {
    store: Arc<dyn ObjectStore>,
    under: Path,
}

impl ObjectStorePayloads {
    /// Payloads in `store`. Its retries and timeouts are its own.
    pub fn new(store: impl ObjectStore) -> Self {
        Self {
            store: Arc::new(store),
            under: Path::default(),
        }
    }

    /// In memory, for tests: gone with the last clone of this.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new(InMemory::new())
    }

    /// In a folder, which must be there. A payload is a file with the digest as its name, which is
    /// there as a whole or not at all.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if there is no such folder.
    pub fn in_folder(folder: impl AsRef<FilePath>) -> Result<Self, StoreError> {
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| {
            let message = "the folder for payloads cannot be opened";
            StoreError::new(StoreErrorKind::Refused, message).with_source(error)
        })?;
        Ok(Self::new(store))
    }

    /// The same store, with all keys under this prefix: `claims`, or `teams/video/claims`.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        self.under = Path::from(prefix);
        self
    }

    fn path(&self, key: &str) -> Path {
        self.under.clone().join(key)
    }
}

#[async_trait]
impl PayloadStore for ObjectStorePayloads {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let payload = PutPayload::from(bytes);
        let path = self.path(key);
        let put = self.store.put_opts(&path, payload, PutOptions::default());
        put.await.map_err(store_error)?;
        Ok(())
    }

    async fn get(&self, key: &str, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
        // One byte too many shows that there are too many.
        let range = Some((0..most.saturating_add(1)).into());
        let options = GetOptions {
            range,
            ..GetOptions::default()
        };
        let path = self.path(key);
        let found = match self.store.get_opts(&path, options).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => {
                let error = not_read(error);
                // No range is within an object of no bytes: a store can only refuse it.
                if error.kind() == StoreErrorKind::Unavailable
                    && let Ok(found) = self.store.head(&path).await
                    && found.size == 0
                {
                    return Ok(Some(Vec::new()));
                }
                return Err(error);
            }
        };
        let bytes = found.bytes().await.map_err(not_read)?;
        Ok(Some(bytes.into()))
    }
}

fn store_error(error: Error) -> StoreError {
    let kind = match &error {
        Error::NotFound { .. }
        | Error::InvalidPath { .. }
        | Error::NotSupported { .. }
        | Error::NotImplemented { .. }
        | Error::PermissionDenied { .. }
        | Error::Unauthenticated { .. }
        | Error::UnknownConfigurationKey { .. } => StoreErrorKind::Refused,
        _ => StoreErrorKind::Unavailable,
    };
    // A store's own sentences name the path, which is the digest.
    StoreError::new(kind, "the object store answered with an error").with_source(error)
}

fn not_read(error: Error) -> StoreError {
    if !matches!(error, Error::PermissionDenied { .. }) {
        return store_error(error);
    }
    let message = "the object store refuses; Amazon S3 does so for what is not there too, unless the \
                   credentials are allowed `s3:ListBucket`";
    StoreError::new(StoreErrorKind::Refused, message).with_source(error)
}

impl fmt::Debug for ObjectStorePayloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStorePayloads")
            .field("store", &format_args!("{}", self.store))
            .field("under", &self.under)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forbidden_may_not_be_there_and_the_permission_that_tells_is_named() {
        let denied = || Error::PermissionDenied {
            path: "claims/a1".to_owned(),
            source: "403 Forbidden".into(),
        };
        let read = not_read(denied());
        assert_eq!(read.kind(), StoreErrorKind::Refused);
        assert!(read.to_string().contains("`s3:ListBucket`"), "{read}");
        let written = store_error(denied());
        assert_eq!(written.kind(), StoreErrorKind::Refused);
        assert!(!written.to_string().contains("s3:"), "{written}");
    }
}
