//! The judge is judged: each mistake that is put into the worker on purpose is found, and by
//! the check that is meant for it.
//!
//! It needs a build of its own: `tests/simulation/seeded-faults`.
#![cfg(workbeat_seeded_faults)]

use std::num::NonZero;
use std::ops::Range;
use std::thread;

use workbeat::seeded_faults::{SeededFault, plant};
use workbeat_simulation::{Check, simulate_all};

/// So many seeds at a time, until the check has found the fault in some of them.
const SEEDS: u64 = 10;

/// The most seeds for one fault.
const MOST: u64 = 100;

/// The check that is to find it.
fn meant_for(fault: SeededFault) -> Check {
    match fault {
        SeededFault::OffersAgain => Check::OutcomeRepeated,
        SeededFault::GivesUp | SeededFault::ForgetsTask => Check::Unaccounted,
        SeededFault::BeatsOn => Check::BeatAfterOutcome,
        SeededFault::FreesSlotEarly => Check::SlotsOver,
        SeededFault::BelievesCanceled => Check::CanceledUnasked,
        SeededFault::BeatsSlowly => Check::Missed,
        SeededFault::OffersLate => Check::OutcomeLate,
        SeededFault::ForgetsGrace => Check::GraceOverrun,
        _ => panic!("no check is named for {fault:?}"),
    }
}

/// In which seeds each check found something, one entry a seed.
fn found(seeds: Range<u64>) -> Vec<Check> {
    let threads = thread::available_parallelism().map_or(2, NonZero::get);
    let mut found: Vec<Check> = Vec::new();
    simulate_all(seeds, threads, |outcome| {
        let violations = outcome.verdict.violations.iter();
        let mut checks: Vec<_> = violations.map(|violation| violation.check).collect();
        checks.sort();
        checks.dedup();
        found.extend(checks);
    });
    found
}

#[test]
fn every_seeded_fault_is_found_by_its_check_and_nothing_is_found_without() {
    plant(None);
    assert_eq!(found(0..2 * SEEDS), [], "without a fault");
    for fault in SeededFault::ALL {
        plant(Some(fault));
        let check = meant_for(fault);
        let (mut by_check, mut seeds) = (0, 0);
        while by_check < 3 && seeds < MOST {
            let found = found(seeds..seeds + SEEDS);
            by_check += found.into_iter().filter(|found| *found == check).count();
            seeds += SEEDS;
        }
        println!("{fault:?}: {check:?} in {by_check} of {seeds} seeds");
        assert!(
            by_check >= 3,
            "{fault:?}: {check:?} in {by_check} of {seeds} seeds"
        );
    }
    plant(None);
}
