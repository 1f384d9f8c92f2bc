//! The table of the fifty cases in `docs/reliability.md` names every test that carries a case's
//! number, and no other; and every mutation that such a test was seen to catch.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const CASES: std::ops::RangeInclusive<u32> = 1..=50;

/// A test of a case: its number, its name, and the file that it is in.
type CaseTest = (u32, String, PathBuf);

fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the workspace")
}

/// The Rust files below `folder`, but for what was built.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Number and name of the test that `line` begins, if it carries a number.
fn numbered(line: &str) -> Option<(u32, String)> {
    let line = line.trim_start();
    let line = line.strip_prefix("async ").unwrap_or(line);
    let name = line.strip_prefix("fn ")?.split('(').next()?;
    let (number, _) = name.strip_prefix("case_")?.split_once('_')?;
    Some((number.parse().ok()?, name.to_owned()))
}

/// The tests that carry a number, as the sources have them.
fn tests() -> BTreeSet<CaseTest> {
    let mut files = Vec::new();
    for folder in ["crates", "tests"] {
        sources(&root().join(folder), &mut files);
    }
    let mut found = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("UTF-8");
        let path = file.strip_prefix(root()).expect("below the root");
        for (number, name) in text.lines().filter_map(numbered) {
            found.insert((number, name, path.to_owned()));
        }
    }
    found
}

/// The cells of each row of the page's table of cases, by the case's number.
fn rows() -> BTreeMap<u32, Vec<String>> {
    let page = fs::read_to_string(root().join("docs/reliability.md")).expect("the page");
    let section = page
        .split("\n## ")
        .find(|part| part.starts_with("The fifty cases"));
    let rows = section.expect("the section").lines().filter_map(|line| {
        let cells = line.strip_prefix('|')?.strip_suffix('|')?.split('|');
        let cells: Vec<_> = cells.map(|cell| cell.trim().to_owned()).collect();
        Some((cells[0].parse().ok()?, cells))
    });
    rows.collect()
}

/// The links in a cell: what they say, and where to, seen from the root.
fn links(cell: &str) -> Vec<(String, PathBuf)> {
    let parts = cell.split("](");
    let ends = parts.clone().skip(1);
    let links = parts.zip(ends).map(|(before, after)| {
        let text = before.rsplit('[').next().unwrap_or_default();
        let target = after.split(')').next().unwrap_or_default();
        let target = target.strip_prefix("../").unwrap_or(target);
        (text.replace('`', ""), PathBuf::from(target))
    });
    links.collect()
}

#[test]
fn every_case_has_a_test_and_the_table_names_them_all() {
    let (tests, rows) = (tests(), rows());
    let mut named = BTreeSet::new();
    for number in CASES {
        let cells = rows.get(&number);
        let cells = cells.unwrap_or_else(|| panic!("the table has no row for case {number}"));
        let links = links(&cells[2]);
        assert!(!links.is_empty(), "case {number} has no test");
        named.extend(links.into_iter().map(|(text, file)| (number, text, file)));
    }
    let row = |(number, name, file): &CaseTest| {
        format!("\n| {number} | [`{name}`](../{})", file.display())
    };
    let missing: String = tests.difference(&named).map(row).collect();
    assert_eq!(missing, "", "not in the table of docs/reliability.md");
    let invented: String = named.difference(&tests).map(row).collect();
    assert_eq!(invented, "", "in the table, but not in the sources");
}

#[test]
fn every_mutation_is_marked_at_its_case() {
    let folder = fs::read_dir(root().join("tests/mutations")).expect("the mutations");
    let files = folder.map(|entry| entry.expect("an entry").path());
    let patches = files.filter(|file| file.extension().is_some_and(|end| end == "patch"));
    let patches: BTreeSet<_> = patches
        .map(|file| {
            let name = file.file_name().expect("a name").to_string_lossy();
            let number = name
                .split('-')
                .next()
                .and_then(|number| number.parse().ok());
            let file = file.strip_prefix(root()).expect("below the root");
            (number.expect("NN-what.patch"), file.to_owned())
        })
        .collect();
    let marked: BTreeSet<(u32, _)> = rows()
        .into_iter()
        .flat_map(|(number, cells)| {
            let links = cells.get(3).map(|cell| links(cell)).unwrap_or_default();
            links.into_iter().map(move |(_, file)| (number, file))
        })
        .collect();
    assert_eq!(marked, patches);
    assert!(patches.len() >= 10);
}
