//! How a failure of the worker's becomes one of Step Functions': a pure function.

/// The error of a task that was ended as canceled, by a
/// [`CompletionClient`](workbeat::CompletionClient): Step Functions knows no canceled tasks. A state
/// machine can name it in `ErrorEquals`.
///
/// A worker never sends it: nobody can ask for a cancellation here.
pub const CANCELED: &str = "WORKBEAT_CANCELED";

/// The longest error, in characters.
pub(crate) const LONGEST_ERROR: usize = 256;

/// The longest cause, in characters.
pub(crate) const LONGEST_CAUSE: usize = 32_768;

/// Stands between the sentence of a reason and the details.
const BETWEEN: &str = "\n";

/// The longest details of which a cause can be made whatever the sentence is: that is a part of a
/// reason.
pub(crate) const LONGEST_DETAILS: usize = LONGEST_CAUSE - LONGEST_ERROR - BETWEEN.len();

/// A failure as Step Functions takes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) error: Option<String>,
    pub(crate) cause: Option<String>,
}

/// What the state machine is told. The code alone is the error, because `Retry` and `Catch` compare
/// whole errors.
pub(crate) fn failure(reason: Option<&str>, details: Option<&str>) -> Failure {
    let reason = reason.unwrap_or_default();
    let (error, sentence) = match reason.split_once(": ") {
        Some((code, sentence)) if is_code(code) => (code, sentence),
        _ => (reason, ""),
    };
    let parts = [sentence, details.unwrap_or_default()];
    let cause = parts.into_iter().filter(|part| !part.is_empty());
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Failure {
        error: some(error),
        cause: some(&cause.collect::<Vec<_>>().join(BETWEEN)),
    }
}

/// Whether it is a name that others branch on, and not the begin of a sentence.
fn is_code(text: &str) -> bool {
    let of_a_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    !text.is_empty() && text.chars().all(of_a_code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use workbeat::FailureCode;

    use super::*;

    #[track_caller]
    fn check(reason: &str, details: Option<&str>, error: Option<&str>, cause: Option<&str>) {
        let expected = Failure {
            error: error.map(str::to_owned),
            cause: cause.map(str::to_owned),
        };
        assert_eq!(failure(Some(reason), details), expected);
    }

    #[test]
    fn the_error_is_the_code_and_the_cause_is_the_rest() {
        check(
            "WORKBEAT_PANIC: the activity panicked",
            Some("index out of bounds"),
            Some("WORKBEAT_PANIC"),
            Some("the activity panicked\nindex out of bounds"),
        );
        check(
            "DISK_FULL: 3 bytes short: sorry",
            None,
            Some("DISK_FULL"),
            Some("3 bytes short: sorry"),
        );
        check(
            "DISK_FULL",
            Some("on /tmp"),
            Some("DISK_FULL"),
            Some("on /tmp"),
        );
    }

    #[test]
    fn a_reason_without_a_code_is_the_error() {
        check(
            "std::io::error::Error",
            Some("not found"),
            Some("std::io::error::Error"),
            Some("not found"),
        );
        check("no: really", None, Some("no: really"), None);
        check(": nothing", None, Some(": nothing"), None);
        check("", Some(""), None, None);
    }

    #[test]
    fn every_code_of_the_framework_is_an_error_by_itself() {
        for code in FailureCode::ALL {
            let reason = format!("{code}: why: so");
            check(&reason, None, Some(code.as_str()), Some("why: so"));
        }
        assert!(is_code(CANCELED));
    }

    proptest! {
        #[test]
        fn what_fits_the_limits_of_the_worker_fits_step_functions(code in "[A-Z]{0,300}", sentence in ".{0,300}", details in "\\PC{0,64}", times in 1..1_000_usize) {
            let units = |text: &str| text.encode_utf16().count();
            let reason: String = format!("{code}: {sentence}").chars().take(LONGEST_ERROR / 2).collect();
            let details: String = details.repeat(times).chars().take(LONGEST_DETAILS / 2).collect();
            let Failure { error, cause } = failure(Some(&reason), Some(&details));
            prop_assert!(units(&error.unwrap_or_default()) <= LONGEST_ERROR);
            prop_assert!(units(&cause.unwrap_or_default()) <= LONGEST_CAUSE);
        }
    }
}
