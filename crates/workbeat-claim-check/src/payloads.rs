//! Payloads in a store, and the references that stand for them.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::encoding::{FOR_THE_POOL, at_length, decode, most_stored};
use crate::error::{PayloadError, PayloadErrorKind};
use crate::reference::{Digest, Encoding, LONGEST, Reference};
use crate::store::PayloadStore;
use crate::uploads::{LIMIT, Uploads};

/// The most characters of a payload, unless it is set.
const LARGEST: usize = 8 * 1024 * 1024;

/// Payloads in a store, and the references that stand for them.
///
/// It is what a [`ClaimCheck`](crate::ClaimCheck) stores with, and what a decider in Rust follows
/// references with. Clones share the store and what is known of it.
///
/// ```
/// use workbeat_claim_check::{ObjectStorePayloads, Payloads};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let payloads = Payloads::new(ObjectStorePayloads::in_memory()).gzip();
///
/// // A decider passes in an input that is too large for the service ...
/// let input = "[1,2,3]".repeat(10_000);
/// let reference = payloads.store(&input).await?;
/// assert!(reference.to_text().len() < 200);
/// // ... and reads results, of which some are references.
/// assert_eq!(payloads.resolve(&reference.to_text()).await?, input);
/// assert_eq!(payloads.resolve("[1,2,3]").await?, "[1,2,3]");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct Payloads {
    store: Arc<dyn PayloadStore>,
    uploads: Arc<Uploads>,
    name: Option<Arc<str>>,
    encoding: Encoding,
    largest: usize,
}

impl Payloads {
    /// Payloads in `store`.
    pub fn new(store: impl PayloadStore) -> Self {
        Self {
            store: Arc::new(store),
            uploads: Arc::new(Uploads::new()),
            name: None,
            encoding: Encoding::Identity,
            largest: LARGEST,
        }
    }

    /// Writes this name of the store into references, for people who look at a history. The default
    /// is to write none. No reader goes by it. It is cut to 256 characters, and left out where a
    /// reference, of 1,024 bytes at most, has no room for it.
    pub fn named(mut self, name: &str) -> Self {
        let name: String = name.chars().take(256).collect();
        self.name = Some(name.into());
        self
    }

    /// Compresses what is stored, with gzip. The default is not to. What was compressed is read
    /// either way.
    #[cfg(feature = "gzip")]
    pub fn gzip(mut self) -> Self {
        self.encoding = Encoding::Gzip;
        self
    }

    /// The longest payload that is stored or fetched, in characters as the service counts them
    /// (UTF-16 units). The default is 8,388,608: a payload is in memory as a whole, several times for a
    /// moment.
    pub fn largest(mut self, characters: usize) -> Self {
        self.largest = characters;
        self
    }

    pub(crate) fn most(&self) -> usize {
        self.largest
    }

    /// The most bytes of a payload: a UTF-16 unit takes three at most.
    fn most_bytes(&self) -> u64 {
        u64::try_from(self.largest)
            .unwrap_or(u64::MAX)
            .saturating_mul(3)
    }

    /// Stores a payload, whatever its size, and gives the reference that stands for it.
    ///
    /// The same payload has the same key, so that storing it twice does no harm.
    ///
    /// # Errors
    ///
    /// [`PayloadError`]; outside a tokio runtime, that nothing can be stored there.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the payload may be stored or not.
    pub async fn store(&self, payload: &str) -> Result<Reference, PayloadError> {
        let reference = self.reference(payload).await?;
        self.upload(&reference, payload, None).await?;
        Ok(reference)
    }

    /// The same, but the store may take only so long for it, and something is held until it has
    /// answered, also if the future is dropped.
    pub(crate) async fn store_within(
        &self,
        payload: String,
        limit: Duration,
        held: impl Send + 'static,
    ) -> Result<Reference, PayloadError> {
        let reference = self.reference(&payload).await?;
        let payload = || payload.into_bytes();
        let upload = self
            .uploads
            .begin(&self.store, &reference, payload, limit, held);
        let stored = match upload {
            Ok(Some(upload)) => upload.await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        stored.map_err(|error| PayloadError::store("take", error))?;
        Ok(reference)
    }

    /// The payload that a text stands for: what it refers to, or the text itself if it is no
    /// reference. What is fetched is not followed any further.
    ///
    /// # Errors
    ///
    /// [`PayloadError`].
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn resolve<'a>(&self, text: &'a str) -> Result<Cow<'a, str>, PayloadError> {
        match Reference::read(text)? {
            Some(reference) => self.fetch(&reference).await.map(Cow::Owned),
            None => Ok(Cow::Borrowed(text)),
        }
    }

    /// The payload that a reference stands for.
    ///
    /// # Errors
    ///
    /// [`PayloadError`].
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn fetch(&self, reference: &Reference) -> Result<String, PayloadError> {
        let (size, digest) = (reference.size, reference.digest);
        if size > self.most_bytes() {
            let message = format!(
                "the payload {digest} has {size} bytes, and at most {} are read",
                self.most_bytes()
            );
            return Err(PayloadError::new(PayloadErrorKind::TooLarge, message));
        }
        let most = most_stored(size, reference.encoding);
        let stored = self.store.get(&reference.key(), most).await;
        let stored = stored.map_err(|error| PayloadError::store("give", error))?;
        let stored = stored.ok_or_else(|| {
            let message = format!(
                "the payload {digest} is not in the store: it has expired, or is in another one"
            );
            PayloadError::new(PayloadErrorKind::Missing, message)
        })?;
        let corrupt = |what: &str| {
            let message = format!("the payload {digest} is corrupt in the store: {what}");
            PayloadError::new(PayloadErrorKind::Corrupt, message)
        };
        if u64::try_from(stored.len()).map_or(true, |length| length > most) {
            return Err(corrupt("it is too long"));
        }
        let reference = reference.clone();
        // What is small in the store can be large when it is decompressed.
        let length = stored
            .len()
            .max(usize::try_from(size).unwrap_or(usize::MAX));
        let decoded = at_length(length, move || decode(&reference, stored)).await;
        let payload = decoded.map_err(|error| PayloadError::passing("decoded", error))??;
        if payload.len() > self.largest {
            let characters = characters(&payload);
            if characters > self.largest {
                let message = format!(
                    "the payload {digest} has {characters} characters, and at most {} are read",
                    self.largest
                );
                return Err(PayloadError::new(PayloadErrorKind::TooLarge, message));
            }
        }
        Ok(payload)
    }

    /// The reference that will stand for a payload when it is stored.
    pub(crate) async fn reference(&self, payload: &str) -> Result<Reference, PayloadError> {
        let characters = characters(payload);
        if characters > self.largest {
            let message = format!(
                "the payload has {characters} characters, and at most {} are stored",
                self.largest
            );
            return Err(PayloadError::new(PayloadErrorKind::TooLarge, message));
        }
        let length = payload.len();
        // The bytes are copied only where another thread needs them.
        let digest = if length <= FOR_THE_POOL {
            Ok(Digest::of(payload.as_bytes()))
        } else {
            let bytes = payload.as_bytes().to_vec();
            at_length(length, move || Digest::of(&bytes)).await
        };
        let digest = digest.map_err(|error| PayloadError::passing("hashed", error))?;
        Ok(Reference {
            digest,
            size: u64::try_from(length).unwrap_or(u64::MAX),
            encoding: self.encoding,
            store: self.name.as_deref().map(str::to_owned),
        })
    }

    /// Sees that a payload is stored, and waits for it, but not for longer than `patience`. False if
    /// it is not there by then; the upload goes on.
    pub(crate) async fn upload(
        &self,
        reference: &Reference,
        payload: &str,
        patience: Option<Duration>,
    ) -> Result<bool, PayloadError> {
        let payload = || payload.as_bytes().to_vec();
        let upload = self
            .uploads
            .begin(&self.store, reference, payload, LIMIT, ());
        let upload = upload.map_err(|error| PayloadError::store("take", error))?;
        let Some(upload) = upload else {
            return Ok(true);
        };
        let stored = match patience {
            None => upload.await,
            Some(patience) => match timeout(patience, upload).await {
                Ok(stored) => stored,
                Err(_) => return Ok(false),
            },
        };
        stored.map_err(|error| PayloadError::store("take", error))?;
        Ok(true)
    }
}

/// The longest reference, in characters: what a service must take in the place of a payload.
pub(crate) const ROOM: usize = LONGEST;

/// The length of a text as services count it.
pub(crate) fn characters(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

impl fmt::Debug for Payloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payloads")
            .field("name", &self.name)
            .field("encoding", &self.encoding)
            .field("largest", &self.largest)
            .finish_non_exhaustive()
    }
}
