//! `workbeat start`.

use clap::Args;

use super::{ActivityName, Connection, InputSource, Timeout};

/// Start one activity, follow it, and print its result
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  workbeat start resize --input '{\"width\": 640}'
  workbeat start resize/2.0 --input @job.json --heartbeat-timeout 30s --start-to-close 1h
  make-job | workbeat start resize --input - --output json | jq .result
  workbeat start resize --detach          prints the workflow id; then: workbeat wait ID
  workbeat start resize --aws --region eu-west-1 --domain media

The command makes a workflow execution of this one activity and decides for it, so that no
decider need be written; a worker must run somewhere. A timeout or a task list that is not given
is the activity type's own, and a timeout that neither says is NONE.

Ctrl-C asks for the activity's cancellation and waits for what becomes of it; a second Ctrl-C
leaves. Exit codes: 0 completed, 1 failed, 4 timed out, 5 canceled; the others are in
`workbeat --help`.")]
pub(crate) struct Start {
    /// The activity type: NAME if one version is registered, else NAME/VERSION
    #[arg(value_name = "TYPE")]
    pub(crate) activity_type: ActivityName,
    /// The input: JSON, @FILE, or - for stdin
    #[arg(long, short, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    pub(crate) input: Option<InputSource>,
    /// Take the input as it is, without a look whether it is JSON
    #[arg(long, requires = "input")]
    pub(crate) raw_input: bool,
    /// The task list that a worker for it polls
    #[arg(long, value_name = "NAME")]
    pub(crate) task_list: Option<String>,
    /// The longest time between two heartbeats
    #[arg(long, value_name = "TIME|NONE", help_heading = "Timeouts")]
    pub(crate) heartbeat_timeout: Option<Timeout>,
    /// How long the activity may run
    #[arg(long, value_name = "TIME|NONE", help_heading = "Timeouts")]
    pub(crate) start_to_close: Option<Timeout>,
    /// How long it may wait for a worker
    #[arg(long, value_name = "TIME|NONE", help_heading = "Timeouts")]
    pub(crate) schedule_to_start: Option<Timeout>,
    /// How long it may take in all
    #[arg(long, value_name = "TIME|NONE", help_heading = "Timeouts")]
    pub(crate) schedule_to_close: Option<Timeout>,
    /// The task's priority; higher first
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) priority: Option<i32>,
    /// The workflow id; two open executions cannot have the same [default: a new one]
    #[arg(long, value_name = "ID")]
    pub(crate) workflow_id: Option<String>,
    /// A tag to find it by with `workbeat list --tag`; up to four
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Schedule the activity and leave; `workbeat wait` finishes the workflow later
    #[arg(long)]
    pub(crate) detach: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}
