//! The example with two processes, as a person sees it.

#[path = "../../tests/program/mod.rs"]
mod program;

use program::Program;
use tokio::process::Command;

#[tokio::test]
async fn another_process_completes_what_the_worker_has_handed_on() {
    let program = env!("CARGO_BIN_EXE_other_process");
    let screen = Program::start(&mut Command::new(program)).ended().await;
    let process = |text: &str| -> &str {
        let line = screen.lines().find(|line| line.contains(text));
        let (process, _) = line.and_then(|line| line.split_once("] ")).expect(&screen);
        process
    };
    let first = process("the worker runs");
    assert_eq!(
        process("the activity handed its task on"),
        first,
        "{screen}"
    );
    assert!(screen.contains("0 activities run"), "{screen}");
    let second = process("I have the token: ");
    assert_ne!(second, first, "{screen}");
    assert_eq!(
        process("a heartbeat: cancel requested? false"),
        second,
        "{screen}"
    );
    assert_eq!(process("completed\n".trim_end()), second, "{screen}");
    let said = r#"the history says: ActivityTaskCompleted, "approved""#;
    assert_eq!(process(said), first, "{screen}");
    assert!(screen.contains("1 handed on, 0 unanswered"), "{screen}");
}
