//! From the bytes of a payload to those that are stored, and back.

use tokio::runtime::Handle;
use tokio::task::JoinError;

use crate::error::{PayloadError, PayloadErrorKind, StoreError, StoreErrorKind};
use crate::reference::{Digest, Encoding, Reference};

/// Beyond this many bytes it is done on a thread where blocking is allowed.
pub(crate) const FOR_THE_POOL: usize = 256 * 1024;

/// Runs what takes a while for many bytes, where that does no harm. That it did not come to its end
/// says nothing of the bytes: it may go better another time.
pub(crate) async fn at_length<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    if bytes <= FOR_THE_POOL {
        return Ok(work());
    }
    match Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await.map_err(|error| {
            let message = format!("the work on its bytes was lost: {}", why(&error));
            StoreError::new(StoreErrorKind::Unavailable, message)
        }),
        Err(_) => Ok(work()),
    }
}

/// Why a task has no result.
pub(crate) fn why(error: &JoinError) -> &'static str {
    if error.is_panic() {
        "it panicked"
    } else {
        "its runtime has ended"
    }
}

/// The bytes to store.
pub(crate) fn encode(payload: &[u8], encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Identity => payload.to_vec(),
        #[cfg(feature = "gzip")]
        Encoding::Gzip => gzip(payload),
        // Without the feature nobody asks for it.
        #[cfg(not(feature = "gzip"))]
        Encoding::Gzip => payload.to_vec(),
    }
}

/// The most bytes that can be stored for a payload of this size.
pub(crate) fn most_stored(size: u64, encoding: Encoding) -> u64 {
    match encoding {
        Encoding::Identity => size,
        // What does not compress grows by five bytes a block, and a header.
        Encoding::Gzip => size.saturating_add(size / 1_000).saturating_add(1_024),
    }
}

/// The payload that a reference stands for, of the bytes that were stored.
pub(crate) fn decode(reference: &Reference, stored: Vec<u8>) -> Result<String, PayloadError> {
    let corrupt = |what: &str| {
        let digest = reference.digest;
        let message = format!("the payload {digest} is corrupt in the store: {what}");
        PayloadError::new(PayloadErrorKind::Corrupt, message)
    };
    let bytes = match reference.encoding {
        Encoding::Identity => stored,
        #[cfg(feature = "gzip")]
        Encoding::Gzip => {
            gunzip(&stored, reference.size).map_err(|_| corrupt("it does not decompress"))?
        }
        #[cfg(not(feature = "gzip"))]
        Encoding::Gzip => {
            let message = "it stands for a compressed payload: build with the feature `gzip`";
            return Err(PayloadError::new(PayloadErrorKind::BadReference, message));
        }
    };
    if u64::try_from(bytes.len()).ok() != Some(reference.size) {
        return Err(corrupt("its length is another"));
    }
    if Digest::of(&bytes) != reference.digest {
        return Err(corrupt("its digest is another"));
    }
    String::from_utf8(bytes).map_err(|_| corrupt("it is no UTF-8"))
}

#[cfg(feature = "gzip")]
fn gzip(payload: &[u8]) -> Vec<u8> {
    use std::io::Read as _;
    let mut compressed = Vec::new();
    let mut encoder = flate2::bufread::GzEncoder::new(payload, flate2::Compression::fast());
    // Neither a slice nor a Vec fails.
    let _ = encoder.read_to_end(&mut compressed);
    compressed
}

/// Decompresses, but never more than one byte too many.
#[cfg(feature = "gzip")]
fn gunzip(stored: &[u8], size: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let decoder = flate2::bufread::MultiGzDecoder::new(stored);
    decoder
        .take(size.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reference(payload: &[u8], encoding: Encoding) -> Reference {
        Reference {
            digest: Digest::of(payload),
            size: payload.len() as u64,
            encoding,
            store: None,
        }
    }

    #[test]
    fn what_is_not_what_it_should_be_is_corrupt_and_nothing_of_it_is_said() {
        let whole = reference(b"the secret", Encoding::Identity);
        for stored in ["the secreT", "the secret and more", "the", ""] {
            let error = decode(&whole, stored.into()).unwrap_err();
            assert_eq!(error.kind(), PayloadErrorKind::Corrupt);
            let text = error.to_string();
            assert!(!text.contains("secre"), "{text}");
            assert!(text.contains(&whole.key()), "{text}");
        }
    }

    #[cfg(feature = "gzip")]
    #[test]
    fn a_bomb_is_not_decompressed_further_than_the_reference_says() {
        let bomb = gzip(&vec![b'0'; 10_000_000]);
        assert!(bomb.len() < 100_000);
        assert_eq!(gunzip(&bomb, 1_000).unwrap().len(), 1_001);
        let small = reference(&[b'0'; 1_000], Encoding::Gzip);
        let error = decode(&small, bomb).unwrap_err();
        assert_eq!(error.kind(), PayloadErrorKind::Corrupt);
    }

    #[cfg(feature = "gzip")]
    #[test]
    fn what_does_not_decompress_is_corrupt() {
        let some = reference(b"hello", Encoding::Gzip);
        let error = decode(&some, b"hello".to_vec()).unwrap_err();
        assert_eq!(error.kind(), PayloadErrorKind::Corrupt);
    }

    proptest! {
        #[test]
        fn what_is_stored_fits_and_is_decoded_as_it_was(payload in ".{0,2000}", gzip: bool) {
            let encoding = if gzip { Encoding::Gzip } else { Encoding::Identity };
            let stored = encode(payload.as_bytes(), encoding);
            let most = most_stored(payload.len() as u64, encoding);
            prop_assert!(stored.len() as u64 <= most);
            let reference = reference(payload.as_bytes(), encoding);
            prop_assert_eq!(decode(&reference, stored).unwrap(), payload);
        }
    }
}
