//! Makes an outcome fit what the service accepts, before it is sent.

use super::Outcome;
use crate::activity::FailureCode;
use crate::service::{ProgressEnvelope, ServiceLimits, TooLong, cut, over};

/// The same outcome within the service's limits.
///
/// A result is never truncated: one that is too large becomes a failure that says so. Reason
/// and details are cut at a character boundary, with a marker.
pub(crate) fn fit(outcome: Outcome, limits: &ServiceLimits) -> Outcome {
    match outcome {
        Outcome::Completed { result } => {
            let too_long = result.as_ref().and_then(|text| limits.result_over(text));
            let Some(TooLong {
                length,
                limit,
                unit,
            }) = too_long
            else {
                return Outcome::Completed { result };
            };
            let sentence = format_args!("the result has {length} {unit}, the limit is {limit}");
            Outcome::Failed {
                reason: cut(FailureCode::ResultTooLarge.reason(sentence), limits.reason),
                details: None,
            }
        }
        Outcome::Failed { reason, details } => Outcome::Failed {
            reason: cut(reason, limits.reason),
            details: details.map(|details| cut(details, limits.details)),
        },
        Outcome::Canceled { details } => Outcome::Canceled {
            details: details.map(|details| cut(details, limits.details)),
        },
    }
}

/// A failure with the progress in its details, where both fit. Else it stays as it is, and the
/// length that was too much comes with it.
pub(crate) fn with_progress(
    outcome: Outcome,
    progress: Option<String>,
    limits: &ServiceLimits,
) -> (Outcome, Option<usize>) {
    let (reason, details, progress) = match (outcome, progress) {
        (Outcome::Failed { reason, details }, Some(progress)) => (reason, details, progress),
        (outcome, _) => return (outcome, None),
    };
    let mut envelope = ProgressEnvelope::new(progress);
    envelope.details = details;
    let text = envelope.to_text();
    let dropped = over(&text, limits.details);
    let details = if dropped.is_some() {
        envelope.details
    } else {
        Some(text)
    };
    (Outcome::Failed { reason, details }, dropped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::service::utf16_len;

    #[test]
    fn a_result_over_the_limit_fails_with_its_size_and_the_limit() {
        let result = Some("x".repeat(32_769));
        let Outcome::Failed { reason, .. } =
            fit(Outcome::Completed { result }, &ServiceLimits::SWF)
        else {
            panic!("it must fail");
        };
        assert_eq!(FailureCode::of(&reason), Some(FailureCode::ResultTooLarge));
        assert!(
            reason.contains("32769") && reason.contains("32768"),
            "{reason}"
        );
    }

    #[test]
    fn a_result_at_the_limit_is_left_alone_also_in_characters_of_many_bytes() {
        let completed = Outcome::Completed {
            result: Some("ü".repeat(32_768)),
        };
        assert_eq!(fit(completed.clone(), &ServiceLimits::SWF), completed);
    }

    #[test]
    fn a_service_that_counts_bytes_gets_no_more_of_them_than_it_takes() {
        let limits = ServiceLimits::SWF.result(10).result_bytes(10);
        let completed = |result: &str| Outcome::Completed {
            result: Some(result.to_owned()),
        };
        assert_eq!(fit(completed("üüüüü"), &limits), completed("üüüüü"));
        let Outcome::Failed { reason, .. } = fit(completed("üüüüüü"), &limits) else {
            panic!("it must fail");
        };
        assert_eq!(FailureCode::of(&reason), Some(FailureCode::ResultTooLarge));
        assert!(reason.contains("12 bytes, the limit is 10"), "{reason}");
    }

    #[test]
    fn progress_is_put_beside_the_details_of_a_failure_and_of_nothing_else() {
        let limits = ServiceLimits::SWF.details(100);
        let failed = |details: &str| Outcome::Failed {
            reason: "r".to_owned(),
            details: Some(details.to_owned()),
        };
        let progress = || Some("[1]".to_owned());
        let (with, dropped) = with_progress(failed("disk full"), progress(), &limits);
        let envelope = ProgressEnvelope::new("[1]").with_details("disk full");
        assert_eq!(with, failed(&envelope.to_text()));
        assert_eq!(dropped, None);

        let long = failed(&"x".repeat(60));
        let (without, dropped) = with_progress(long.clone(), progress(), &limits);
        assert_eq!(without, long, "the details are worth more");
        assert!(dropped.is_some_and(|length| length > 100));

        let completed = Outcome::Completed { result: None };
        let (same, _) = with_progress(completed.clone(), progress(), &limits);
        assert_eq!(same, completed);
        let (same, _) = with_progress(failed("d"), None, &limits);
        assert_eq!(same, failed("d"));
    }

    proptest! {
        #[test]
        fn whatever_an_activity_says_fits(reason in ".{0,400}", details in "\\PC{0,64}", times in 1..1_000_usize) {
            let limits = ServiceLimits::SWF;
            let outcome = Outcome::Failed { reason, details: Some(details.repeat(times)) };
            let Outcome::Failed { reason, details } = fit(outcome, &limits) else {
                return Err(TestCaseError::fail("a failure stays one"));
            };
            prop_assert!(utf16_len(&reason) <= limits.reason);
            prop_assert!(utf16_len(&details.unwrap()) <= limits.details);
        }
    }
}
