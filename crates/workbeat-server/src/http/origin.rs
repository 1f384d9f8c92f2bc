//! Which web pages may talk to the server: its own, and no other.
//!
//! Everything on the machine that runs a browser can be reached by the pages in it. A page of
//! another origin is told by its `Origin`; a page whose own name was bound to a loopback
//! address (DNS rebinding) by the name in `Host`.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::{HOST, ORIGIN};

use super::refusal::Refusal;

/// Refuses what comes from a page of another origin.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(());
    };
    let host = text(headers, &HOST).unwrap_or_default();
    let own = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.strip_prefix("http://"))
        .is_some_and(|origin| origin.eq_ignore_ascii_case(host) && is_local(host));
    if own {
        Ok(())
    } else {
        Err(Refusal::foreign(
            "web pages of another origin may not use this server",
        ))
    }
}

/// Refuses also what reached the server by a name that anybody could have bound to it.
pub(super) fn check_control(headers: &HeaderMap) -> Result<(), Refusal> {
    check_origin(headers)?;
    if is_local(text(headers, &HOST).unwrap_or_default()) {
        Ok(())
    } else {
        Err(Refusal::foreign(
            "/_workbeat/ answers only to an IP address, to localhost and to names without a \
             dot: name the server so in the URL",
        ))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &hyper::header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether nobody on the internet can have chosen this host name.
fn is_local(host: &str) -> bool {
    let name = without_port(host);
    let literal = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    let ends = |suffix: &str| {
        let at = name.len().checked_sub(suffix.len());
        at.and_then(|at| name.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    literal.parse::<IpAddr>().is_ok()
        || ends(".localhost")
        || ends(".internal")
        || (!name.is_empty() && !name.contains(['.', ':']))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => {
            name
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    #[test]
    fn programs_on_this_machine_may_do_everything() {
        for host in [
            "127.0.0.1:7100",
            "localhost:7100",
            "localhost",
            "[::1]:7100",
            "[::1]",
            "swf:7100",
            "host.docker.internal:7100",
            "swf.localhost",
        ] {
            assert!(check_control(&headers(host, None)).is_ok(), "{host}");
        }
    }

    #[test]
    fn a_name_that_somebody_could_bind_to_loopback_is_refused() {
        for host in ["evil.example:7100", "127.0.0.1.evil.example", "", ":7100"] {
            assert!(check_control(&headers(host, None)).is_err(), "{host}");
        }
        assert!(check_control(&HeaderMap::new()).is_err());
    }

    #[test]
    fn pages_of_another_origin_are_refused() {
        let from = |host, origin| check_origin(&headers(host, Some(origin))).is_ok();
        assert!(from("127.0.0.1:7100", "http://127.0.0.1:7100"));
        assert!(from("localhost:7100", "http://localhost:7100"));
        assert!(!from("127.0.0.1:7100", "http://localhost:3000"));
        assert!(!from("127.0.0.1:7100", "https://evil.example"));
        assert!(!from("evil.example:7100", "http://evil.example:7100"));
        assert!(!from("127.0.0.1:7100", "null"));
    }
}
