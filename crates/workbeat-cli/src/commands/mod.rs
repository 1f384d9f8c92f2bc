//! The commands.

mod cancel;
mod completions;
mod ending;
mod finding;
mod follow;
mod interrupts;
mod list;
mod new_activity;
mod plan;
mod server;
mod show;
mod start;
mod terminate;
mod wait;
mod watch;

use crate::args::Command;
use crate::output::Output;
use crate::problem::Problem;

/// Runs a command; answers the exit code.
pub(crate) async fn run(command: &Command, output: &mut Output) -> Result<u8, Problem> {
    match command {
        Command::Server(server) => server::run(server, output).await,
        Command::Start(start) => start::run(start, output).await,
        Command::Wait(wait) => wait::run(wait, output).await,
        Command::Cancel(cancel) => cancel::run(cancel, output).await,
        Command::Terminate(terminate) => terminate::run(terminate, output).await,
        Command::List(list) => list::run(list, output).await,
        Command::Show(show) => show::run(show, output).await,
        Command::Watch(watch) => watch::run(watch, output).await,
        Command::Plan(plan) => plan::run(plan, output),
        Command::Completions { shell } => {
            completions::run(*shell, output);
            Ok(0)
        }
    }
}
