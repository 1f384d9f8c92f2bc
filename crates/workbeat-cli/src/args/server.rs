//! `workbeat server`.

use std::path::PathBuf;

use clap::Args;
use workbeat_server::{Denial, Faults, HostName, ListenAddress};

use super::Span;

/// Run the local server: Amazon SWF's protocol on this machine
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  workbeat server
  workbeat server --data swf.db                             keeps its state
  workbeat server --listen 127.0.0.1:0                      a free port, which it prints
  workbeat server --listen 0.0.0.0:7100 --allow-host swf    in a network of containers
  workbeat server --deny RecordActivityTaskHeartbeat        as a missing IAM permission would
  workbeat server --fault throttle=0.1,lost-answer=0.02,latency=50ms --fault-seed 7

When it is ready it prints `listening on http://ADDRESS` as its first line. Ctrl-C or SIGTERM
stops it gracefully, a second one at once. Point an AWS SDK or the AWS CLI at it with
AWS_ENDPOINT_URL_SWF=http://127.0.0.1:7100; any credentials do.")]
pub(crate) struct Server {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7100")]
    pub(crate) listen: ListenAddress,
    /// Answer also to this name, besides localhost and IP addresses; can be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<HostName>,
    /// Keep the state in this file; what was answered survives even kill -9
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// How long a poll is held when there is no task
    #[arg(long, value_name = "TIME", default_value = "60s")]
    pub(crate) poll_hold: Span,
    /// How many connections there can be; past that, those that wait the longest give way
    #[arg(
        long,
        value_name = "N",
        default_value_t = 4_096,
        help_heading = "Limits"
    )]
    pub(crate) max_connections: usize,
    /// How long to wait for a client: for a head, a body, or that it takes its answer
    #[arg(
        long,
        value_name = "TIME",
        default_value = "30s",
        help_heading = "Limits"
    )]
    pub(crate) request_timeout: Span,
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
