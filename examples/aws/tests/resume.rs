//! The example that resumes, as a person sees it.

#[path = "../../tests/program/mod.rs"]
mod program;

use program::Program;
use tokio::process::Command;

#[tokio::test]
async fn the_copy_goes_on_where_a_killed_worker_left_it_and_is_whole() {
    let program = env!("CARGO_BIN_EXE_resume");
    let screen = Program::start(&mut Command::new(program)).ended().await;
    let after = |text: &str| -> &str {
        let (_, rest) = screen.split_once(text).expect(&screen);
        rest.lines().next().unwrap_or_default().trim()
    };
    let number = |text: &str| -> u64 {
        let word = after(text).split(&[' ', ','][..]).next();
        word.and_then(|word| word.parse().ok()).expect(&screen)
    };
    let total = number("a file of ");
    let resumed = number("resumed at ");
    assert!(resumed * 2 > total, "it was killed past the half: {screen}");
    assert!(screen.contains("the copy begins at 0\n"), "{screen}");
    assert!(
        screen.contains(&format!("the copy begins at {resumed}\n")),
        "{screen}"
    );
    assert_eq!(number("and copied "), total - resumed, "{screen}");
    let copy = after("SHA-256 of the copy:");
    assert_eq!(copy, after("SHA-256 of the original:"), "{screen}");
    assert_eq!(copy.len(), 64, "{screen}");
}
