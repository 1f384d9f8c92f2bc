//! `serve`: what the local server costs, beside moto's.

mod cycles;
mod history;
mod moto;

use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;
use workbeat_server::{ListenAddress, LocalServer};

use crate::figures::Figures;
use crate::measure::{Spread, in_turn};
use crate::sdk::Server;
use crate::sides::runtime;
use cycles::Cycles;

/// The options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// How many cycles a run measures.
    #[arg(long, default_value_t = 5_000)]
    cycles: u64,
    /// How many activities one workflow execution schedules.
    #[arg(long, default_value_t = 100)]
    an_execution: u64,
    /// How many runs.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// moto's server. `tests/clients/run` installs it where this looks for it.
    #[arg(long, default_value = "target/clients-venv/bin/moto_server")]
    moto: PathBuf,
    /// How many cycles a run of moto measures.
    #[arg(long, default_value_t = 300)]
    moto_cycles: u64,
    /// How many events the long history has.
    #[arg(long, default_value_t = 25_000)]
    events: u64,
}

/// The local server as a side: says its URL, and serves until it is ended.
pub(crate) fn local_server() -> crate::Result<()> {
    runtime(2)?.block_on(async {
        let options = LocalServer::builder().listen(ListenAddress::ephemeral());
        let server = options.start().await?;
        println!("{}", server.url());
        std::future::pending().await
    })
}

/// Runs the scenario.
pub(crate) fn serve(options: &Serve) -> crate::Result<Figures> {
    let mut figures = Figures::default();
    println!(
        "The local server in a process of its own, its state in memory: from its start to a connection,"
    );
    println!("the median of {} starts.", options.rounds);
    let started = (0..options.rounds).map(|_| start_up());
    let started = started.collect::<crate::Result<Vec<f64>>>()?;
    figures.add("start_up_ms", Spread::new(started).median);
    println!("  {figures}");

    println!(
        "Cycles of one client through aws-sdk-swf: poll, heartbeat, complete of an activity that was"
    );
    println!(
        "scheduled beforehand, {} in an execution. The server's processor time a cycle.",
        options.an_execution
    );
    let cycles = Cycles {
        cycles: options.cycles,
        an_execution: options.an_execution,
    };
    let ours = || Server::side("local-server").and_then(|server| cycles.run(&server));
    if options.moto.exists() {
        println!(
            "In turn with moto's server, which does {} cycles a run.",
            options.moto_cycles
        );
        let few = Cycles {
            cycles: options.moto_cycles,
            ..cycles
        };
        let theirs = || moto::start(&options.moto).and_then(|server| few.run(&server));
        let [ours, theirs] = in_turn(options.rounds, [&ours, &theirs])?;
        let (ours, theirs) = (ours.of("cycle_us")?, theirs.of("cycle_us")?);
        Spread::of_ratios(&theirs, &ours).add_to(&mut figures, "moto_ratio");
        Spread::new(ours).add_to(&mut figures, "cycle_us");
        figures.add("moto_cycle_us", Spread::new(theirs).median);
    } else {
        println!(
            "moto is left out: {} is not there; tests/clients/run installs it.",
            options.moto.display()
        );
        let [ours] = in_turn(options.rounds, [&ours])?;
        Spread::new(ours.of("cycle_us")?).add_to(&mut figures, "cycle_us");
    }
    println!("  {figures}");

    println!(
        "A history of {} events, read in pages of 1,000.",
        options.events
    );
    let server = Server::side("local-server")?;
    figures.add_all(&history::run(&server, options.events)?, "");
    Ok(figures)
}

/// From the start of the process to the first connection, in milliseconds.
fn start_up() -> crate::Result<f64> {
    let began = Instant::now();
    let server = Server::side("local-server")?;
    let address = server.url().trim_start_matches("http://").parse()?;
    drop(TcpStream::connect_timeout(
        &address,
        Duration::from_secs(5),
    )?);
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}
