//! The program on the counting allocator: built where it is wanted.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// Where it is. Started by `cargo run`, which builds one program alone, this builds the other.
pub(super) fn program() -> crate::Result<PathBuf> {
    static BUILT: OnceLock<std::result::Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build().map_err(|error| error.to_string()));
    Ok(built.clone()?)
}

fn build() -> crate::Result<PathBuf> {
    let this = std::env::current_exe()?;
    let program = this.with_file_name("bench-counting");
    let Some(cargo) = std::env::var_os("CARGO") else {
        return if program.exists() {
            Ok(program)
        } else {
            Err("start it with `cargo run`, or build `bench-counting` too".into())
        };
    };
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--bin", "bench-counting"]);
    // Of the whole workspace: what was built for another of its programs serves this one too.
    build.args([
        "--manifest-path",
        concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"),
    ]);
    if let Some(target) = this.ancestors().nth(2) {
        build.arg("--target-dir").arg(target);
    }
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    if !cfg!(feature = "sdk") {
        build.arg("--no-default-features");
    }
    if build.status()?.success() {
        Ok(program)
    } else {
        Err("`bench-counting` could not be built".into())
    }
}
