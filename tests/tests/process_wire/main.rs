//! The worker on the real SDK of AWS, and a server, with a network between them that goes wrong:
//! whatever happens there, the server's history says of every task what the worker's report says.
//!
//! These tests wait for most of their time, so they all run side by side, also on a machine with
//! few cores.

mod act;
mod blocked;
mod judge;
mod operations;
mod outages;
mod signals;
mod stage;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// The long ones come first. More at once would only be in each other's way.
const SIDE_BY_SIDE: usize = 30;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
    let trials = [
        outages::trials(),
        blocked::trials(),
        signals::trials(),
        operations::trials(),
    ];
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit_code()
}

/// A test in a runtime of its own.
fn trial<F: Future<Output = ()>>(
    name: impl Into<String>,
    test: impl FnOnce() -> F + Send + 'static,
) -> Trial {
    Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(test());
        Ok(())
    })
}
