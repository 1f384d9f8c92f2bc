//! The judge is judged: each mistake that is put into the worker on purpose is found, and by
//! the check that is meant for it.
//!
//! It needs a build of its own: `tests/simulation/seeded-faults`.
#![cfg(workbeat_seeded_faults)]

use std::num::NonZero;
use std::thread;

use workbeat::seeded_faults::{SeededFault, plant};
use workbeat_simulation::{Check, simulate_all};

/// Enough that each is found several times over.
const SEEDS: u64 = 40;

/// The check that is to find it.
fn meant_for(fault: SeededFault) -> Check {
    match fault {
        SeededFault::OffersAgain => Check::OutcomeRepeated,
        SeededFault::GivesUp | SeededFault::ForgetsTask => Check::Unaccounted,
        SeededFault::BeatsOn => Check::BeatAfterOutcome,
        SeededFault::FreesSlotEarly => Check::SlotsOver,
        SeededFault::BelievesCanceled => Check::CanceledUnasked,
        SeededFault::BeatsSlowly => Check::Missed,
        _ => panic!("no check is named for {fault:?}"),
    }
}

/// In how many seeds each check found something.
fn found(fault: Option<SeededFault>) -> Vec<(Check, usize)> {
    plant(fault);
    let threads = thread::available_parallelism().map_or(2, NonZero::get);
    let mut found: Vec<Check> = Vec::new();
    simulate_all(0..SEEDS, threads, |outcome| {
        let violations = outcome.verdict.violations.iter();
        let mut checks: Vec<_> = violations.map(|violation| violation.check).collect();
        checks.sort();
        checks.dedup();
        found.extend(checks);
    });
    plant(None);
    found.sort();
    let chunks = found.chunk_by(|a, b| a == b);
    chunks.map(|chunk| (chunk[0], chunk.len())).collect()
}

#[test]
fn every_seeded_fault_is_found_by_its_check_and_nothing_is_found_without() {
    assert_eq!(found(None), [], "without a fault");
    for fault in SeededFault::ALL {
        let found = found(Some(fault));
        println!("{fault:?}: {found:?} of {SEEDS} seeds");
        let check = meant_for(fault);
        let seeds = found.iter().find(|(found, _)| *found == check);
        assert!(
            seeds.is_some_and(|(_, seeds)| *seeds > 1),
            "{fault:?}: {found:?}"
        );
    }
}
