//! The example with a database, as a person sees it.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

/// How long the program may take before it counts as hanging.
const SOON: Duration = Duration::from_secs(120);

#[tokio::test]
async fn a_cancellation_rolls_back_and_who_finds_no_connection_waits_under_heartbeats() {
    let program = Command::new(env!("CARGO_BIN_EXE_database"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = timeout(SOON, program).await.expect("it must end");
    let ended = ended.expect("it must start");
    let screen = String::from_utf8(ended.stdout).expect("text");
    let complaints = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{screen}\n{complaints}");
    assert_eq!(complaints, "", "{screen}");

    assert!(
        screen.contains("the import completed: 100 lines"),
        "{screen}"
    );
    assert!(
        screen.contains("the import was canceled: rolled back "),
        "{screen}"
    );
    assert_eq!(
        screen.matches("the table has 100 lines").count(),
        2,
        "{screen}"
    );
    for number in 1..=4 {
        let says = |what: &str| {
            screen
                .find(&format!("count {number} {what}"))
                .expect(&screen)
        };
        let waits = says("says that it waits for a connection");
        let given_back = screen
            .find("the connections are given back")
            .expect(&screen);
        let completed = says("completed: 100 lines");
        assert!(waits < given_back && given_back < completed, "{screen}");
    }
    let exhausted = "the count failed: POOL_EXHAUSTED: no connection within 100ms";
    assert!(screen.contains(exhausted), "{screen}");
    assert!(
        screen.contains("5 completed, 1 failed, 1 canceled"),
        "{screen}"
    );
}
