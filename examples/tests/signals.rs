//! The example with signals: the test sends them to the program, and reads its screen.

#![cfg(unix)]

mod program;

use program::Program;
use rustix::process::Signal;
use tokio::process::Command;

fn start() -> Program {
    Program::start(&mut Command::new(env!("CARGO_BIN_EXE_signals")))
}

#[tokio::test]
async fn it_pauses_resumes_and_drains_as_the_signals_say() {
    let mut program = start();
    program.says(" completed").await;
    program.signal(Signal::USR1);
    program.says("Paused").await;
    let idle = program.says("nothing new was taken: ").await;
    let (_, waiting) = idle.split_once(": ").expect("how many wait");

    program.signal(Signal::USR2);
    let resumed = program.says("Resumed").await;
    assert!(resumed.ends_with(waiting), "{}", program.screen());
    program.says(" completed").await;

    program.signal(Signal::TERM);
    program.says("Draining").await;
    // The deadline ends what would not.
    program
        .says("the night shift failed: WORKBEAT_WORKER_DRAINING")
        .await;
    let report = program.says("The drain's report: ").await;
    assert!(
        report.contains(" completed, 1 failed, 0 canceled"),
        "{report}"
    );
    assert!(report.contains("0 unanswered"), "{report}");
    let screen = program.ended().await;
    assert!(
        screen.contains("windows wait for another worker"),
        "{screen}"
    );
}

#[tokio::test]
async fn a_second_signal_to_drain_ends_it_at_once_and_names_what_got_no_answer() {
    let mut program = start();
    program.says(" completed").await;
    program.signal(Signal::INT);
    program.says("Draining").await;
    program.signal(Signal::TERM);
    program.says("Draining").await;
    let screen = program.ended().await;
    assert!(screen.contains("  no answer for activity-1: "), "{screen}");
}
