//! The names of errors that every service of AWS has, by what they mean. They come from what stands
//! in front of it, and no service's model names them.

/// What an error's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Throttled,
    NotPermitted,
    CredentialsExpired,
    CredentialsUnknown,
    SignatureWrong,
    ClockWrong,
    RegionNotEnabled,
    Invalid,
    NotAnOperation,
    ServerError,
    Other,
}

/// What the error `code` means. HTTP's `status` says it where the name does not.
pub(crate) fn meaning(code: &str, status: u16) -> Meaning {
    match code {
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "LimitExceededException"
        | "PriorRequestNotComplete"
        | "EC2ThrottledException"
        | "SlowDown" => Meaning::Throttled,
        "AccessDeniedException"
        | "AccessDenied"
        | "NotAuthorized"
        | "NotAuthorizedException"
        | "UnauthorizedOperation" => Meaning::NotPermitted,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
            Meaning::CredentialsExpired
        }
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => Meaning::CredentialsUnknown,
        "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidSignature" => Meaning::SignatureWrong,
        "RequestExpired" | "RequestTimeTooSkewed" | "RequestInTheFuture" => Meaning::ClockWrong,
        "OptInRequired" | "SubscriptionRequiredException" => Meaning::RegionNotEnabled,
        "ValidationException"
        | "ValidationError"
        | "SerializationException"
        | "InvalidParameterValue"
        | "InvalidParameterCombination"
        | "MissingParameter" => Meaning::Invalid,
        "UnknownOperationException" | "InvalidAction" => Meaning::NotAnOperation,
        "InternalFailure"
        | "InternalError"
        | "InternalServerError"
        | "InternalServiceError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "RequestTimeout"
        | "RequestTimeoutException" => Meaning::ServerError,
        _ => by_status(status),
    }
}

/// What an HTTP status alone means.
pub(crate) fn by_status(status: u16) -> Meaning {
    match status {
        429 => Meaning::Throttled,
        401 | 403 | 407 => Meaning::NotPermitted,
        408 | 425 | 500.. => Meaning::ServerError,
        _ => Meaning::Other,
    }
}
