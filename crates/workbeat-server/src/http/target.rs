//! Which operation a request asks for.

use hyper::HeaderMap;

use super::refusal::Refusal;

const PREFIX: &str = "SimpleWorkflowService.";

/// The operation that `X-Amz-Target` names.
pub(super) fn operation(headers: &HeaderMap) -> Result<&str, Refusal> {
    let Some(target) = headers.get("x-amz-target") else {
        return Err(Refusal::unknown_operation(format!(
            "the header X-Amz-Target is missing: send X-Amz-Target: {PREFIX}<Operation>, as any \
             AWS SDK does"
        )));
    };
    let named = target.to_str().ok();
    named
        .and_then(|target| target.strip_prefix(PREFIX))
        .filter(|operation| !operation.is_empty())
        .ok_or_else(|| {
            Refusal::unknown_operation(format!(
                "the header X-Amz-Target does not begin with {PREFIX}: this server speaks \
                 Amazon SWF's protocol and no other"
            ))
        })
}

/// Checks that the body says to be what SWF takes.
pub(super) fn content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(given) = headers.get(hyper::header::CONTENT_TYPE) else {
        return Ok(());
    };
    let essence = given.to_str().ok().and_then(|text| text.split(';').next());
    let known = |text: &str| {
        ["application/x-amz-json-1.0", "application/x-amz-json-1.1"]
            .iter()
            .any(|known| text.trim().eq_ignore_ascii_case(known))
    };
    if essence.is_some_and(known) {
        Ok(())
    } else {
        Err(Refusal::media_type())
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn the_operation_is_what_follows_the_service() {
        let headers = headers("x-amz-target", "SimpleWorkflowService.ListDomains");
        assert_eq!(operation(&headers).unwrap(), "ListDomains");
    }

    #[test]
    fn a_target_that_is_missing_or_of_another_service_is_refused() {
        let missing = operation(&HeaderMap::new()).unwrap_err();
        assert!(missing.message().contains("X-Amz-Target: Simple"));
        for target in ["SimpleWorkflowService.", "DynamoDB_20120810.GetItem", ""] {
            let headers = headers("x-amz-target", target);
            let refusal = operation(&headers).unwrap_err();
            assert!(refusal.message().contains("SimpleWorkflowService."));
        }
    }

    #[test]
    fn the_content_type_is_json_1_0_whatever_its_parameters() {
        let takes = |value| content_type(&headers("content-type", value)).is_ok();
        assert!(takes("application/x-amz-json-1.0"));
        assert!(takes("application/x-amz-json-1.0; charset=utf-8"));
        assert!(!takes("text/plain"));
        assert!(!takes("application/x-www-form-urlencoded"));
        assert!(content_type(&HeaderMap::new()).is_ok());
    }
}
