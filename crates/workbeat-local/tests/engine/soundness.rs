//! Whatever is called: histories are sound, no poll waits beside a task, and it makes no
//! difference in which steps time passes.

use proptest::prelude::*;

use crate::run::Run;
use crate::sound::check;
use crate::steps::{Step, beginning, step};

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn histories_are_sound_and_no_poll_waits_beside_a_task(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut run = Run::new(false);
        for step in beginning().iter().chain(&steps) {
            run.take(step);
            run.check_waiting();
        }
        for run_id in run.engine.runs() {
            let history = run.engine.history(&run_id).expect("the run is known");
            check(history, run.engine.is_open(&run_id) == Some(true));
        }
    }

    #[test]
    fn many_small_steps_of_time_are_one_big_step_for_everything(
        steps in prop::collection::vec(step(), 1..90),
        grain in 1_u64..700,
    ) {
        let (mut big, mut small) = (Run::new(false), Run::new(false));
        for step in beginning().iter().chain(&steps) {
            let expected = big.take(step);
            match *step {
                Step::Pass(millis) if millis < 20_000 => {
                    let parts = (0..millis / grain).map(|_| grain).chain([millis % grain]);
                    let mut shown = Vec::new();
                    for part in parts {
                        // The last of it is the next deadline.
                        shown.pop();
                        shown.extend(small.take(&Step::Pass(part)));
                    }
                    prop_assert_eq!(shown, expected);
                }
                _ => prop_assert_eq!(small.take(step), expected),
            }
        }
        prop_assert_eq!(small.histories(), big.histories());
    }
}
