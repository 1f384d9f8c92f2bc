//! `workbeat completions`.

use clap::CommandFactory;

use crate::args::Cli;
use crate::output::Output;

/// Prints the script.
pub(crate) fn run(shell: clap_complete::Shell, output: &mut Output) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "workbeat", &mut script);
    output.line(String::from_utf8_lossy(&script).trim_end());
}
