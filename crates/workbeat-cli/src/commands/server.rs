//! `workbeat server`.

use crate::args::Server;
use crate::output::Output;
use crate::problem::{Problem, ProblemKind};

pub(crate) async fn run(_server: &Server, _output: &mut Output) -> Result<u8, Problem> {
    Err(Problem::new(ProblemKind::Refused, "not here", "x"))
}
