//! The `workbeat` command: a local server that speaks Amazon SWF's protocol, commands that start,
//! follow and cancel activities, there or on AWS, and one that plans what quotas carry.

// What reaches a program from outside must not bring it down: what could panic says why it does not.
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable
    )
)]

mod args;
mod capacity;
mod commands;
mod decider;
mod history;
mod live;
mod logging;
mod output;
mod problem;
mod service;

use std::process::ExitCode;

use clap::Parser;

use args::Cli;
use output::Output;
use problem::Problem;

fn main() -> ExitCode {
    let mut cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return args::report(&error),
    };
    let mut output = Output::new(cli.output.output);
    let settled = cli.settle();
    let ended = settled.and_then(|()| run(&cli, &mut output));
    let ended = ended.and_then(|code| output.finish().map(|()| code));
    match ended {
        Ok(code) => code.into(),
        Err(problem) => {
            output.problem(&problem);
            problem.kind.exit_code().into()
        }
    }
}

fn run(cli: &Cli, output: &mut Output) -> Result<u8, Problem> {
    logging::start(&cli.output)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Problem::new(
                problem::ProblemKind::Refused,
                format!("cannot start threads: {error}"),
                "end some programs and try again",
            )
        })?;
    let ended = runtime.block_on(commands::run(&cli.command, output));
    // A poll that is still under way is not waited for.
    runtime.shutdown_background();
    ended
}
