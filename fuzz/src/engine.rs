//! A sequence of calls to the engine, as a wire brings them, and of times.

use arbitrary::{Result, Unstructured};
use serde_json::{Value, json};

use crate::run::Run;
use crate::step::{Step, beginning};
use crate::{odd, shapes, sound};

/// The most steps of one run.
const STEPS: usize = 48;

/// Two engines take the same steps, one of which is restored from its rows now and then: they
/// must give the same answers, histories must be sound, no poll may wait beside a task, and what
/// is kept must not grow out of proportion to what was sent.
pub fn engine_calls(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let (mut kept, mut restored) = (Run::new(false), Run::new(true));
    let mut size = Size::default();
    let mut take = |step: &Step| {
        let expected = kept.take(step);
        assert_eq!(restored.take(step), expected, "after {step:?}");
        size.check(step, restored.bytes_kept());
    };
    beginning().iter().for_each(&mut take);
    for _ in 0..STEPS {
        if u.is_empty() {
            break;
        }
        // What is left of the bytes makes no step.
        let Ok(step) = step(&mut u) else { break };
        take(&step);
    }
    take(&Step::Restore);
    kept.check_waiting();
    for run_id in kept.engine.runs() {
        let history = kept.engine.history(&run_id).expect("the run is known");
        sound::check(history, kept.engine.is_open(&run_id) == Some(true));
    }
    assert_eq!(restored.histories(), kept.histories());
    for last in [Step::Pass(200_000_000), Step::Pass(99_999_999_999_000)] {
        let expected = kept.take(&last);
        assert_eq!(restored.take(&last), expected);
    }
    assert_eq!(restored.histories(), kept.histories());
}

/// Any step.
pub fn step(u: &mut Unstructured<'_>) -> Result<Step> {
    Ok(match u.int_in_range(0..=23)? {
        0..=2 => Step::Pass(u.int_in_range(0..=2_500)?),
        3 => Step::Pass(*u.choose(&[10_000, 90_000_000, 99_999_999_999_000, u64::MAX])?),
        4 => Step::Back(*u.choose(&[1, 30_000, u64::MAX])?),
        5 => Step::Restore,
        6 => Step::Withdraw(u.arbitrary()?),
        7 => Step::Abandon(u.arbitrary()?),
        8 => Step::Describe(u.arbitrary()?),
        9..=11 => Step::Decide(u.arbitrary()?, shapes::decisions(u)?),
        12 | 13 => {
            let operation = *u.choose(&[
                "RecordActivityTaskHeartbeat",
                "RespondActivityTaskCompleted",
                "RespondActivityTaskFailed",
                "RespondActivityTaskCanceled",
            ])?;
            let token = u.arbitrary()?;
            match shapes::input(u, operation)? {
                input @ Value::Object(_) => Step::WithActivityToken(operation, token, input),
                odd => Step::Call(operation, odd),
            }
        }
        14..=16 => {
            let operation = *u.choose(&["PollForActivityTask", "PollForDecisionTask"])?;
            let list = u.choose(&["l0", "l1"])?;
            Step::Call(
                operation,
                json!({"domain": "d", "taskList": {"name": list}}),
            )
        }
        17..=22 => {
            let operation = *u.choose(&shapes::OPERATIONS)?;
            Step::Call(operation, shapes::input(u, operation)?)
        }
        _ => {
            let operation = *u.choose(&shapes::OPERATIONS)?;
            Step::Call(operation, odd::json(u, 3)?)
        }
    })
}

/// How much was sent, and how much may be kept of it.
#[derive(Default)]
struct Size {
    sent: usize,
    steps: usize,
}

impl Size {
    fn check(&mut self, step: &Step, kept: usize) {
        self.steps += 1;
        self.sent += match step {
            Step::Call(_, input)
            | Step::WithActivityToken(_, _, input)
            | Step::Decide(_, input) => input.to_string().len(),
            _ => 0,
        };
        let most = 8 * self.sent + 4_096 * self.steps;
        assert!(
            kept <= most,
            "{kept} bytes are kept of {} in {} steps",
            self.sent,
            self.steps
        );
    }
}
