//! The `workbeat` command.

fn main() {}
