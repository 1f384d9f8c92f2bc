//! The example on the blocking pool, as a person sees it.

mod program;

use program::screen_of;

#[tokio::test]
async fn it_computes_under_heartbeats_and_ends_when_it_is_cancelled() {
    let screen = screen_of(env!("CARGO_BIN_EXE_blocking_pool")).await;
    let (completes, cancelled) = screen.split_once("2. ").expect("two parts");
    assert!(completes.contains("it completed: 78498 primes"), "{screen}");
    let answered = cancelled
        .find("was answered with the request")
        .expect(&screen);
    let ended = cancelled
        .find("it was canceled: stopped at ")
        .expect(&screen);
    assert!(answered < ended, "{screen}");
    // The last heartbeats came while it computed.
    assert!(cancelled.contains("heartbeat 3: "), "{screen}");
    assert!(
        screen.contains("1 completed, 0 failed, 1 canceled"),
        "{screen}"
    );
}
