//! Instructions, counted by callgrind.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use crate::figures::Figures;

/// How many instructions `program` takes from start to end, and the figures that it found itself;
/// none where there is no valgrind.
pub(super) fn of(program: &Command) -> crate::Result<Option<(f64, Figures)>> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    // Threads take turns; fairly, or a loop may spin for as long as the other waits.
    valgrind.arg("--fair-sched=yes");
    valgrind.arg(program.get_program()).args(program.get_args());
    let output = match valgrind.stdin(Stdio::null()).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        output => output?,
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("under callgrind it failed: {said}").into());
    }
    let count = said.lines().find_map(|line| {
        let (_, count) = line.split_once("Collected :")?;
        count.trim().parse().ok()
    });
    let count = count.ok_or_else(|| format!("callgrind says no count: {said}"))?;
    let figures = Figures::read(&String::from_utf8_lossy(&output.stdout));
    Ok(Some((count, figures)))
}
