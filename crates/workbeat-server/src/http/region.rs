//! Which region a request is for.

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use super::refusal::Refusal;

/// The region of a request that does not say one.
pub(super) const DEFAULT: &str = "us-east-1";

/// The longest name of a region.
const LONGEST: usize = 32;

/// The region of the credential scope: `Credential=KEY/DATE/REGION/swf/aws4_request`.
///
/// The signature is not looked at, and without such a scope it is the usual region. One that
/// is named has the form of a region, because it is kept, and shows in ARNs.
pub(super) fn region(headers: &HeaderMap) -> Result<&str, Refusal> {
    let authorization = headers.get(AUTHORIZATION);
    let named = authorization
        .and_then(|value| value.to_str().ok())
        .and_then(scoped);
    match named {
        None | Some("") => Ok(DEFAULT),
        Some(region) if is_name(region) => Ok(region),
        Some(_) => Err(Refusal::region(LONGEST)),
    }
}

fn scoped(authorization: &str) -> Option<&str> {
    let (_, rest) = authorization.split_once("Credential=")?;
    let credential = rest.split([',', ' ']).next()?;
    // From the end, because a key may hold slashes.
    let mut parts = credential.rsplit('/');
    let (terminator, _service, region) = (parts.next()?, parts.next()?, parts.next()?);
    (terminator == "aws4_request").then_some(region)
}

fn is_name(region: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    region.len() <= LONGEST && region.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(authorization: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        region(&headers).unwrap().to_owned()
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
        assert_eq!(region(&HeaderMap::new()).unwrap(), "us-east-1");
        for authorization in [
            "Basic dGVzdA==",
            "AWS4-HMAC-SHA256 Credential=test",
            "AWS4-HMAC-SHA256 Credential=AKIA/20261125//swf/aws4_request",
            "AWS4-HMAC-SHA256 Credential=AKIA/20261125/eu-west-1/swf/other",
        ] {
            assert_eq!(of(authorization), "us-east-1", "{authorization}");
        }
    }

    #[test]
    fn what_is_no_region_is_refused() {
        let scoped = |region: &str| {
            format!("AWS4-HMAC-SHA256 Credential=A/20261125/{region}/swf/aws4_request")
        };
        for odd in ["EU|1", "eu_west", &"a".repeat(LONGEST + 1)] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, scoped(odd).parse().unwrap());
            let refusal = region(&headers).unwrap_err();
            assert!(refusal.message().contains("eu-west-1"), "{refusal:?}");
        }
        let longest = "a".repeat(LONGEST);
        assert_eq!(of(&scoped(&longest)), longest);
    }
}
