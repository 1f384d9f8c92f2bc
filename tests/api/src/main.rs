//! Prints the public API of a crate, an item a line, from what rustdoc writes as JSON.

use std::collections::HashSet;
use std::error::Error;
use std::io::{self, Write as _};

use public_api::Builder;

fn main() -> Result<(), Box<dyn Error>> {
    let json = std::env::args_os().nth(1);
    let json = json.ok_or("usage: api CRATE.json")?;
    let list = || Builder::from_rustdoc_json(&json).omit_blanket_impls(true);

    let all = lines(list())?;
    let without_auto_traits: HashSet<_> = lines(list().omit_auto_trait_impls(true))?
        .into_iter()
        .collect();
    let written_by_hand: HashSet<_> = lines(list().omit_auto_derived_impls(true))?
        .into_iter()
        .collect();

    let mut out = io::stdout().lock();
    for line in all {
        let kept = if !without_auto_traits.contains(&line) {
            tells_of_auto_trait(&line)
        } else {
            written_by_hand.contains(&line) || tells_of_derive(&line)
        };
        if kept {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn lines(list: Builder) -> Result<Vec<String>, public_api::Error> {
    Ok(list.build()?.items().map(ToString::to_string).collect())
}

/// Nearly every type is `Send`, `Sync` and `Unpin`. So a line says where one is not, or only under
/// conditions.
fn tells_of_auto_trait(line: &str) -> bool {
    let known = ["Send", "Sync", "Unpin"]
        .iter()
        .any(|name| line.contains(&format!("core::marker::{name} for ")));
    known && (line.starts_with("impl !") || line.contains(" where "))
}

/// That a trait is derived, but not the methods that come with it.
fn tells_of_derive(line: &str) -> bool {
    line.starts_with("impl") && !line.contains("StructuralPartialEq")
}
