//! The example with child processes, as a person sees it.

#![cfg(unix)]

mod program;

use program::screen_of;

#[tokio::test]
async fn exit_codes_are_failures_and_a_cancellation_ends_all_that_was_started() {
    // That it ends at all says that no `sleep 3600` is left: each holds the output that the
    // activity reads to its end.
    let screen = screen_of(env!("CARGO_BIN_EXE_child_process")).await;
    let said: Vec<_> = screen
        .lines()
        .filter_map(|line| line.strip_prefix("  it "))
        .collect();
    assert_eq!(
        said,
        [
            "completed: \"3 files packed\"",
            "failed: EXIT_CODE_3: tape 7 is full",
            "was canceled: it cleaned up when it was asked to end",
            "was canceled: it did not end when it was asked to, and was killed",
        ],
        "{screen}"
    );
    assert_eq!(
        screen.matches("a heartbeat says: \"waiting for ").count(),
        2
    );
}
