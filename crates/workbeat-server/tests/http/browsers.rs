//! What a web page in the user's browser can reach: nothing, unless the server serves it itself.

use workbeat_server::LocalServer;

use crate::client::{Client, Response, header, once, post, register, swf};

const SWF: &str = "Content-Type: application/x-amz-json-1.0\r\n\
                   X-Amz-Target: SimpleWorkflowService.ListDomains\r\n";

/// Everything that there is, as a method, a path, headers of its own and a body.
const ENDPOINTS: [(&str, &str, &str, &str); 6] = [
    ("POST", "/", SWF, r#"{"registrationStatus": "REGISTERED"}"#),
    ("GET", "/", "", ""),
    ("POST", "/_workbeat/reset", "", ""),
    ("POST", "/_workbeat/advance", "", "24h"),
    ("GET", "/_workbeat/activities", "", ""),
    ("GET", "/_workbeat/events", "", ""),
];

fn request((method, path, headers, body): (&str, &str, &str, &str), more: &str) -> String {
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\n{more}{headers}Content-Length: {length}\r\n\r\n{body}")
}

/// The server answered nothing that lets a page read it or go on.
fn has_no_cors(response: &Response) {
    let head = response.head.to_ascii_lowercase();
    assert!(!head.contains("access-control-"), "{head}");
}

async fn is_refused(server: &LocalServer, request: &str) -> Response {
    let response = once(server, request).await;
    assert_eq!(response.status, 403, "{request}: {response:?}");
    assert_eq!(response.fault(), "AccessDeniedException");
    has_no_cors(&response);
    response
}

/// The domain that was registered is still there: nothing was reset, no day has passed.
async fn is_untouched(server: &LocalServer, before: std::time::SystemTime) {
    let body = r#"{"registrationStatus": "REGISTERED"}"#;
    let domains = once(server, swf("ListDomains", body)).await;
    assert!(domains.body.contains("tests"), "{domains:?}");
    let now = server.advance(std::time::Duration::ZERO).await.unwrap();
    let passed = now.duration_since(before).unwrap();
    assert!(passed < std::time::Duration::from_secs(3_600), "{passed:?}");
}

#[tokio::test]
async fn a_page_of_another_origin_reaches_no_endpoint() {
    let server = LocalServer::builder().start().await.unwrap();
    register(&server).await;
    let before = server.advance(std::time::Duration::ZERO).await.unwrap();
    let host = format!("Host: {}\r\n", server.local_addr());
    for endpoint in ENDPOINTS {
        for page in [
            "Origin: https://evil.example\r\n",
            "Origin: null\r\n",
            // Another program's page on this machine is of another origin, and of the same site.
            "Origin: http://127.0.0.1:3000\r\n",
            "Sec-Fetch-Site: same-site\r\n",
            "Sec-Fetch-Site: cross-site\r\n",
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n",
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n",
        ] {
            let response = is_refused(&server, &request(endpoint, &format!("{host}{page}"))).await;
            assert!(response.body.contains("another origin"), "{response:?}");
        }
    }
    is_untouched(&server, before).await;
}

#[tokio::test]
async fn a_page_whose_name_was_bound_to_this_machine_reaches_no_endpoint() {
    let server = LocalServer::builder().start().await.unwrap();
    register(&server).await;
    let before = server.advance(std::time::Duration::ZERO).await.unwrap();
    let port = server.local_addr().port();
    for endpoint in ENDPOINTS {
        for name in ["evil.example", "swf", "127.0.0.1.nip.example"] {
            // For the browser the page and the server are of one origin.
            let page = format!(
                "Host: {name}:{port}\r\nOrigin: http://{name}:{port}\r\nSec-Fetch-Site: same-origin\r\n"
            );
            is_refused(&server, &request(endpoint, &page)).await;
            let bare = format!("Host: {name}:{port}\r\n");
            let response = is_refused(&server, &request(endpoint, &bare)).await;
            let mend = format!("--allow-host {name}");
            assert!(response.body.contains(&mend), "{response:?}");
        }
        is_refused(&server, &request(endpoint, "")).await;
    }
    is_untouched(&server, before).await;
}

#[tokio::test]
async fn a_browser_that_asks_first_is_told_nothing_that_lets_a_page_go_on() {
    let server = LocalServer::builder().start().await.unwrap();
    for (_, path, _, _) in ENDPOINTS {
        for site in [
            "",
            "Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n",
        ] {
            let preflight = format!(
                "OPTIONS {path} HTTP/1.1\r\nHost: {}\r\n{site}\
                 Access-Control-Request-Method: POST\r\n\
                 Access-Control-Request-Headers: x-amz-target,content-type\r\n\
                 Access-Control-Request-Private-Network: true\r\n\r\n",
                server.local_addr()
            );
            let response = once(&server, preflight).await;
            let expected = if site.is_empty() { 405 } else { 403 };
            assert_eq!(response.status, expected, "{path}");
            has_no_cors(&response);
        }
    }
}

#[tokio::test]
async fn what_a_page_can_send_without_asking_first_does_nothing() {
    let server = LocalServer::builder().start().await.unwrap();
    register(&server).await;
    let before = server.advance(std::time::Duration::ZERO).await.unwrap();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
    ] {
        for path in ["/", "/_workbeat/reset", "/_workbeat/advance"] {
            let page = format!("Origin: https://evil.example\r\nContent-Type: {content_type}\r\n");
            is_refused(&server, &post(path, &page, "24h")).await;
        }
        // Not even if a browser said nothing of where it comes from.
        let target = "X-Amz-Target: SimpleWorkflowService.ListDomains\r\n";
        let silent = format!("Content-Type: {content_type}\r\n{target}");
        assert_eq!(once(&server, post("/", &silent, "{}")).await.status, 415);
    }
    is_untouched(&server, before).await;
}

#[tokio::test]
async fn programs_and_the_servers_own_page_use_everything() {
    let options = LocalServer::builder().allow_host("swf.test".parse().unwrap());
    let server = options.start().await.unwrap();
    let port = server.local_addr().port();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "192.0.2.7",
        "a.localhost",
        "swf.test",
    ] {
        let host = format!("{host}:{port}");
        let own = format!("Origin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n");
        for page in ["", &own, "Sec-Fetch-Site: none\r\n"] {
            for endpoint in ENDPOINTS {
                let mut client = Client::connect(server.local_addr()).await;
                client
                    .send(request(endpoint, &format!("Host: {host}\r\n{page}")))
                    .await;
                let response = client.head().await;
                assert_eq!(
                    response.status, 200,
                    "{host} {page} {endpoint:?}: {response:?}"
                );
                has_no_cors(&response);
                if endpoint.2.is_empty() {
                    let guarded = header(&response.head, "cross-origin-resource-policy");
                    assert_eq!(guarded, Some("same-origin"), "{endpoint:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_link_to_the_server_can_be_followed() {
    let server = LocalServer::builder().start().await.unwrap();
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: cross-site\r\n\
         Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-User: ?1\r\n\r\n",
        server.local_addr()
    );
    assert_eq!(once(&server, request).await.status, 200);
}
