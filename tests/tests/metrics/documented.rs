//! The tables of `docs/metrics.md` say what the table in the code says.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use workbeat::metrics::{ALL, Label};

/// A file of the workspace.
pub(crate) fn file(path: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the workspace").join(path)
}

fn code(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// A row for each metric.
fn metrics() -> String {
    let mut rows =
        String::from("| metric | type | unit | labels | what it says |\n|---|---|---|---|---|\n");
    for metric in ALL {
        let labels: Vec<_> = metric.labels.iter().map(|label| label.name).collect();
        let (name, kind, unit) = (metric.name, metric.kind.as_str(), metric.unit.as_str());
        let (labels, description) = (code(&labels), metric.description);
        writeln!(
            rows,
            "| `{name}` | {kind} | {unit} | {labels} | {description} |"
        )
        .expect("a String takes all");
    }
    rows
}

/// A row for each label, and the metrics that have it.
fn labels() -> String {
    let mut rows = String::from("| label | of | values | what it says |\n|---|---|---|---|\n");
    let mut listed: Vec<Label> = Vec::new();
    for label in ALL.iter().flat_map(|metric| metric.labels) {
        if listed.contains(label) {
            continue;
        }
        listed.push(*label);
        let having = ALL.iter().filter(|metric| metric.labels.contains(label));
        let of: Vec<_> = having.map(|metric| metric.name).collect();
        let values = match label.values {
            [] => "the application's".to_owned(),
            values => code(values),
        };
        let (name, description) = (label.name, label.description);
        writeln!(
            rows,
            "| `{name}` | {} | {values} | {description} |",
            code(&of)
        )
        .expect("a String takes all");
    }
    rows
}

#[test]
fn the_page_has_the_tables_of_the_code() {
    let page = fs::read_to_string(file("docs/metrics.md")).expect("the page");
    for table in [metrics(), labels()] {
        assert!(
            page.contains(&table),
            "docs/metrics.md must hold:\n\n{table}"
        );
    }
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let all: BTreeSet<_> = rows.collect();
    let (metrics, labels) = (metrics(), labels());
    let known = metrics.lines().chain(labels.lines());
    let known: BTreeSet<_> = known.filter(|line| line.starts_with("| `")).collect();
    assert_eq!(all, known);
}

#[test]
fn names_are_as_prometheus_wants_them() {
    for metric in ALL {
        let (name, kind, unit) = (metric.name, metric.kind.as_str(), metric.unit.as_str());
        assert!(name.starts_with("workbeat_"), "{name}");
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name}");
        assert_eq!(name.ends_with("_seconds"), unit == "seconds", "{name}");
        assert!(
            name.chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '_')
        );
    }
    let names: BTreeSet<_> = ALL.iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), ALL.len());
}
