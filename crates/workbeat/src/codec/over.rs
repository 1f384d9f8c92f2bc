//! One codec around another.

use super::{Codec, CodecError, Failure};

/// A codec around another; see [`Codec::over`].
#[derive(Clone, Copy, Debug)]
pub struct Over<O, I> {
    outer: O,
    inner: I,
}

impl<O, I> Over<O, I> {
    pub(super) fn new(outer: O, inner: I) -> Self {
        Self { outer, inner }
    }
}

impl<O: Codec, I: Codec> Codec for Over<O, I> {
    fn decode_input(&self, payload: String) -> Result<String, CodecError> {
        self.inner.decode_input(self.outer.decode_input(payload)?)
    }

    fn encode_result(&self, json: String) -> Result<String, CodecError> {
        self.outer.encode_result(self.inner.encode_result(json)?)
    }

    fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
        self.outer
            .encode_failure(self.inner.encode_failure(failure)?)
    }

    fn encode_cancel_details(&self, details: String) -> Result<String, CodecError> {
        let details = self.inner.encode_cancel_details(details)?;
        self.outer.encode_cancel_details(details)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts a letter around everything.
    struct Letter(char);

    impl Codec for Letter {
        fn decode_input(&self, payload: String) -> Result<String, CodecError> {
            let inner = payload.strip_prefix(self.0);
            let inner = inner.ok_or_else(|| CodecError::new(format!("no {}", self.0)))?;
            Ok(inner.to_owned())
        }

        fn encode_result(&self, json: String) -> Result<String, CodecError> {
            Ok(format!("{}{json}", self.0))
        }

        fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
            let details = format!("{}{}", self.0, failure.details.unwrap_or_default());
            Ok(Failure::new(failure.reason).with_details(details))
        }

        fn encode_cancel_details(&self, details: String) -> Result<String, CodecError> {
            Ok(format!("{}{details}", self.0))
        }
    }

    #[test]
    fn the_outer_one_is_next_to_the_wire() {
        let codec = Letter('o').over(Letter('i'));
        assert_eq!(codec.decode_input("oi1".to_owned()).unwrap(), "1");
        assert_eq!(codec.encode_result("1".to_owned()).unwrap(), "oi1");
        assert_eq!(codec.encode_cancel_details("1".to_owned()).unwrap(), "oi1");
        let failure = codec.encode_failure(Failure::new("r").with_details("1"));
        assert_eq!(failure.unwrap(), Failure::new("r").with_details("oi1"));
        let error = codec.decode_input("io1".to_owned()).unwrap_err();
        assert_eq!(error.to_string(), "no o");
    }

    #[test]
    fn a_shared_codec_is_the_codec() {
        let codec = std::sync::Arc::new(Letter('a'));
        assert_eq!(codec.decode_input("a1".to_owned()).unwrap(), "1");
        assert_eq!(Codec::encode_result(&codec, "1".to_owned()).unwrap(), "a1");
        assert_eq!(
            Codec::encode_cancel_details(&codec, "1".to_owned()).unwrap(),
            "a1"
        );
        let failure = Codec::encode_failure(&codec, Failure::new("r")).unwrap();
        assert_eq!(failure.details.as_deref(), Some("a"));
    }
}
