//! The same seed is the same run, to the last line.

use std::thread;

use workbeat_simulation::simulate;

#[test]
fn the_same_seed_gives_the_same_timeline_to_the_byte() {
    let run = |seeds: std::ops::Range<u64>| -> Vec<String> {
        seeds.map(|seed| simulate(seed).timeline()).collect()
    };
    let (first, again) = thread::scope(|scope| {
        let first = scope.spawn(|| run(0..25));
        let again = scope.spawn(|| run(0..25));
        (first.join().unwrap(), again.join().unwrap())
    });
    for (seed, (first, again)) in first.iter().zip(&again).enumerate() {
        assert!(
            first.lines().count() > 100,
            "seed {seed} does next to nothing"
        );
        let differs = first.lines().zip(again.lines()).find(|(a, b)| a != b);
        assert_eq!(differs, None, "seed {seed}");
        assert!(first == again, "seed {seed}");
    }
    assert_ne!(first[0], first[1]);
}
