//! Which web pages may talk to the server: its own, and no other.
//!
//! Everything on the machine that runs a browser can be reached by the pages in it. A page of
//! another origin is told by its `Origin` and by `Sec-Fetch-Site`, which no page can set; a
//! page whose own name was bound to this machine (DNS rebinding) by the name in `Host`. So a
//! name is taken only if nobody can have bound it to the machine, or if the user said so. No
//! answer has a CORS header: a browser that asks first is told nothing that lets a page go on.

use std::net::IpAddr;

use hyper::header::{HOST, HeaderName, ORIGIN};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};

use super::refusal::Refusal;
use crate::host::HostName;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Refuses what comes from a page of another origin, or to a name that anybody could have
/// bound to this machine.
pub(super) fn check(head: &Parts, allowed: &[HostName]) -> Result<(), Refusal> {
    let host = called(head, allowed)?;
    let headers = &head.headers;
    if headers.contains_key(ORIGIN) {
        let own = one(headers, &ORIGIN)
            .and_then(|origin| origin.strip_prefix("http://"))
            .is_some_and(|origin| origin.eq_ignore_ascii_case(host));
        if !own {
            return Err(foreign());
        }
    }
    let near = match one(headers, &SITE) {
        // Typed in by the user, or by the server's own page.
        Some("none" | "same-origin") => true,
        None => !headers.contains_key(SITE),
        // A page of another port is of the same site.
        Some(_) => is_link(head),
    };
    if near { Ok(()) } else { Err(foreign()) }
}

/// The name that the client calls the server by, as it is in `Host`.
fn called<'a>(head: &'a Parts, allowed: &[HostName]) -> Result<&'a str, Refusal> {
    let Some(host) = one(&head.headers, &HOST) else {
        return Err(Refusal::foreign(
            "send one Host header, as every client of HTTP/1.1 does",
        ));
    };
    // Where a request names the server in its first line, that name counts too.
    let named = head.uri.authority().map(|authority| authority.as_str());
    for name in [Some(host), named].into_iter().flatten() {
        check_name(without_port(name), allowed)?;
    }
    Ok(host)
}

fn check_name(name: &str, allowed: &[HostName]) -> Result<(), Refusal> {
    if is_of_this_machine(name) || allowed.iter().any(|allowed| allowed.is(name)) {
        return Ok(());
    }
    Err(match name.parse::<HostName>() {
        Ok(name) => Refusal::foreign(format!(
            "this server does not answer to the name {name}, because a web page could have bound \
             it to this machine: call it by localhost or by an IP address, or start it with \
             --allow-host {name}"
        )),
        Err(_) => Refusal::foreign("the Host header has no name of a host in it"),
    })
}

fn foreign() -> Refusal {
    Refusal::foreign(
        "web pages of another origin may not use this server: call it from a program, or from a \
         page that it serves itself",
    )
}

/// Whether somebody follows a link to what the server shows, in a window of its own: the page
/// with the link sees nothing of it.
fn is_link(head: &Parts) -> bool {
    head.method == Method::GET
        && head.uri.path() == "/"
        && one(&head.headers, &MODE) == Some("navigate")
        && one(&head.headers, &DESTINATION) == Some("document")
}

/// The value of a header that is there once.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Whether nobody can have bound this name to the machine: addresses are not bound, and
/// browsers look `localhost` up nowhere.
fn is_of_this_machine(name: &str) -> bool {
    let literal = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    let last_label = name.rsplit('.').next().unwrap_or(name);
    let local = last_label.eq_ignore_ascii_case("localhost") && name.parse::<HostName>().is_ok();
    literal.parse::<IpAddr>().is_ok() || local
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
    use hyper::Request;

    use super::*;

    /// A request for a path, with these headers.
    fn head(method: &str, target: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn takes(headers: &[(&str, &str)]) -> bool {
        check(&head("POST", "/", headers), &[]).is_ok()
    }

    #[test]
    fn programs_on_this_machine_may_do_everything() {
        for host in [
            "127.0.0.1:7100",
            "localhost:7100",
            "localhost",
            "LOCALHOST:7100",
            "[::1]:7100",
            "[::1]",
            "172.17.0.2:7100",
            "swf.localhost",
        ] {
            assert!(takes(&[("host", host)]), "{host}");
        }
    }

    #[test]
    fn a_name_that_somebody_could_bind_to_this_machine_is_refused() {
        for host in [
            "evil.example:7100",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "notlocalhost",
            "swf:7100",
            "127.0.0.1@evil.example",
            "evil.example,x.localhost",
            "evil.example .localhost",
            ".localhost",
            "",
            ":7100",
        ] {
            assert!(!takes(&[("host", host)]), "{host}");
        }
        assert!(!takes(&[]));
        assert!(!takes(&[("host", "localhost"), ("host", "evil.example")]));
    }

    #[test]
    fn a_name_in_the_first_line_counts_too() {
        let to = |target| check(&head("POST", target, &[("host", "localhost")]), &[]).is_ok();
        assert!(to("http://localhost:7100/"));
        assert!(!to("http://evil.example/"));
    }

    #[test]
    fn a_name_is_taken_if_the_user_said_so_and_the_refusal_says_how() {
        let request = head("POST", "/", &[("host", "swf.test:7100")]);
        let refusal = check(&request, &[]).unwrap_err();
        assert!(
            refusal.message().contains("--allow-host swf.test"),
            "{refusal:?}"
        );
        assert!(check(&request, &["swf.test".parse().unwrap()]).is_ok());
        assert!(check(&request, &["swf".parse().unwrap()]).is_err());
    }

    #[test]
    fn pages_of_another_origin_are_refused() {
        let from = |host, origin| takes(&[("host", host), ("origin", origin)]);
        assert!(from("127.0.0.1:7100", "http://127.0.0.1:7100"));
        assert!(from("localhost:7100", "http://localhost:7100"));
        for (host, origin) in [
            ("127.0.0.1:7100", "http://localhost:7100"),
            ("127.0.0.1:7100", "http://127.0.0.1:3000"),
            ("127.0.0.1:7100", "https://127.0.0.1:7100"),
            ("127.0.0.1:7100", "https://evil.example"),
            ("evil.example:7100", "http://evil.example:7100"),
            ("127.0.0.1:7100", "null"),
            ("127.0.0.1:7100", ""),
        ] {
            assert!(!from(host, origin), "{host} {origin}");
        }
        let own = "http://localhost:7100";
        let twice = [("host", "localhost:7100"), ("origin", own), ("origin", own)];
        assert!(!takes(&twice));
    }

    #[test]
    fn what_a_browser_says_of_the_page_is_heeded() {
        let from = |site| takes(&[("host", "localhost"), ("sec-fetch-site", site)]);
        assert!(from("same-origin") && from("none"));
        for site in ["cross-site", "same-site", "", "something-new"] {
            assert!(!from(site), "{site}");
        }
    }

    #[test]
    fn a_link_to_the_server_can_be_followed_and_nothing_else() {
        let follow = |method, path, mode, destination| {
            let headers = [
                ("host", "localhost"),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", mode),
                ("sec-fetch-dest", destination),
            ];
            check(&head(method, path, &headers), &[]).is_ok()
        };
        assert!(follow("GET", "/", "navigate", "document"));
        assert!(!follow("GET", "/", "navigate", "iframe"));
        assert!(!follow("GET", "/", "no-cors", "document"));
        assert!(!follow("GET", "/_workbeat/events", "navigate", "document"));
        assert!(!follow("POST", "/", "navigate", "document"));
    }
}
