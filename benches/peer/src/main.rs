//! Temporal's Rust SDK as an activity worker, measured as `bench` measures ours: `bench` runs
//! this with `--peer`, and reads the last line.
//!
//! `workbeat-peer STACK SCENARIO [key=value]...`
//!
//! | stack | what runs |
//! |---|---|
//! | `sdk` | the whole SDK, its own service in the process in place of the network |
//! | `core` | the core alone, with its own mocked client: no encoding, no poller |
//! | `service` | the service alone |
//!
//! `noop` runs short activities: `tasks`, `slots`, `threads`. `hold` keeps them in flight, each
//! reporting every 10 s: `tasks`, `seconds`, `threads`. One thread is tokio's current-thread runtime.

mod activities;
mod core_stack;
mod measure;
mod sdk_stack;
mod service;

use std::collections::HashMap;
use std::error::Error;

use measure::Scenario;
use tokio::runtime::Builder;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What the command line says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) scenario: Scenario,
    pub(crate) tasks: u64,
    pub(crate) slots: usize,
    pub(crate) seconds: u64,
}

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let stack = words.next().ok_or("which stack: sdk, core or service?")?;
    let scenario = match words.next().as_deref() {
        Some("noop") => Scenario::Noop,
        Some("hold") => Scenario::Hold,
        _ => return Err("which scenario: noop or hold?".into()),
    };
    let mut numbers = HashMap::new();
    for word in words {
        let (key, number) = word.split_once('=').ok_or("options are key=number")?;
        numbers.insert(key.to_owned(), number.parse::<u64>()?);
    }
    let number = |key: &str, default| numbers.get(key).copied().unwrap_or(default);
    let tasks = number("tasks", 20_000);
    let slots = match scenario {
        Scenario::Noop => number("slots", 100),
        Scenario::Hold => tasks,
    };
    let options = Options {
        scenario,
        tasks,
        slots: usize::try_from(slots)?,
        seconds: number("seconds", 20),
    };
    let threads = usize::try_from(number("threads", 2))?;
    let mut runtime = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let runtime = runtime.worker_threads(threads).enable_all().build()?;
    let line = runtime.block_on(async {
        match stack.as_str() {
            "sdk" => sdk_stack::run(options).await,
            "core" => core_stack::run(options).await,
            "service" => service::alone(options).await,
            _ => Err("the stacks are sdk, core and service".into()),
        }
    })?;
    println!("{line}");
    // Long polls that nobody ends would hold up the runtime's own end.
    runtime.shutdown_background();
    std::process::exit(0)
}
