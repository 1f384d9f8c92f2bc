//! `workbeat server`.

use std::path::PathBuf;

use clap::Args;
use workbeat_server::{Denial, Faults, ListenAddress};

use super::Span;

/// Run the local server: Amazon SWF's protocol on this machine
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  workbeat server
  workbeat server --data swf.db                             keeps its state
  workbeat server --listen 127.0.0.1:0                      a free port, which it prints
  workbeat server --deny RecordActivityTaskHeartbeat        as a missing IAM permission would
  workbeat server --fault throttle=0.1,lost-answer=0.02,latency=50ms --fault-seed 7

When it is ready it prints `listening on http://ADDRESS` as its first line. Ctrl-C or SIGTERM
stops it gracefully, a second one at once. Point an AWS SDK or the AWS CLI at it with
AWS_ENDPOINT_URL_SWF=http://127.0.0.1:7100; any credentials do.")]
pub(crate) struct Server {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7100")]
    pub(crate) listen: ListenAddress,
    /// Keep the state in this file; what was answered survives even kill -9
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// How long a poll is held when there is no task
    #[arg(long, value_name = "TIME", default_value = "60s")]
    pub(crate) poll_hold: Span,
    /// Answer an operation with OperationNotPermittedFault, everywhere or on one task list
    #[arg(long, value_name = "OPERATION[:TASKLIST]", help_heading = "Faults")]
    pub(crate) deny: Vec<Denial>,
    /// Let calls go wrong: throttle, unavailable, lost-answer, phantom (each 0 to 1), latency
    #[arg(long, value_name = "NAME=VALUE,...", help_heading = "Faults")]
    pub(crate) fault: Option<Faults>,
    /// Let the same calls go wrong each time
    #[arg(long, value_name = "N", help_heading = "Faults")]
    pub(crate) fault_seed: Option<u64>,
}
