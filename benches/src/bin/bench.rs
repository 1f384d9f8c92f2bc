//! `cargo run --release --bin bench -- SCENARIO`; see docs/benchmarks.md.

use std::process::ExitCode;

fn main() -> ExitCode {
    workbeat_benches::run(None)
}
