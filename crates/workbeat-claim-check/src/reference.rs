//! The text that stands for a payload that is stored elsewhere.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::error::{PayloadError, PayloadErrorKind};

/// The member by which a reference is known.
const MARK: &str = "workbeat.claim-check";

/// The version of references that this crate writes.
const VERSION: u64 = 1;

/// A reference is not longer than this, in bytes: a longer text is none.
pub(crate) const LONGEST: usize = 1_024;

/// The SHA-256 of a payload's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    fn parse(hex: &str) -> Option<Self> {
        let digit = |byte: &u8| match byte {
            b'0'..=b'9' => byte.checked_sub(b'0'),
            b'a'..=b'f' => byte.checked_sub(b'a' - 10),
            _ => None,
        };
        let mut bytes = [0; 32];
        if hex.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *byte = (digit(high)? << 4) | digit(low)?;
        }
        Some(Self(bytes))
    }
}

/// In hexadecimal, in lower case.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How the bytes in the store are made of those of the payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Encoding {
    /// They are the same.
    #[default]
    Identity,
    /// Compressed, as RFC 1952 says.
    Gzip,
}

impl Encoding {
    fn is_identity(&self) -> bool {
        *self == Self::Identity
    }
}

/// Stands for a payload that is stored elsewhere: a small JSON object.
///
/// ```json
/// {"workbeat.claim-check":1,"sha256":"2cf24d…9824","size":5,"encoding":"gzip","store":"s3://media/claims"}
/// ```
///
/// | member | |
/// |---|---|
/// | `workbeat.claim-check` | the version, 1; a reader refuses any other |
/// | `sha256` | the SHA-256 of the payload's UTF-8, 64 hexadecimal digits in lower case |
/// | `size` | how many bytes the payload has, uncompressed |
/// | `encoding` | `gzip` if the stored bytes are compressed; else it is missing |
/// | `store` | the [name](crate::Payloads::named) of the store, for people; may be missing, and no reader goes by it |
///
/// The members may be in any order, with white space between. A reader passes over members that it
/// does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reference {
    /// The SHA-256 of the payload.
    pub digest: Digest,
    /// How many bytes the payload has.
    pub size: u64,
    /// How it is stored.
    pub encoding: Encoding,
    /// What the store is called, if it has a name.
    pub store: Option<String>,
}

/// As it is written.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(rename = "workbeat.claim-check")]
    version: u64,
    sha256: String,
    size: u64,
    #[serde(skip_serializing_if = "Encoding::is_identity")]
    encoding: Encoding,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'a str>,
}

impl Reference {
    /// Reads a text: `None` if it is no reference, and so stands for itself.
    ///
    /// A text is a reference if it is a JSON object of at most 1,024 bytes with the member
    /// `workbeat.claim-check`.
    ///
    /// ```
    /// use workbeat_claim_check::Reference;
    ///
    /// let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    /// let text = format!(r#"{{"workbeat.claim-check":1,"sha256":"{digest}","size":5}}"#);
    /// let reference = Reference::read(&text)?.expect("it is one");
    /// assert_eq!(reference.key(), digest);
    /// assert_eq!(reference.to_text(), text);
    ///
    /// assert_eq!(Reference::read("[1,2,3]")?, None);
    /// assert!(Reference::read(r#"{"workbeat.claim-check":2}"#).is_err());
    /// # Ok::<(), workbeat_claim_check::PayloadError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BadReference`](PayloadErrorKind::BadReference) if it has the member and is no reference of
    /// this version: it is never taken for a payload.
    pub fn read(text: &str) -> Result<Option<Self>, PayloadError> {
        let marked =
            text.len() <= LONGEST && text.trim_start().starts_with('{') && text.contains(MARK);
        if !marked {
            return Ok(None);
        }
        let Ok(Value::Object(members)) = serde_json::from_str(text) else {
            return Ok(None);
        };
        let Some(version) = members.get(MARK) else {
            return Ok(None);
        };
        let bad = |what: String| PayloadError::new(PayloadErrorKind::BadReference, what);
        if version.as_u64() != Some(VERSION) {
            // A text may be anybody's words.
            let version = match version {
                Value::Number(number) => format!("version {number}"),
                _ => "a version that is no number".to_owned(),
            };
            return Err(bad(format!(
                "it is a reference of {version}, and this reader knows version {VERSION} alone"
            )));
        }
        let wrong = |member, what| bad(format!("it is no reference: its `{member}` {what}"));
        let digest = members.get("sha256").and_then(Value::as_str);
        let digest = digest.and_then(Digest::parse);
        let digest = digest.ok_or_else(|| wrong("sha256", "is no SHA-256 in lower case"))?;
        let size = members.get("size").and_then(Value::as_u64);
        let size = size.ok_or_else(|| wrong("size", "is no number of bytes"))?;
        let encoding = match members.get("encoding") {
            None | Some(Value::Null) => Encoding::Identity,
            Some(encoding) => Encoding::deserialize(encoding)
                .map_err(|_| wrong("encoding", "is none that this reader knows"))?,
        };
        let store = match members.get("store") {
            None | Some(Value::Null) => None,
            Some(Value::String(store)) => Some(store.clone()),
            Some(_) => return Err(wrong("store", "is no text")),
        };
        Ok(Some(Self {
            digest,
            size,
            encoding,
            store,
        }))
    }

    /// Whether a text has to be stored although it is small, because it would be read as a
    /// reference, a bad one perhaps.
    pub(crate) fn is_mistakable(text: &str) -> bool {
        !matches!(Self::read(text), Ok(None))
    }

    /// What the payload is called in the store: the digest, with `.gz` behind it if it is compressed.
    #[must_use]
    pub fn key(&self) -> String {
        match self.encoding {
            Encoding::Identity => self.digest.to_string(),
            Encoding::Gzip => format!("{}.gz", self.digest),
        }
    }

    /// The reference as it stands in the place of the payload. A name of the store for which it has no
    /// room is left out: a longer text would not be read as a reference.
    #[must_use]
    pub fn to_text(&self) -> String {
        let text = self.written(self.store.as_deref());
        if text.len() > LONGEST {
            return self.written(None);
        }
        text
    }

    fn written(&self, store: Option<&str>) -> String {
        let written = Written {
            version: VERSION,
            sha256: self.digest.to_string(),
            size: self.size,
            encoding: self.encoding,
            store,
        };
        // Texts and numbers always serialize.
        serde_json::to_string(&written).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reference(store: Option<String>, encoding: Encoding, size: u64) -> Reference {
        Reference {
            digest: Digest::of(b"hello"),
            size,
            encoding,
            store,
        }
    }

    #[test]
    fn other_languages_may_write_it_their_way() {
        let digest = Digest::of(b"hello");
        let text = format!(
            "\n{{ \"size\": 5, \"later\": [1], \"encoding\": null,\n \"sha256\": \"{digest}\", \"workbeat.claim-check\": 1 }}"
        );
        let expected = reference(None, Encoding::Identity, 5);
        assert_eq!(Reference::read(&text).unwrap(), Some(expected));
    }

    #[test]
    fn a_name_of_the_store_that_has_no_room_is_left_out_and_the_reference_is_read() {
        for name in ["🦀", "\"", "\u{1}"] {
            let named = |times| reference(Some(name.repeat(times)), Encoding::Gzip, u64::MAX);
            let read = |reference: &Reference| Reference::read(&reference.to_text()).unwrap();
            let (short, long) = (named(100), named(1_000));
            assert_eq!(read(&short), Some(short), "{name:?}");
            assert_eq!(read(&long).map(|read| read.store), Some(None), "{name:?}");
        }
    }

    #[test]
    fn what_is_no_reference_stands_for_itself() {
        let long = format!(
            "{{\"workbeat.claim-check\":1,\"x\":\"{}\"}}",
            "x".repeat(LONGEST)
        );
        for text in [
            "",
            "null",
            "\"workbeat.claim-check\"",
            "[{\"workbeat.claim-check\":1}]",
            "{\"x\":{\"workbeat.claim-check\":1}}",
            "{\"x\":\"workbeat.claim-check\"}",
            "{\"workbeat.claim-check\":1",
            long.as_str(),
        ] {
            assert_eq!(Reference::read(text).unwrap(), None, "{text}");
            assert!(!Reference::is_mistakable(text));
        }
    }

    #[test]
    fn a_bad_reference_is_an_error_that_says_what_is_wrong_with_it() {
        let digest = Digest::of(b"hello");
        for (rest, says) in [
            (String::new(), "sha256"),
            (format!(",\"sha256\":\"{digest}\""), "size"),
            (format!(",\"sha256\":\"{digest}\",\"size\":-1"), "size"),
            (",\"sha256\":\"abc\",\"size\":1".to_owned(), "sha256"),
            (
                format!(",\"sha256\":\"{digest}\",\"size\":1,\"encoding\":\"br\""),
                "encoding",
            ),
            (
                format!(",\"sha256\":\"{digest}\",\"size\":\"secret\""),
                "size",
            ),
            (
                format!(",\"sha256\":\"{digest}\",\"size\":1,\"encoding\":\"secret\""),
                "encoding",
            ),
            (
                format!(",\"sha256\":\"{digest}\",\"size\":1,\"store\":[\"secret\"]"),
                "store",
            ),
        ] {
            let text = format!("{{\"workbeat.claim-check\":1{rest}}}");
            let error = Reference::read(&text).unwrap_err();
            assert_eq!(error.kind(), PayloadErrorKind::BadReference);
            assert!(error.to_string().contains(says), "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
            assert!(Reference::is_mistakable(&text));
        }
        let error = Reference::read("{\"workbeat.claim-check\":\"secret\"}").unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
        let error = Reference::read("{\"workbeat.claim-check\":2}").unwrap_err();
        assert!(error.to_string().contains("version 2"), "{error}");
    }

    proptest! {
        #[test]
        fn a_reference_is_read_back_as_it_was(store in proptest::option::of("(?s).{0,400}"), gzip: bool, size: u64) {
            let encoding = if gzip { Encoding::Gzip } else { Encoding::Identity };
            let mut reference = reference(store, encoding, size);
            let read = Reference::read(&reference.to_text()).unwrap().unwrap();
            if read.store.is_none() {
                // There may have been no room for it.
                reference.store = None;
            }
            prop_assert_eq!(read, reference);
        }

        #[test]
        fn no_text_is_both_a_reference_and_itself(text in "\\PC{0,60}") {
            prop_assert_eq!(Reference::is_mistakable(&text), !matches!(Reference::read(&text), Ok(None)));
        }
    }
}
