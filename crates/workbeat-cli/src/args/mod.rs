//! The command line: what can be said, and how it is explained.

mod connection;
mod executions;
mod plan;
mod report;
mod server;
mod start;
mod values;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::problem::Problem;

pub(crate) use connection::Connection;
pub(crate) use executions::{Cancel, Execution, List, Show, Terminate, Wait, Watch};
pub(crate) use plan::Plan;
pub(crate) use report::report;
pub(crate) use server::Server;
pub(crate) use start::Start;
pub(crate) use values::{ActivityName, InputSource, Span, Timeout};

/// What every exit code says, and what else a newcomer wants to know.
const AFTER_HELP: &str = "\
Exit codes:
  0    done: the activity completed, or the command did what it says
  1    the activity or the workflow failed; of `plan`: it does not fit, or is tight
  2    the command line or the input is wrong
  3    there is no such workflow execution (to cancel or terminate: none that is open),
       activity type or domain
  4    the activity or the workflow timed out
  5    it was canceled
  6    the service cannot be reached, or is unavailable
  7    not permitted, or there are no credentials
  8    the workflow was terminated, or went on as a new execution
  9    the service refused or could not do it for another reason
  130  left with Ctrl-C; what was started goes on

Environment:
  WORKBEAT_ENDPOINT  the local server's URL; without it AWS_ENDPOINT_URL_SWF is taken
  WORKBEAT_DOMAIN    the domain                WORKBEAT_LOG  what is logged, as --log
  AWS_REGION, AWS_PROFILE, ...  as for the AWS CLI

Examples, in three terminals:
  workbeat server
  AWS_ENDPOINT_URL_SWF=http://127.0.0.1:7100 my-worker
  workbeat start resize --input '{\"width\": 640}'";

/// A local server that speaks Amazon SWF's protocol, and commands that start, follow and
/// cancel activities, there or on AWS, and plan what an account's quotas carry.
#[derive(Debug, Parser)]
#[command(
    name = "workbeat",
    version,
    after_help = AFTER_HELP,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100,
)]
pub(crate) struct Cli {
    /// How it is printed and logged.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// Which service, if it is said before the command.
    #[command(flatten)]
    connection: Connection,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands, in the order in which one meets them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Server(Box<Server>),
    Start(Box<Start>),
    Wait(Wait),
    Cancel(Cancel),
    Terminate(Terminate),
    List(List),
    Show(Show),
    Watch(Watch),
    Plan(Box<Plan>),
    /// Print a completion script for a shell
    #[command(after_help = "\
Examples:
  workbeat completions bash > ~/.local/share/bash-completion/completions/workbeat
  workbeat completions zsh > ~/.zfunc/_workbeat
  workbeat completions fish > ~/.config/fish/completions/workbeat.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Cli {
    /// Gives the command what was said of the service before it.
    pub(crate) fn settle(&mut self) -> Result<(), Problem> {
        match self.command.connection_mut() {
            Some(connection) => {
                connection.inherit(&self.connection);
                connection.check()
            }
            None if self.connection.is_empty() => Ok(()),
            None => Err(Problem::usage(
                "this command asks no service: it takes no --endpoint, --aws, --domain and such",
                "`workbeat server` listens where --listen says",
            )),
        }
    }
}

impl Command {
    fn connection_mut(&mut self) -> Option<&mut Connection> {
        Some(match self {
            Self::Start(start) => &mut start.connection,
            Self::Wait(wait) => &mut wait.connection,
            Self::Cancel(cancel) => &mut cancel.connection,
            Self::Terminate(terminate) => &mut terminate.connection,
            Self::List(list) => &mut list.connection,
            Self::Show(show) => &mut show.connection,
            Self::Watch(watch) => &mut watch.connection,
            Self::Server(_) | Self::Plan(_) | Self::Completions { .. } => return None,
        })
    }
}

/// How it is printed and logged: the same for every command.
#[derive(Args, Debug)]
pub(crate) struct OutputArgs {
    /// How to print: `text`, or `json` for one document (errors as JSON on stderr too)
    #[arg(long, global = true, value_enum, hide_possible_values = true, default_value_t = Format::Text, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) output: Format,
    /// Log the calls to stderr; twice for more
    #[arg(long, short, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,
    /// What to log: a `level` of its own logs, or `target=level,...`; no input, result or details is ever logged
    #[arg(
        long,
        global = true,
        env = "WORKBEAT_LOG",
        hide_env = true,
        value_name = "FILTER",
        help_heading = "Output"
    )]
    pub(crate) log: Option<String>,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One JSON document
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_service_may_be_said_before_the_command() {
        let settled = |words: &str| {
            let mut cli = Cli::try_parse_from(words.split(' ')).unwrap();
            cli.settle()?;
            Ok::<_, Problem>(cli.command.connection_mut().cloned().unwrap_or_default())
        };
        let before = settled("workbeat --endpoint http://a --domain d list").unwrap();
        assert_eq!(before.endpoint.as_deref(), Some("http://a"));
        assert_eq!(before.domain.as_deref(), Some("d"));
        let both = settled("workbeat --domain d wait job --domain e").unwrap();
        assert_eq!(both.domain.as_deref(), Some("e"));
        let aws = settled("workbeat --aws list --profile p").unwrap();
        assert_eq!((aws.aws, aws.profile.as_deref()), (true, Some("p")));
        for wrong in [
            "workbeat list --profile p",
            "workbeat --register-domain list",
            "workbeat --endpoint http://a server",
            "workbeat --aws plan --group 1x1m",
        ] {
            assert!(settled(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_command_has_examples() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string);
            assert!(
                help.is_some_and(|help| help.contains("Examples:\n") && help.contains("workbeat")),
                "{} has no examples",
                command.get_name()
            );
        }
    }

    #[test]
    fn the_exit_codes_are_in_the_help() {
        let help = Cli::command().render_help().to_string();
        for code in crate::problem::EXIT_CODES {
            assert!(help.contains(&format!("\n  {code} ")), "{code} in {help}");
        }
    }
}
