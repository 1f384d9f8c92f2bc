//! Exact counts against limits with room for change, for the gate. Never a time.

use std::process::Command;

use crate::figures::Figures;
use crate::{held, short};

/// What may not be more. Each has room for a change that is worth it, about a tenth; those of a
/// heartbeat more, because they depend on how many are due at once.
const LIMITS: [(&str, f64); 6] = [
    ("overhead_allocs", 4.5),
    ("overhead_instructions", 7_000.0),
    ("held_bytes", 1_420.0),
    ("heartbeat_allocs", 4.0),
    ("heartbeat_instructions", 10_500.0),
    ("crates", 46.0),
];

/// Counts, and fails where a count is over its limit.
pub(crate) fn guard() -> crate::Result<Figures> {
    println!("What can be counted exactly, against limits (benches/src/guard.rs): allocations and");
    println!(
        "instructions of a short activity over the floor, bytes that an activity in flight holds,"
    );
    println!("allocations and instructions of a heartbeat, crates in the normal tree of workbeat.");
    let mut figures = short::allocations()?;
    match short::instructions()? {
        Some(instructions) => figures.add_all(&instructions, ""),
        None => println!("SKIPPED: there is no valgrind to count instructions."),
    }
    figures.add_all(&held::counts()?, "");
    figures.add("crates", crates()?);
    let mut over = Vec::new();
    for (key, limit) in LIMITS {
        let Ok(value) = figures.get(key) else {
            continue;
        };
        println!("  {key}: {value:.1}, at most {limit}");
        if value > limit {
            over.push(format!("{key} is {value:.1}, over its limit of {limit}"));
        }
    }
    if over.is_empty() {
        Ok(figures)
    } else {
        Err(format!("{}\n{figures}", over.join("; ")).into())
    }
}

/// How many crates are in the normal tree of `workbeat`, the project's own two included.
fn crates() -> crate::Result<f64> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut tree = Command::new(cargo);
    tree.args([
        "tree",
        "--locked",
        "--package",
        "workbeat",
        "--edges",
        "normal",
    ]);
    tree.args(["--prefix", "none", "--no-dedupe", "--format", "{p}"]);
    let output = tree.current_dir(env!("CARGO_MANIFEST_DIR")).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let mut crates: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
    crates.sort_unstable();
    crates.dedup();
    Ok(crate::sides::count(crates.len() as u64))
}
