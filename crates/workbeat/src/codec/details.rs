//! Makes an outcome fit what the service accepts when a codec stands in between.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Codec, CodecError, Failure};
use crate::outcome::{Outcome, fit};
use crate::panic::discard;
use crate::service::{ServiceLimits, cut, over, utf16_len};
use crate::told::warn;

/// How often details are made shorter before they are left out.
const ROUNDS: u32 = 8;

/// The same outcome within the service's limits, its reason and details encoded. A result is
/// encoded already.
///
/// The limits are of the encoded text. Details are cut before they are encoded, because nobody
/// could decode them afterwards.
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
            let encoded = shortened(details.as_deref(), limits.details, |details| {
                let failure = Failure {
                    reason: reason.clone(),
                    details,
                };
                let encoded = codec.encode_failure(failure)?;
                Ok((encoded.details, encoded.reason))
            });
            let (details, reason) = encoded.unwrap_or((None, reason));
            let reason = cut(reason, limits.reason);
            Outcome::Failed { reason, details }
        }
        Outcome::Canceled { details } => {
            let encoded = shortened(details.as_deref(), limits.details, |details| {
                let details = details.map(|details| codec.encode_cancel_details(details));
                Ok((details.transpose()?, ()))
            });
            let details = encoded.and_then(|(details, ())| details);
            Outcome::Canceled { details }
        }
    }
}

/// What `encode` makes of as much of the details as it takes for the encoded ones to fit.
fn shortened<T>(
    details: Option<&str>,
    limit: usize,
    encode: impl Fn(Option<String>) -> Result<(Option<String>, T), CodecError>,
) -> Option<(Option<String>, T)> {
    let encode = |details| match catch_unwind(AssertUnwindSafe(|| encode(details))) {
        Ok(Ok(encoded)) => Some(encoded),
        Ok(Err(_)) => {
            // What the error says may be of the payload.
            warn!("the codec cannot encode the details, which are left out");
            None
        }
        Err(panic) => {
            discard(panic);
            warn!("the codec panicked, and the details are left out");
            None
        }
    };
    let mut room = details.map_or(0, utf16_len).min(limit);
    for _ in 0..ROUNDS {
        let (encoded, rest) = encode(details.map(|details| cut(details.to_owned(), room)))?;
        let Some(length) = encoded.as_deref().and_then(|text| over(text, limit)) else {
            return Some((encoded, rest));
        };
        // A tenth less than in proportion: what a codec adds need not shrink with the text.
        room = room.saturating_mul(limit) / length;
        room -= room / 10;
    }
    let (encoded, rest) = encode(None)?;
    let fits = encoded.filter(|text| over(text, limit).is_none());
    Some((fits, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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

    #[test]
    fn a_codec_that_cannot_or_panics_costs_the_details_alone() {
        let limits = ServiceLimits::SWF;
        for unable in [Unable(false), Unable(true)] {
            let outcome = fit_encoded(Some(&unable), failed(Some("secret")), &limits);
            assert_eq!(outcome, failed(None));
            let details = Some("secret".to_owned());
            let outcome = fit_encoded(Some(&unable), Outcome::Canceled { details }, &limits);
            assert_eq!(outcome, Outcome::Canceled { details: None });
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
