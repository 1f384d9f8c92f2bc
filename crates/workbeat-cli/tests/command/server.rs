//! `workbeat server`.

use crate::kit::{Stage, finish, workbeat};

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn its_first_line_is_where_it_listens_and_sigterm_stops_it() {
    use crate::kit::{ended, line_with, lines, signal};

    let mut command = workbeat(&["server", "--listen", "127.0.0.1:0"]);
    let mut child = command.spawn().unwrap();
    let mut out = lines(child.stdout.take());
    let line = out.next_line().await.unwrap().unwrap();
    let url = line.strip_prefix("listening on ").unwrap().to_owned();
    assert!(url.starts_with("http://127.0.0.1:"), "{line}");

    // A poll that is held does not hold up the end.
    let mut start = workbeat(&["start", "nothing", "--endpoint", &url])
        .spawn()
        .unwrap();
    let mut err = lines(start.stderr.take());
    let hint = line_with(&mut err, "none is registered").await;
    assert!(hint.contains("restart the worker"), "{hint}");
    let mut watch = workbeat(&["watch", "--endpoint", &url]).spawn().unwrap();
    let mut err = lines(watch.stderr.take());
    line_with(&mut err, "watching").await;

    signal(&child, "TERM").await;
    let server = ended(child.wait_with_output()).await;
    assert_eq!((server.code, server.err.as_str()), (Some(0), ""));
    line_with(&mut err, "has stopped").await;
    assert_eq!(ended(watch.wait_with_output()).await.code, Some(6));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_it_is_told_to_deny_is_denied() {
    use crate::kit::{lines, signal};

    let serve = [
        "server",
        "--listen",
        "0",
        "--deny",
        "ListOpenWorkflowExecutions",
    ];
    let mut child = workbeat(&serve).spawn().unwrap();
    let line = lines(child.stdout.take())
        .next_line()
        .await
        .unwrap()
        .unwrap();
    let url = line.strip_prefix("listening on ").unwrap();
    // It registers the domain, and finds no type.
    finish(workbeat(&["start", "nothing", "--endpoint", url])).await;
    let ran = finish(workbeat(&["list", "--endpoint", url])).await;
    assert_eq!(ran.code, Some(7), "{ran:?}");
    assert!(ran.err.contains("--deny"), "{}", ran.err);
    signal(&child, "INT").await;
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn it_answers_to_the_names_and_keeps_to_the_limits_that_it_is_told() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::time::timeout;

    use crate::kit::{LIMIT, lines, signal};

    let serve = [
        "server",
        "--listen",
        "0",
        "--allow-host",
        "swf.test",
        "--max-connections",
        "3",
        "--request-timeout",
        "500ms",
    ];
    let mut child = workbeat(&serve).spawn().unwrap();
    let mut out = lines(child.stdout.take());
    let line = out.next_line().await.unwrap().unwrap();
    let address = line.strip_prefix("listening on http://").unwrap();
    for (host, expected) in [("swf.test", "200"), ("evil.test", "403")] {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {expected}")),
            "{answer}"
        );
    }
    let mut idle = Vec::new();
    for _ in 0..10 {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    // By one limit or by the other, each of them.
    for socket in &mut idle {
        let mut nothing = Vec::new();
        let closed = timeout(LIMIT, socket.read_to_end(&mut nothing)).await;
        assert_eq!(closed.unwrap().unwrap(), 0);
    }
    signal(&child, "TERM").await;
    let status = timeout(LIMIT, child.wait()).await.unwrap();
    assert_eq!(status.unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_use_is_said() {
    let stage = Stage::empty().await;
    let address = stage.server.local_addr().to_string();
    let ran = finish(workbeat(&["server", "--listen", &address])).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(9), ""));
    assert!(ran.err.contains("is in use"), "{}", ran.err);
    assert!(ran.err.contains("--listen"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_are_scripts() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = finish(workbeat(&["completions", shell])).await;
        assert_eq!(ran.code, Some(0));
        assert!(ran.out.contains("terminate"), "{shell}");
    }
}
