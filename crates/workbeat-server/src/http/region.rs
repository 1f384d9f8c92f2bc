//! Which region a request is for.

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

/// The region of a request that does not say one.
pub(super) const DEFAULT: &str = "us-east-1";

/// The region of the credential scope: `Credential=KEY/DATE/REGION/swf/aws4_request`.
///
/// The signature is not looked at. What is no region counts as none.
pub(super) fn region(headers: &HeaderMap) -> &str {
    let authorization = headers.get(AUTHORIZATION);
    authorization
        .and_then(|value| value.to_str().ok())
        .and_then(scoped)
        .unwrap_or(DEFAULT)
}

fn scoped(authorization: &str) -> Option<&str> {
    let (_, rest) = authorization.split_once("Credential=")?;
    let credential = rest.split([',', ' ']).next()?;
    // From the end, because a key may hold slashes.
    let mut parts = credential.rsplit('/');
    let (terminator, _service, region) = (parts.next()?, parts.next()?, parts.next()?);
    let is_name = |text: &str| {
        !text.is_empty()
            && text.len() <= 32
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    (terminator == "aws4_request" && is_name(region)).then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(authorization: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        region(&headers).to_owned()
    }

    #[test]
    fn the_region_comes_from_the_credential_scope() {
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIA/20261125/eu-central-1/swf/\
                             aws4_request, SignedHeaders=host, Signature=00";
        assert_eq!(of(authorization), "eu-central-1");
        let compact = "AWS4-HMAC-SHA256 SignedHeaders=host,Credential=A/B/20261125/eu-west-3/swf/\
                       aws4_request,Signature=00";
        assert_eq!(of(compact), "eu-west-3");
    }

    #[test]
    fn without_a_region_it_is_the_usual_one() {
        assert_eq!(region(&HeaderMap::new()), "us-east-1");
        for authorization in [
            "Basic dGVzdA==",
            "AWS4-HMAC-SHA256 Credential=test",
            "AWS4-HMAC-SHA256 Credential=AKIA/20261125//swf/aws4_request",
            "AWS4-HMAC-SHA256 Credential=AKIA/20261125/EU|1/swf/aws4_request",
            "AWS4-HMAC-SHA256 Credential=AKIA/20261125/eu-west-1/swf/other",
        ] {
            assert_eq!(of(authorization), "us-east-1", "{authorization}");
        }
    }
}
