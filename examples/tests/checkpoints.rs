//! The example with checkpoints, as a person sees it.

mod program;

use program::screen_of;

#[tokio::test]
async fn the_second_attempt_goes_on_where_the_last_heartbeat_of_the_first_was() {
    let screen = screen_of(env!("CARGO_BIN_EXE_checkpoints")).await;
    let after = |text: &str| -> &str {
        let (_, rest) = screen.split_once(text).expect(&screen);
        rest.lines().next().unwrap_or_default().trim()
    };
    let number = |text: &str| -> u64 {
        let word = after(text).split(&[' ', ':', '}'][..]).next();
        word.and_then(|word| word.parse().ok()).expect(&screen)
    };
    let total = number("A file of ");
    assert_eq!(number("Attempt 1 begins at "), 0, "{screen}");
    let checkpoint = number("its last heartbeat: {\"offset\":");
    assert!(number("a heartbeat says ") <= checkpoint, "{screen}");
    assert!(0 < checkpoint && checkpoint < total, "{screen}");
    assert_eq!(number("Attempt 2 begins at "), checkpoint, "{screen}");
    assert_eq!(after("of the copy:"), after("of the original:"), "{screen}");
    assert_eq!(after("of the copy:").len(), 64, "{screen}");
    // Each byte once, but for what was written after the last heartbeat.
    let rest = number("it completed, and copied ");
    assert!(rest <= total - checkpoint, "{screen}");
}
