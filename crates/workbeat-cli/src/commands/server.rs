//! `workbeat server`.

use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use workbeat_server::{Options, ServerError, ServerErrorKind};

use super::interrupts::Interrupts;
use crate::args::Server;
use crate::output::Output;
use crate::problem::{Problem, ProblemKind};

/// Serves until Ctrl-C or SIGTERM.
pub(crate) async fn run(arguments: &Server, output: &mut Output) -> Result<u8, Problem> {
    // Before anybody can know that it runs: a signal must never find nobody.
    let mut interrupts = Interrupts::from_keyboard_and_system();
    let started = tokio::select! {
        started = options(arguments).start() => started,
        () = interrupts.next() => return Ok(0),
    };
    let server = started.map_err(|error| cannot_start(&error))?;
    output.line(&format!("listening on {}", server.url()));
    if let Some(warning) = server.warning() {
        output.note(&format!("warning: {warning}"));
    }
    if std::io::stdout().is_terminal() {
        for line in what_now(server.local_addr(), arguments) {
            output.note(&line);
        }
    }
    interrupts.next().await;
    if std::io::stdout().is_terminal() {
        output.note("stopping; once more stops at once");
    }
    tokio::select! {
        () = server.stop() => {}
        () = interrupts.next() => {
            // A second stop closes what is left.
            server.stop().await;
        }
    }
    Ok(0)
}

fn options(arguments: &Server) -> Options {
    let mut options = Options::default()
        .listen(arguments.listen)
        .poll_hold(arguments.poll_hold.duration)
        .max_connections(arguments.max_connections)
        .request_timeout(arguments.request_timeout.duration);
    for name in &arguments.allow_host {
        options = options.allow_host(name.clone());
    }
    if let Some(file) = &arguments.data {
        options = options.data(file);
    }
    for denial in &arguments.deny {
        options = options.deny(denial.clone());
    }
    if let Some(faults) = &arguments.fault {
        options = options.faults(*faults);
    }
    if let Some(seed) = arguments.fault_seed {
        options = options.seed(seed);
    }
    options
}

/// For the person who has just started it, and does not know yet how to use it.
fn what_now(address: SocketAddr, arguments: &Server) -> Vec<String> {
    let url = format!("http://{}", reachable(address));
    let endpoint = if url == "http://127.0.0.1:7100" {
        String::new()
    } else {
        format!(" --endpoint {url}")
    };
    let mut lines = vec![
        String::new(),
        "For AWS SDKs and the AWS CLI, with any credentials and region:".to_owned(),
        format!("  export AWS_ENDPOINT_URL_SWF={url}"),
        format!("In another terminal: workbeat{endpoint} start TYPE; more: workbeat --help"),
    ];
    if !arguments.deny.is_empty() {
        let denied: Vec<_> = arguments.deny.iter().map(ToString::to_string).collect();
        lines.push(format!("Denied: {}", denied.join(", ")));
    }
    if let Some(faults) = arguments.fault.filter(|faults| !faults.is_none()) {
        lines.push(format!("Calls go wrong: {faults}"));
    }
    lines.push(match &arguments.data {
        Some(file) => format!("Ctrl-C stops it; its state stays in {}.", file.display()),
        None => "Ctrl-C stops it, and its state is gone; --data FILE keeps it.".to_owned(),
    });
    lines
}

/// Where a program on this machine finds what listens on every address of it.
fn reachable(address: SocketAddr) -> SocketAddr {
    let host = match address.ip() {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    SocketAddr::new(host, address.port())
}

fn cannot_start(error: &ServerError) -> Problem {
    let kind = match error.kind() {
        ServerErrorKind::Listen => ProblemKind::Usage,
        _ => ProblemKind::Refused,
    };
    let hint = match error.kind() {
        ServerErrorKind::AddressInUse => {
            Some("--listen 127.0.0.1:0 takes a free port and prints it".to_owned())
        }
        _ => std::error::Error::source(error).map(ToString::to_string),
    };
    Problem {
        kind,
        // It says what to do, too.
        message: error.to_string(),
        hint,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    fn said(address: &str, arguments: &[&str]) -> String {
        let line = [&["workbeat", "server"], arguments].concat();
        let Command::Server(arguments) = Cli::try_parse_from(line).unwrap().command else {
            panic!("it is another command");
        };
        what_now(address.parse().unwrap(), &arguments).join("\n")
    }

    #[test]
    fn what_is_on_is_said() {
        let plain = said("127.0.0.1:7100", &[]);
        for word in ["Denied", "go wrong", "--endpoint"] {
            assert!(!plain.contains(word), "{plain}");
        }
        assert!(plain.contains("its state is gone"), "{plain}");
        let fault = ["--fault", "throttle=0.1,latency=50ms"];
        let deny = ["--deny", "CountOpenWorkflowExecutions", "--data", "swf.db"];
        let all = said("127.0.0.1:7200", &[fault.as_slice(), &deny].concat());
        for words in [
            "Denied: CountOpenWorkflowExecutions",
            "Calls go wrong: throttle=0.1,latency=50ms",
            "its state stays in swf.db",
            "workbeat --endpoint http://127.0.0.1:7200 start TYPE",
        ] {
            assert!(all.contains(words), "{words}: {all}");
        }
    }

    #[test]
    fn every_address_is_none_to_connect_to() {
        for (address, expected) in [
            ("0.0.0.0:7304", "AWS_ENDPOINT_URL_SWF=http://127.0.0.1:7304"),
            ("[::]:7304", "AWS_ENDPOINT_URL_SWF=http://[::1]:7304"),
            (
                "192.0.2.1:7304",
                "AWS_ENDPOINT_URL_SWF=http://192.0.2.1:7304",
            ),
        ] {
            let lines = said(address, &[]);
            assert!(lines.contains(expected), "{lines}");
        }
    }
}
