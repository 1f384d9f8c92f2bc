//! A few hundred seeds, in every run of the tests. `simulate` runs as many as one likes.

use std::num::NonZero;
use std::thread;

use workbeat_simulation::{Tally, simulate_all};

const SEEDS: u64 = 300;

#[test]
fn nothing_is_lost_in_a_few_hundred_seeds() {
    let threads = thread::available_parallelism().map_or(2, NonZero::get);
    let mut tally = Tally::default();
    let mut wrong = Vec::new();
    simulate_all(0..SEEDS, threads, |outcome| {
        tally.add(&outcome.verdict.tally);
        let seed = outcome.seed;
        let violations = outcome.verdict.violations.iter();
        wrong.extend(violations.map(|violation| format!("seed {seed}: {violation}")));
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A run in which nothing goes wrong shows nothing.
    assert!(tally.tasks > 100 * SEEDS / 3, "{tally:?}");
    assert!(tally.spoilt > 10 * tally.lives, "{tally:?}");
    for seen in [
        tally.phantoms,
        tally.closed,
        tally.reported,
        tally.dropped,
        tally.cancellations,
    ] {
        assert!(seen >= SEEDS, "{tally:?}");
    }
}
