//! `workbeat server`.

use std::io::IsTerminal;

use workbeat_server::{LocalServer, Options, ServerError, ServerErrorKind};

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
        say_what_now(&server, arguments, output);
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
        .poll_hold(arguments.poll_hold);
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
fn say_what_now(server: &LocalServer, arguments: &Server, output: &mut Output) {
    let url = server.url();
    output.note("");
    output.note("For AWS SDKs and the AWS CLI, with any credentials and region:");
    output.note(&format!("  export AWS_ENDPOINT_URL_SWF={url}"));
    let endpoint = if url == "http://127.0.0.1:7100" {
        String::new()
    } else {
        format!(" --endpoint {url}")
    };
    output.note(&format!(
        "In another terminal: workbeat start --help, workbeat watch{endpoint}"
    ));
    output.note(match &arguments.data {
        Some(_) => "Ctrl-C stops it; its state stays in the file.",
        None => "Ctrl-C stops it, and its state is gone; --data FILE keeps it.",
    });
}

fn cannot_start(error: &ServerError) -> Problem {
    let kind = match error.kind() {
        ServerErrorKind::Listen => ProblemKind::Usage,
        _ => ProblemKind::Refused,
    };
    let hint = std::error::Error::source(error).map(ToString::to_string);
    Problem {
        kind,
        // It says what to do, too.
        message: error.to_string(),
        hint: hint.filter(|_| error.kind() != ServerErrorKind::AddressInUse),
    }
}
