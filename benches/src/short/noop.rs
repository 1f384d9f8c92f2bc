//! `noop`: what the worker costs over a loop written by hand.

use clap::Args;

use crate::figures::Figures;
use crate::measure::{Side, Spread, in_turn};
use crate::peer::Peer;

/// The options of `noop`.
#[derive(Debug, Args)]
pub(crate) struct Noop {
    /// How many activities a run measures.
    #[arg(long, default_value_t = 100_000)]
    tasks: u64,
    /// How many runs of each side.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// The peer's driver (benches/peer), to run it in turn.
    #[arg(long, value_name = "PROGRAM")]
    peer: Option<Peer>,
    /// How many activities a run of the peer measures.
    #[arg(long, default_value_t = 20_000)]
    peer_tasks: u64,
}

/// Allocations a task, counted on one thread: of the worker, of the floor, and their difference.
pub(crate) fn allocations() -> crate::Result<Figures> {
    let counted = |role: &str| {
        let side = side(role, 5_000).with("warm-up", 1_000).counted()?;
        side.get("allocations")
    };
    let (worker, floor) = (counted("worker")?, counted("floor")?);
    Ok(Figures::default()
        .with("overhead_allocs", worker - floor)
        .with("worker_allocs", worker)
        .with("floor_allocs", floor))
}

/// The same of instructions, where there is valgrind.
pub(crate) fn instructions() -> crate::Result<Option<Figures>> {
    let counted = |role: &str| {
        Side::new("short")
            .with("role", role)
            .instructions(2_000, 12_000)
    };
    let (Some(worker), Some(floor)) = (counted("worker")?, counted("floor")?) else {
        return Ok(None);
    };
    Ok(Some(
        Figures::default()
            .with("overhead_instructions", worker - floor)
            .with("worker_instructions", worker)
            .with("floor_instructions", floor),
    ))
}

fn side(role: &str, tasks: u64) -> Side {
    Side::new("short").with("role", role).with("tasks", tasks)
}

/// Runs the scenario.
pub(crate) fn noop(options: &Noop) -> crate::Result<Figures> {
    let Noop { tasks, rounds, .. } = *options;
    println!(
        "Short activities through a service in this process that does nothing: 150-byte tokens, a"
    );
    println!(
        "string in and the same out as JSON, 100 slots. The floor is a bare tokio loop that polls,"
    );
    println!("spawns, decodes, encodes and responds by hand, through the same service.");
    println!("Allocations are counted on one thread, on an allocator that counts.");
    let allocations = allocations()?;
    println!("  {allocations}");
    let instructions = instructions()?;
    match &instructions {
        Some(instructions) => {
            println!(
                "Instructions are counted by callgrind: 12,000 tasks less 2,000.\n  {instructions}"
            );
        }
        None => println!("There is no valgrind, so instructions are left out."),
    }
    println!("Times: {tasks} tasks a run, {rounds} runs of each side in turn, on one thread.");
    let one = times(tasks, rounds, 1)?;
    println!("  {one}");
    println!("The same on two threads, with two loops and two workers, so that no thread parks.");
    let two = times(tasks, rounds, 2)?;
    println!("  {two}");
    println!("One loop and one worker on two threads: what wake-ups between threads add to each.");
    let shared = shared(tasks, rounds)?;
    println!("  {shared}");
    let peer = match &options.peer {
        Some(peer) => {
            println!("{}", Peer::WHAT);
            println!("In turn with it, each less its own service, on two threads and on one:");
            let two = beside_peer(options, peer, 2)?;
            println!("  {two}");
            let one = beside_peer(options, peer, 1)?;
            println!("  {one}");
            Some((two, one))
        }
        None => {
            println!("The peer is left out: say where its driver is with --peer (benches/peer).");
            None
        }
    };
    let mut figures = one;
    figures.add_all(&allocations, "");
    if let Some(instructions) = &instructions {
        figures.add_all(instructions, "");
    }
    figures.add_all(&two, "_2_threads");
    figures.add_all(&shared, "");
    if let Some((two, one)) = &peer {
        figures.add_all(two, "");
        figures.add_all(one, "_1_thread");
    }
    Ok(figures)
}

fn times(tasks: u64, rounds: usize, threads: usize) -> crate::Result<Figures> {
    let side = |role| {
        side(role, tasks)
            .with("threads", threads)
            .with("loops", threads)
    };
    let (worker, floor) = (side("worker"), side("floor"));
    let [worker, floor] = in_turn(rounds, [&|| worker.run(), &|| floor.run()])?;
    let (ours, others) = (worker.of("cpu_us")?, floor.of("cpu_us")?);
    let mut figures = Figures::default();
    Spread::of_differences(&ours, &others).add_to(&mut figures, "overhead_us");
    Spread::of_ratios(&ours, &others).add_to(&mut figures, "ratio");
    figures.add("worker_us", worker.median("cpu_us")?);
    figures.add("floor_us", floor.median("cpu_us")?);
    figures.add("worker_parks", worker.median("parks_per_task")?);
    figures.add("floor_parks", floor.median("parks_per_task")?);
    Ok(figures)
}

/// One loop and one worker, which two threads share.
fn shared(tasks: u64, rounds: usize) -> crate::Result<Figures> {
    let side = |role| side(role, tasks).with("threads", 2);
    let (worker, floor) = (side("worker"), side("floor"));
    let [worker, floor] = in_turn(rounds, [&|| worker.run(), &|| floor.run()])?;
    Ok(Figures::default()
        .with("one_worker_us_2_threads", worker.median("cpu_us")?)
        .with("one_floor_us_2_threads", floor.median("cpu_us")?)
        .with("one_worker_parks", worker.median("parks_per_task")?)
        .with("one_floor_parks", floor.median("parks_per_task")?))
}

/// The worker beside the peer, on as many threads, each less its own service.
fn beside_peer(options: &Noop, peer: &Peer, threads: usize) -> crate::Result<Figures> {
    let worker = side("worker", options.tasks).with("threads", threads);
    let service = side("service", options.tasks);
    let tasks = options.peer_tasks;
    let [worker, service, sdk, core, fake] = in_turn(
        options.rounds.min(5),
        [
            &|| worker.run(),
            &|| service.run(),
            &|| peer.noop("sdk", tasks, threads),
            &|| peer.noop("core", tasks, threads),
            &|| peer.noop("service", tasks, threads),
        ],
    )?;
    let less = |side: Vec<f64>, service: Vec<f64>| -> Vec<f64> {
        side.iter()
            .zip(service)
            .map(|(side, service)| side - service)
            .collect()
    };
    let ours = less(worker.of("cpu_us")?, service.of("cpu_us")?);
    let sdk = less(sdk.of("cpu_us")?, fake.of("cpu_us")?);
    let core = less(core.of("cpu_us")?, fake.of("cpu_us")?);
    let mut figures = Figures::default()
        .with("worker_less_service_us", Spread::new(ours.clone()).median)
        .with("peer_sdk_us", Spread::new(sdk.clone()).median)
        .with("peer_core_us", Spread::new(core.clone()).median);
    Spread::of_ratios(&sdk, &ours).add_to(&mut figures, "peer_sdk_ratio");
    Spread::of_ratios(&core, &ours).add_to(&mut figures, "peer_core_ratio");
    Ok(figures)
}
