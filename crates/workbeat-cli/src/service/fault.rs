//! What a call was answered with when it did not do, in words.

use aws_sdk_swf::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use super::{Service, Target};
use crate::problem::{Problem, ProblemKind};

/// A call that did not do: SWF's error code, if it got so far, and the problem in words.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    code: Option<String>,
    message: Option<String>,
    problem: Problem,
}

impl Fault {
    /// SWF's error code, such as `UnknownResourceFault`.
    pub(crate) fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default()
    }

    /// Whether SWF does not know something that the call named.
    pub(crate) fn is_unknown(&self) -> bool {
        self.code() == "UnknownResourceFault"
    }

    /// Whether SWF does not know the domain.
    pub(crate) fn is_unknown_domain(&self) -> bool {
        self.is_unknown() && self.message.as_deref().is_some_and(names_a_domain)
    }

    /// Whether the caller may not do it.
    pub(crate) fn is_not_permitted(&self) -> bool {
        self.problem.kind == ProblemKind::NotPermitted
    }

    /// Whether the same call may well do a little later.
    pub(crate) fn may_pass(&self) -> bool {
        self.problem.kind == ProblemKind::Unreachable || is_throttle(self.code())
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        fault.problem
    }
}

/// Whether it is a domain that SWF does not know, rather than something in it.
fn names_a_domain(message: &str) -> bool {
    message.to_ascii_lowercase().contains("unknown domain")
}

fn is_throttle(code: &str) -> bool {
    matches!(
        code,
        "ThrottlingException" | "Throttling" | "RequestLimitExceeded" | "LimitExceededFault"
    )
}

/// What the credentials are wrong about, in the codes of AWS's front door.
fn is_about_credentials(code: &str) -> bool {
    matches!(
        code,
        "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "IncompleteSignature"
            | "SignatureDoesNotMatch"
            | "InvalidClientTokenId"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | "OptInRequired"
    )
}

impl Service {
    /// What a failed call of this operation means.
    pub(super) fn fault<E>(&self, operation: &str, error: &SdkError<E>) -> Fault
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let code = error.code().map(str::to_owned);
        let message = error.message().map(str::to_owned);
        let status = error.raw_response().map(|raw| raw.status().as_u16());
        let problem = match (&code, error) {
            _ if status.is_some_and(|status| status >= 500) => {
                self.unavailable(operation, message.as_deref())
            }
            (Some(code), _) => self.refused(operation, code, message.as_deref()),
            (None, SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_)) => {
                self.not_sent(&DisplayErrorContext(error).to_string())
            }
            (None, SdkError::TimeoutError(_)) => self.unreachable("it does not answer in time"),
            (None, _) => self.unreachable("its answer is not SWF's"),
        };
        Fault {
            code,
            message,
            problem,
        }
    }

    /// SWF answered with an error.
    fn refused(&self, operation: &str, code: &str, message: Option<&str>) -> Problem {
        let message = message.unwrap_or("no message");
        let domain = &self.domain;
        match code {
            "UnknownResourceFault" if names_a_domain(message) => Problem::new(
                ProblemKind::NotFound,
                format!("there is no domain `{domain}` {}", self.place()),
                match self.target {
                    Target::Aws { .. } => {
                        "name another one with --domain, or register it with --register-domain"
                    }
                    Target::Local { .. } => {
                        "name another one with --domain; \
                         `workbeat start` and workers register theirs"
                    }
                },
            ),
            "UnknownResourceFault" => Problem::new(
                ProblemKind::NotFound,
                format!("not found in domain `{domain}`: {message}"),
                "`workbeat list --all --since 7d` shows what there is",
            ),
            "OperationNotPermittedFault" | "AccessDeniedException" | "AccessDenied" => {
                Problem::new(
                    ProblemKind::NotPermitted,
                    format!("not permitted: swf:{operation}: {message}"),
                    match self.target {
                        Target::Aws { .. } => format!("allow swf:{operation} in the IAM policy"),
                        Target::Local { .. } => {
                            format!("the server denies {operation}: perhaps it runs with --deny")
                        }
                    },
                )
            }
            code if is_about_credentials(code) => Problem::new(
                ProblemKind::NotPermitted,
                format!("the AWS credentials are not accepted: {message}"),
                "see `aws sts get-caller-identity`; choose others with --profile or AWS_PROFILE",
            ),
            code if is_throttle(code) => Problem::new(
                ProblemKind::Refused,
                format!("{operation} is throttled: {message}"),
                "try again in a moment",
            ),
            code => Problem::new(
                ProblemKind::Refused,
                format!("{operation} was refused: {message} ({code})"),
                "--verbose logs the calls",
            ),
        }
    }

    /// SWF says that it cannot at present.
    fn unavailable(&self, operation: &str, message: Option<&str>) -> Problem {
        Problem::new(
            ProblemKind::Unreachable,
            format!(
                "the service {} could not do {operation}: {}",
                self.place(),
                message.unwrap_or("it is unavailable")
            ),
            "try again in a moment",
        )
    }

    /// The call was not sent.
    fn not_sent(&self, context: &str) -> Problem {
        let words = context.to_ascii_lowercase();
        if words.contains("region") && words.contains("missing") {
            return no_region();
        }
        if words.contains("credential") || words.contains("identity") {
            return Problem::new(
                ProblemKind::NotPermitted,
                "no AWS credentials were found, or they cannot be loaded",
                "run `aws configure` or `aws sso login`, or choose a --profile",
            );
        }
        self.unreachable("the connection failed")
    }

    /// The service cannot be reached.
    pub(super) fn unreachable(&self, why: &str) -> Problem {
        match &self.target {
            Target::Local { url, .. } => no_server(url, why),
            Target::Aws {
                endpoint: Some(url),
                ..
            } => Problem::new(
                ProblemKind::Unreachable,
                format!("cannot reach {url}: {why}"),
                "it is the endpoint of the AWS configuration: AWS_ENDPOINT_URL_SWF, \
                 AWS_ENDPOINT_URL or the profile's",
            ),
            Target::Aws { region, .. } => Problem::new(
                ProblemKind::Unreachable,
                format!("cannot reach Amazon SWF in {region}: {why}"),
                "check the network, and the region: --region or AWS_REGION",
            ),
        }
    }

    /// Where the service is, for sentences.
    pub(crate) fn place(&self) -> String {
        match &self.target {
            Target::Local { url, .. }
            | Target::Aws {
                endpoint: Some(url),
                ..
            } => format!("at {url}"),
            Target::Aws { region, .. } => format!("on AWS in {region}"),
        }
    }
}

/// There is no local server.
pub(crate) fn no_server(url: &str, why: &str) -> Problem {
    Problem::new(
        ProblemKind::Unreachable,
        format!("no server at {url}: {why}"),
        if url.starts_with("https:") {
            "`workbeat server` speaks http, not https; name another one with --endpoint, or use --aws"
        } else {
            "start one with `workbeat server`, name another with --endpoint, or use --aws"
        },
    )
}

/// AWS wants a region.
pub(super) fn no_region() -> Problem {
    Problem::usage(
        "no AWS region is set",
        "name one with --region, AWS_REGION or the profile",
    )
}

#[cfg(test)]
mod tests {
    use super::super::connect::{for_tests, service_for_tests};
    use super::*;

    fn aws(endpoint: Option<&str>) -> Service {
        service_for_tests(Target::Aws {
            region: "eu-west-1".to_owned(),
            endpoint: endpoint.map(str::to_owned),
        })
    }

    #[test]
    fn every_refusal_has_its_kind_and_what_to_do() {
        let local = for_tests();
        let aws = aws(None);
        let cases = [
            (
                &local,
                "UnknownResourceFault",
                ProblemKind::NotFound,
                "workbeat list",
            ),
            (
                &local,
                "OperationNotPermittedFault",
                ProblemKind::NotPermitted,
                "--deny",
            ),
            (
                &aws,
                "OperationNotPermittedFault",
                ProblemKind::NotPermitted,
                "swf:DescribeDomain",
            ),
            (
                &aws,
                "AccessDeniedException",
                ProblemKind::NotPermitted,
                "IAM",
            ),
            (
                &aws,
                "ExpiredTokenException",
                ProblemKind::NotPermitted,
                "--profile",
            ),
            (
                &aws,
                "ThrottlingException",
                ProblemKind::Refused,
                "try again",
            ),
            (
                &aws,
                "LimitExceededFault",
                ProblemKind::Refused,
                "try again",
            ),
            (
                &aws,
                "ValidationException",
                ProblemKind::Refused,
                "--verbose",
            ),
        ];
        for (service, code, kind, hint) in cases {
            let problem = service.refused("DescribeDomain", code, Some("it is so"));
            assert_eq!(problem.kind, kind, "{code}");
            assert!(problem.message.contains("it is so"), "{problem}");
            let said = problem.hint.unwrap();
            assert!(said.contains(hint), "{code}: {said}");
        }
        let domain = aws.refused(
            "X",
            "UnknownResourceFault",
            Some("Unknown domain: workbeat"),
        );
        assert_eq!(
            domain.message,
            "there is no domain `workbeat` on AWS in eu-west-1"
        );
    }

    #[test]
    fn what_was_not_sent_says_why() {
        let aws = aws(None);
        let local = for_tests();
        let credentials = "dispatch failure: other: an error occurred while loading credentials";
        assert_eq!(aws.not_sent(credentials).kind, ProblemKind::NotPermitted);
        let io = "dispatch failure: io error: client error (Connect): Connection refused";
        let problem = local.not_sent(io);
        assert_eq!(problem.kind, ProblemKind::Unreachable);
        assert!(problem.hint.unwrap().contains("`workbeat server`"));
        assert_eq!(aws.not_sent(io).kind, ProblemKind::Unreachable);
        let elsewhere = self::aws(Some("http://127.0.0.1:7200"));
        let problem = elsewhere.not_sent(io);
        assert!(
            problem.message.contains("http://127.0.0.1:7200"),
            "{problem}"
        );
        assert!(!problem.message.contains("Amazon"), "{problem}");
        assert_eq!(elsewhere.place(), "at http://127.0.0.1:7200");
    }
}
