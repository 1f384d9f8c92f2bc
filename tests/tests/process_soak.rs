//! The soak in short: memory stays flat over many activities, and would be seen to grow.
//!
//! `cargo run --release -p workbeat-tests --bin soak -- --activities 2000000` is the long one.
//! It asks Linux how much memory a process has.
#![cfg(target_os = "linux")]

use std::process::{Command, Output};

fn soak(more: &[&str]) -> Output {
    let mut soak = Command::new(env!("CARGO_BIN_EXE_soak"));
    // Few activities, so little room for what the allocator does: more is allowed than at length.
    soak.args(["--warm-up", "40000", "--tolerance", "20"]);
    soak.args(more).output().expect("it starts")
}

fn last_line(output: &Output) -> &str {
    let text = std::str::from_utf8(&output.stdout).expect("text");
    text.trim_end().lines().next_back().unwrap_or_default()
}

#[test]
fn memory_stays_flat_over_120000_activities() {
    let output = soak(&["--activities", "120000"]);
    let last = last_line(&output);
    assert!(output.status.success(), "{output:?}");
    assert!(
        last.starts_with("activities=120000 rss_after_warm_up="),
        "{last}"
    );
    assert!(last.contains(" rss_end=") && last.ends_with('%'), "{last}");
}

#[test]
fn a_hundred_bytes_lost_with_each_activity_are_seen() {
    let output = soak(&["--activities", "100000", "--leak", "100"]);
    assert!(!output.status.success(), "{output:?}");
    let last = last_line(&output);
    assert!(last.starts_with("activities=100000 "), "{last}");
    // That is why it failed, and not that something was lost.
    let growth = last.rsplit_once(" growth=").map(|(_, growth)| growth);
    let growth = growth.and_then(|growth| growth.trim_end_matches('%').parse::<f64>().ok());
    assert!(growth.is_some_and(|growth| growth > 20.0), "{last}");
}
