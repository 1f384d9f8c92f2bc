//! What clap says, on the right stream and in the right shape.

use std::process::ExitCode;

use clap::error::ErrorKind;

use super::Format;
use crate::output::Output;
use crate::problem::Problem;

/// Prints help, a version, or what is wrong with the command line.
pub(crate) fn report(error: &clap::Error) -> ExitCode {
    let wrong =
        error.use_stderr() && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    // An argument that is no UTF-8 may be what is wrong.
    let arguments = std::env::args_os().map(|it| it.to_string_lossy().into_owned());
    if wrong && wants_json(arguments) {
        let problem = problem(error);
        Output::new(Format::Json).problem(&problem);
        return problem.kind.exit_code().into();
    }
    // Whoever closes the pipe (`--help | head`) has seen enough.
    let _ = error.print();
    // 0 for help and version, 2 for a wrong command line.
    u8::try_from(error.exit_code()).unwrap_or(2).into()
}

/// The command line is not understood, but a wish for JSON may still be seen in it.
fn wants_json(arguments: impl Iterator<Item = String>) -> bool {
    let arguments: Vec<_> = arguments.collect();
    let apart = arguments
        .windows(2)
        .any(|pair| pair == ["--output", "json"]);
    apart || arguments.iter().any(|argument| argument == "--output=json")
}

/// The first line says what is wrong; the rest is usage.
fn problem(error: &clap::Error) -> Problem {
    let text = error.to_string();
    let (message, _) = text.split_once("\n\n").unwrap_or((&text, ""));
    let message = message.trim().trim_start_matches("error: ");
    Problem::usage(message, "see `workbeat --help`")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn a_wrong_command_line_is_one_line_of_json() {
        let arguments = ["workbeat", "--output", "json", "wait"];
        let error = Cli::try_parse_from(arguments).unwrap_err();
        let problem = problem(&error);
        assert!(problem.message.contains("WORKFLOW_ID"), "{problem}");
        assert!(!problem.message.contains("Usage"), "{problem}");
        assert!(wants_json(arguments.map(str::to_owned).into_iter()));
        let without = ["workbeat", "wait", "json"].map(str::to_owned);
        assert!(!wants_json(without.into_iter()));
    }
}
