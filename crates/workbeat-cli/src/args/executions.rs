//! The commands about executions that are there.

use clap::builder::RangedU64ValueParser;
use clap::{ArgGroup, Args};

use super::{Connection, Span};

/// Which execution.
#[derive(Args, Clone, Debug)]
pub(crate) struct Execution {
    /// The workflow id
    #[arg(value_name = "WORKFLOW_ID")]
    pub(crate) workflow_id: String,
    /// The run id [default: the open execution, else the last one]
    #[arg(long, value_name = "ID")]
    pub(crate) run_id: Option<String>,
}

/// Wait for an execution and print its result; finish what `start --detach` began
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  id=$(workbeat start resize --detach); workbeat wait \"$id\"
  workbeat wait job-7 --output json | jq .result

For a workflow that `workbeat start` began it decides, as `start` would have. Any other workflow
needs its own decider; then this only waits. Exit codes: as for `start`.")]
pub(crate) struct Wait {
    #[command(flatten)]
    pub(crate) execution: Execution,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// Ask for the cancellation of an execution
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  workbeat cancel job-7
  workbeat cancel job-7 --wait --output json

For a workflow that `workbeat start` began it sees to it that the request reaches the activity;
the worker learns it with the activity's next heartbeat. Any other workflow's decider must react.
With --wait: exit code 0 if it ended as canceled or completed, else as for `start`.")]
pub(crate) struct Cancel {
    #[command(flatten)]
    pub(crate) execution: Execution,
    /// Wait until the execution is closed
    #[arg(long)]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// Terminate an execution at once, without asking it
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  workbeat terminate job-7 --reason 'started by mistake'

The worker is not asked: it learns with its next heartbeat that its task is closed.")]
pub(crate) struct Terminate {
    #[command(flatten)]
    pub(crate) execution: Execution,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// List executions, the newest first
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("status").args(["open", "closed", "all"]), after_help = "\
Examples:
  workbeat list
  workbeat list --open --type resize
  workbeat list --closed --since 7d --limit 100 --output json | jq '.executions[].workflowId'

`--type` is a workflow type, or the activity type of what `workbeat start` began.")]
pub(crate) struct List {
    /// Those that are open
    #[arg(long)]
    pub(crate) open: bool,
    /// Those that are closed
    #[arg(long)]
    pub(crate) closed: bool,
    /// Open and closed: the default
    #[arg(long)]
    pub(crate) all: bool,
    /// Those that started at most so long ago
    #[arg(long, value_name = "TIME", default_value = "24h")]
    pub(crate) since: Span,
    /// Those of this type: NAME or NAME/VERSION
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) of_type: Option<String>,
    /// Those with this tag
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = at_least_one())]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

/// Show the history of an execution
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  workbeat show job-7
  workbeat show job-7 --output json | jq '.events[].eventType'

The JSON is SWF's own, as GetWorkflowExecutionHistory answers it, all pages in one.")]
pub(crate) struct Show {
    #[command(flatten)]
    pub(crate) execution: Execution,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// Watch activities live: their progress, from the heartbeats that the local server gets
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  workbeat watch                     all activities of the domain, until Ctrl-C
  workbeat watch job-7               those of one workflow, until it is closed
  workbeat watch --output json       one JSON document a line

An activity that reports {\"done\": 3, \"total\": 8}, [3, 8] or a fraction such as 0.375 gets a
bar; anything else is shown as text. SWF on AWS tells nobody of heartbeats, so this needs the
local server.")]
pub(crate) struct Watch {
    /// The workflow id [default: all of the domain]
    #[arg(value_name = "WORKFLOW_ID")]
    pub(crate) workflow_id: Option<String>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}
