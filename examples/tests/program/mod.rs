//! Runs an example as a person does.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

/// How long a program may take before it counts as hanging.
const SOON: Duration = Duration::from_secs(120);

/// What the program prints. It must end well.
pub(crate) async fn screen_of(program: &str) -> String {
    let program = Command::new(program)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = timeout(SOON, program).await.expect("it must end");
    let ended = ended.expect("it must start");
    let screen = String::from_utf8(ended.stdout).expect("text");
    let complaints = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{screen}\n{complaints}");
    assert_eq!(complaints, "", "it must not complain:\n{screen}");
    screen
}
