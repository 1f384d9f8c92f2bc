//! Makes an outcome fit what the service accepts when a codec stands in between.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Codec, CodecError, Failure};
use crate::activity::FailureCode;
use crate::outcome::{Outcome, fit};
use crate::panic::discard;
use crate::service::{Redacted, ServiceLimits, cut, over, utf16_len};
use crate::told::warn;

/// How often a text is made shorter before it is given up.
const ROUNDS: u32 = 8;

/// The same outcome within the service's limits, its reason and details encoded. A result is
/// encoded already.
///
/// The limits are of the encoded text. Reason and details are cut before they are encoded, because
/// nobody could decode them afterwards.
pub(crate) fn fit_encoded(
    codec: Option<&dyn Codec>,
    outcome: Outcome,
    limits: &ServiceLimits,
) -> Outcome {
    let Some(codec) = codec else {
        return fit(outcome, limits);
    };
    let outcome = match outcome {
        // One that is too large becomes a failure.
        Outcome::Completed { .. } => fit(outcome, limits),
        _ => outcome,
    };
    match outcome {
        Outcome::Completed { .. } | Outcome::Canceled { details: None } => outcome,
        Outcome::Failed { reason, details } => {
            let failure = Failure { reason, details };
            let Failure { reason, details } =
                fit_failure(codec, &failure, limits).unwrap_or_else(|why| {
                    // The service does not hear of it: nobody would know why the activity failed.
                    let reason = cut(failure.reason, limits.reason);
                    let details = Redacted(failure.details.as_deref());
                    warn!(%reason, ?details, "{why} why the activity failed, and that is not sent");
                    let sentence = "the codec of the worker cannot encode the failure";
                    let reason = FailureCode::FailureNotEncodable.reason(sentence);
                    Failure::new(cut(reason, limits.reason))
                });
            Outcome::Failed { reason, details }
        }
        Outcome::Canceled {
            details: Some(details),
        } => {
            let details = fit_cancel_details(codec, &details, limits.details);
            Outcome::Canceled { details }
        }
    }
}

/// What the codec makes of as much of a failure as it takes for the encoded one to fit.
///
/// # Errors
///
/// Who failed to: the beginning of a sentence.
fn fit_failure(
    codec: &dyn Codec,
    failure: &Failure,
    limits: &ServiceLimits,
) -> Result<Failure, &'static str> {
    let Failure { reason, details } = failure;
    // What is longer than this would not be told without a codec either. Details can be longer,
    // for a codec that compresses.
    let mut reason_room = utf16_len(reason).min(limits.reason);
    let mut details_room = details.as_deref().map_or(0, utf16_len);
    let encode = |reason_room, details: Option<String>| {
        let reason = cut(reason.clone(), reason_room);
        walled(|| codec.encode_failure(Failure { reason, details }))
    };
    for _ in 0..ROUNDS {
        let details = details.clone().map(|details| cut(details, details_room));
        let encoded = encode(reason_room, details)?;
        let too_long = over(&encoded.reason, limits.reason);
        let details_too_long = encoded
            .details
            .as_deref()
            .and_then(|details| over(details, limits.details));
        if too_long.is_none() && details_too_long.is_none() {
            return Ok(encoded);
        }
        if let Some(length) = too_long {
            reason_room = less(reason_room, limits.reason, length);
        }
        if let Some(length) = details_too_long {
            details_room = less(details_room, limits.details, length);
        }
    }
    let mut encoded = encode(reason_room, None)?;
    if over(&encoded.reason, limits.reason).is_some() {
        return Err("however short, nothing fits that the codec makes of");
    }
    encoded.details = encoded
        .details
        .filter(|details| over(details, limits.details).is_none());
    warn!(
        "however short, no details fit that the codec makes of those of the failure; they are not sent"
    );
    Ok(encoded)
}

/// The same of the details of a cancellation.
fn fit_cancel_details(codec: &dyn Codec, details: &str, limit: usize) -> Option<String> {
    let mut room = utf16_len(details);
    for _ in 0..ROUNDS {
        let shorter = cut(details.to_owned(), room);
        let encoded = walled(|| codec.encode_cancel_details(shorter));
        let encoded = encoded
            .inspect_err(|why| warn!("{why} the details of a cancellation, and they are not sent"))
            .ok()?;
        let Some(length) = over(&encoded, limit) else {
            return Some(encoded);
        };
        room = less(room, limit, length);
    }
    warn!(
        "however short, no details fit that the codec makes of those of a cancellation; they are not sent"
    );
    None
}

/// How much to encode when `room` made `length`: a tenth less than in proportion, because what a
/// codec adds need not shrink with the text.
fn less(room: usize, limit: usize, length: usize) -> usize {
    let room = room.saturating_mul(limit) / length;
    room - room / 10
}

/// What the codec makes of it. If it fails: the beginning of a sentence that says so.
fn walled<T>(encode: impl FnOnce() -> Result<T, CodecError>) -> Result<T, &'static str> {
    match catch_unwind(AssertUnwindSafe(encode)) {
        Ok(Ok(encoded)) => Ok(encoded),
        Ok(Err(error)) => {
            // What it says may be of the payload; what lies below it is the user's.
            discard(error);
            Err("the codec cannot encode")
        }
        Err(panic) => {
            discard(panic);
            Err("the codec panicked at")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codec::{FlowJava, Simpleflow};

    /// Writes everything between brackets, and each letter several times.
    struct Swelling(usize);

    impl Swelling {
        fn swell(&self, text: &str) -> String {
            let letters = text.chars().flat_map(|letter| vec![letter; self.0]);
            format!("<{}>", letters.collect::<String>())
        }

        fn shrink(&self, text: &str) -> String {
            let inner = text
                .strip_prefix('<')
                .and_then(|text| text.strip_suffix('>'));
            inner.unwrap().chars().step_by(self.0).collect()
        }
    }

    impl Codec for Swelling {
        fn decode_input(&self, payload: String) -> Result<String, CodecError> {
            Ok(self.shrink(&payload))
        }

        fn encode_result(&self, json: String) -> Result<String, CodecError> {
            Ok(self.swell(&json))
        }

        fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
            let details = self.swell(&failure.details.unwrap_or_default());
            Ok(Failure::new(failure.reason).with_details(details))
        }

        fn encode_cancel_details(&self, details: String) -> Result<String, CodecError> {
            Ok(self.swell(&details))
        }
    }

    /// Cannot, one way or the other.
    struct Unable(bool);

    impl Codec for Unable {
        fn decode_input(&self, _: String) -> Result<String, CodecError> {
            if self.0 {
                panic!("on purpose");
            }
            Err(CodecError::new("no"))
        }

        fn encode_result(&self, json: String) -> Result<String, CodecError> {
            self.decode_input(json)
        }

        fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
            self.decode_input(failure.reason).map(Failure::new)
        }

        fn encode_cancel_details(&self, details: String) -> Result<String, CodecError> {
            self.decode_input(details)
        }
    }

    fn failed(details: Option<&str>) -> Outcome {
        Outcome::Failed {
            reason: "REASON".to_owned(),
            details: details.map(str::to_owned),
        }
    }

    /// Writes reasons and details with two digits a byte, or its length in place of details.
    struct Hex {
        details_too: bool,
    }

    impl Hex {
        fn write(text: &str) -> String {
            text.bytes().map(|byte| format!("{byte:02x}")).collect()
        }

        fn read(text: &str) -> String {
            let digits = text.as_bytes().chunks(2);
            let bytes = digits.map(|pair| {
                let pair: [u8; 2] = pair.try_into().unwrap();
                u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap()
            });
            String::from_utf8(bytes.collect()).unwrap()
        }
    }

    impl Codec for Hex {
        fn decode_input(&self, payload: String) -> Result<String, CodecError> {
            Ok(payload)
        }

        fn encode_result(&self, json: String) -> Result<String, CodecError> {
            Ok(json)
        }

        fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
            let encoded = Failure::new(Self::write(&failure.reason));
            Ok(match failure.details {
                Some(details) if self.details_too => encoded.with_details(Self::write(&details)),
                Some(details) => encoded.with_details(details.len().to_string()),
                None => encoded,
            })
        }

        fn encode_cancel_details(&self, details: String) -> Result<String, CodecError> {
            Ok(details.len().to_string())
        }
    }

    #[test]
    fn a_codec_that_cannot_or_panics_lets_nothing_through_but_a_code() {
        let limits = ServiceLimits::SWF;
        for unable in [Unable(false), Unable(true)] {
            let outcome = fit_encoded(Some(&unable), failed(Some("secret")), &limits);
            let Outcome::Failed { reason, details } = outcome else {
                panic!("a failure stays one");
            };
            let code = FailureCode::of(&reason);
            assert_eq!(code, Some(FailureCode::FailureNotEncodable));
            assert!(!reason.contains("REASON"), "{reason}");
            assert_eq!(details, None);
            let details = Some("secret".to_owned());
            let outcome = fit_encoded(Some(&unable), Outcome::Canceled { details }, &limits);
            assert_eq!(outcome, Outcome::Canceled { details: None });
        }
    }

    #[test]
    fn an_error_whose_drop_panics_does_so_inside_the_wall() {
        #[derive(Debug, thiserror::Error)]
        #[error("a bomb")]
        struct Bomb;

        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("on purpose");
            }
        }

        struct Bombs;

        impl Codec for Bombs {
            fn decode_input(&self, payload: String) -> Result<String, CodecError> {
                Ok(payload)
            }

            fn encode_result(&self, json: String) -> Result<String, CodecError> {
                Ok(json)
            }

            fn encode_cancel_details(&self, _: String) -> Result<String, CodecError> {
                Err(CodecError::new("no").with_source(Bomb))
            }
        }

        let details = Some("half way".to_owned());
        let outcome = Outcome::Canceled { details };
        let outcome = fit_encoded(Some(&Bombs), outcome, &ServiceLimits::SWF);
        assert_eq!(outcome, Outcome::Canceled { details: None });
    }

    #[test]
    fn a_codec_that_compresses_is_given_the_whole() {
        let limits = ServiceLimits::SWF;
        let details = "x".repeat(1_000_000);
        let compressing = Hex { details_too: false };
        let outcome = fit_encoded(Some(&compressing), failed(Some(&details)), &limits);
        let reason = Hex::write("REASON");
        let whole = Some("1000000".to_owned());
        let details = whole.clone();
        assert_eq!(outcome, Outcome::Failed { reason, details });
        let details = Some("x".repeat(1_000_000));
        let outcome = fit_encoded(Some(&compressing), Outcome::Canceled { details }, &limits);
        assert_eq!(outcome, Outcome::Canceled { details: whole });
    }

    #[test]
    fn where_no_encoded_reason_fits_it_is_a_code_too() {
        let limits = ServiceLimits::default().reason(60);
        let outcome = fit_encoded(Some(&Large), failed(Some("x")), &limits);
        let Outcome::Failed { reason, details } = outcome else {
            panic!("a failure stays one");
        };
        let code = FailureCode::of(&reason);
        assert_eq!(code, Some(FailureCode::FailureNotEncodable));
        assert!(utf16_len(&reason) <= 60, "{reason}");
        assert_eq!(details, None);
    }

    /// Puts a long shell around a reason.
    struct Large;

    impl Codec for Large {
        fn decode_input(&self, payload: String) -> Result<String, CodecError> {
            Ok(payload)
        }

        fn encode_result(&self, json: String) -> Result<String, CodecError> {
            Ok(json)
        }

        fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
            let shell = "-".repeat(100);
            Ok(Failure::new(format!("{shell}{}", failure.reason)))
        }
    }

    #[test]
    fn java_and_python_read_a_failure_whose_reason_is_too_long() {
        let limits = ServiceLimits::SWF;
        let codecs: [&dyn Codec; 2] = [&FlowJava::new(), &Simpleflow::new()];
        for codec in codecs {
            let reason = "x".repeat(40_000);
            let details = None;
            let outcome = fit_encoded(Some(codec), Outcome::Failed { reason, details }, &limits);
            let Outcome::Failed { reason, details } = outcome else {
                panic!("a failure stays one");
            };
            assert_eq!(utf16_len(&reason), limits.reason);
            assert!(details.unwrap().contains(&reason));
        }
    }

    #[test]
    fn what_a_codec_makes_of_no_details_is_kept() {
        let outcome = fit_encoded(Some(&Swelling(1)), failed(None), &ServiceLimits::SWF);
        assert_eq!(outcome, failed(Some("<>")));
        let none = Outcome::Canceled { details: None };
        let outcome = fit_encoded(Some(&Swelling(1)), none.clone(), &ServiceLimits::SWF);
        assert_eq!(outcome, none);
    }

    #[test]
    fn where_not_even_the_shell_fits_there_are_no_details() {
        let limits = ServiceLimits::default().details(1);
        let outcome = fit_encoded(Some(&Swelling(1)), failed(Some("x")), &limits);
        assert_eq!(outcome, failed(None));
    }

    proptest! {
        #[test]
        fn a_reason_that_is_encoded_is_cut_before_and_can_be_decoded(
            reason in "\\PC{0,400}",
            details in proptest::option::of(".{0,40}"),
            times in 1..2_000_usize,
        ) {
            let limits = ServiceLimits::SWF;
            let details = details.map(|details| details.repeat(times));
            let outcome = Outcome::Failed { reason: reason.clone(), details: details.clone() };
            let fitted = fit_encoded(Some(&Hex { details_too: true }), outcome, &limits);
            let Outcome::Failed { reason: sent, details: sent_details } = fitted else {
                return Err(TestCaseError::fail("a failure stays one"));
            };
            prop_assert!(utf16_len(&sent) <= limits.reason);
            let read = Hex::read(&sent);
            prop_assert!(reason.starts_with(read.strip_suffix("...[cut]").unwrap_or(&read)));
            prop_assert!(reason.len() * 2 > limits.reason || read == reason);
            prop_assert_eq!(sent_details.is_some(), details.is_some());
            let (details, sent) = (details.unwrap_or_default(), sent_details.unwrap_or_default());
            prop_assert!(utf16_len(&sent) <= limits.details);
            let read = Hex::read(&sent);
            prop_assert!(details.starts_with(read.strip_suffix("...[cut]").unwrap_or(&read)));
            prop_assert!(details.len() * 2 > limits.details || read == details);
        }

        #[test]
        fn details_that_swell_are_cut_until_they_fit_and_can_be_decoded(
            text in "\\PC{1,64}",
            times in 1..900_usize,
            swell in 1..40_usize,
        ) {
            let limits = ServiceLimits::SWF;
            let codec = Swelling(swell);
            let details = text.repeat(times);
            let outcomes = [
                failed(Some(&details)),
                Outcome::Canceled { details: Some(details.clone()) },
            ];
            for outcome in outcomes {
                let fitted = fit_encoded(Some(&codec), outcome, &limits);
                let (Outcome::Failed { details: Some(sent), .. }
                | Outcome::Canceled { details: Some(sent) }) = fitted else {
                    return Err(TestCaseError::fail("there are details"));
                };
                prop_assert!(utf16_len(&sent) <= limits.details);
                let read = codec.shrink(&sent);
                let kept = read.strip_suffix("...[cut]").unwrap_or(&read);
                prop_assert!(details.starts_with(kept));
                // No more is given up than it takes.
                let whole = utf16_len(&details) * swell + 2 <= limits.details;
                prop_assert!(!whole || read == details);
                prop_assert!(whole || utf16_len(&sent) >= limits.details / 2);
            }
        }
    }
}
