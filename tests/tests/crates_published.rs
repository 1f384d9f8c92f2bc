//! What crates.io and docs.rs show of each crate that is published: its metadata, its README, its
//! licences and a table of its features.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The categories that the crates use: crates.io refuses names that it does not know.
const CATEGORIES: [&str; 9] = [
    "api-bindings",
    "asynchronous",
    "command-line-utilities",
    "concurrency",
    "development-tools",
    "development-tools::procedural-macro-helpers",
    "development-tools::testing",
    "web-programming",
    "web-programming::http-server",
];

fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the workspace")
}

fn cargo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).arg("--offline").current_dir(root());
    let output = command.output().expect("cargo");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A crate as its manifest has it.
struct Crate(Value);

impl Crate {
    /// All that are published.
    fn all() -> Vec<Self> {
        let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
        let mut metadata: Value = serde_json::from_str(&metadata).expect("JSON");
        let packages = metadata["packages"].as_array_mut().expect("packages");
        // `publish = false` is an empty list of registries.
        packages.retain(|package| package["publish"].is_null());
        packages.drain(..).map(Self).collect()
    }

    fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }

    fn texts(&self, key: &str) -> Vec<&str> {
        let values = self.0[key].as_array().expect("a list");
        values.iter().filter_map(Value::as_str).collect()
    }

    fn name(&self) -> &str {
        self.text("name")
    }

    fn folder(&self) -> PathBuf {
        root().join("crates").join(self.name())
    }

    fn file(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.folder().join(path)).ok()
    }

    fn features(&self) -> BTreeSet<String> {
        let features = self.0["features"].as_object().expect("features");
        let named = features.keys().filter(|feature| *feature != "default");
        named.cloned().collect()
    }
}

/// What each crate lacks, by the check's word; a crate that lacks nothing has no line.
fn assert_nothing_lacks(lacks: impl Fn(&Crate) -> Vec<String>) {
    let crates = Crate::all();
    assert!(crates.len() >= 7, "only {} crates are found", crates.len());
    let mut lines = Vec::new();
    for published in &crates {
        for lack in lacks(published) {
            lines.push(format!("{}: {lack}", published.name()));
        }
    }
    assert!(lines.is_empty(), "\n{}", lines.join("\n"));
}

/// The rules of crates.io for a keyword.
fn is_keyword(word: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_-+".contains(letter);
    word.len() <= 20
        && word.starts_with(|first: char| first.is_ascii_alphanumeric())
        && word.chars().all(allowed)
}

#[test]
fn each_crate_says_in_its_manifest_what_it_is() {
    assert_nothing_lacks(|published| {
        let mut lacks = Vec::new();
        for key in ["description", "license", "repository", "rust_version"] {
            if published.text(key).is_empty() {
                lacks.push(format!("Cargo.toml has no {}", key.replace('_', "-")));
            }
        }
        if published.text("readme") != "README.md" {
            lacks.push("Cargo.toml has no readme = \"README.md\"".to_owned());
        }
        let keywords = published.texts("keywords");
        if !(1..=5).contains(&keywords.len()) {
            lacks.push("Cargo.toml must have one to five keywords".to_owned());
        }
        for keyword in keywords.iter().filter(|keyword| !is_keyword(keyword)) {
            lacks.push(format!("crates.io takes no keyword {keyword:?}"));
        }
        let categories = published.texts("categories");
        if !(1..=5).contains(&categories.len()) {
            lacks.push("Cargo.toml must have one to five categories".to_owned());
        }
        for category in categories {
            if !CATEGORIES.contains(&category) {
                lacks.push(format!(
                    "the category {category:?} is not in this test: is it one of crates.io's?"
                ));
            }
        }
        lacks
    });
}

#[test]
fn docs_rs_shows_each_library_with_all_its_features() {
    assert_nothing_lacks(|published| {
        let Some(library) = published.file("src/lib.rs") else {
            return Vec::new();
        };
        let mut lacks = Vec::new();
        if published.0["metadata"]["docs"]["rs"]["all-features"] != true {
            lacks.push(
                "Cargo.toml has no [package.metadata.docs.rs] with all-features = true".to_owned(),
            );
        }
        let says_which = "#![cfg_attr(docsrs, feature(doc_cfg))]";
        if !published.features().is_empty() && !library.contains(says_which) {
            lacks.push(format!(
                "src/lib.rs has no {says_which}, which shows what needs which feature"
            ));
        }
        lacks
    });
}

#[test]
fn each_package_holds_its_readme_and_its_licences() {
    assert_nothing_lacks(|published| {
        let package = ["package", "--list", "--allow-dirty", "--package"];
        let listed = cargo(&[&package[..], &[published.name()]].concat());
        let listed: BTreeSet<&str> = listed.lines().collect();
        let mut lacks = Vec::new();
        for file in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
            if !listed.contains(file) {
                lacks.push(format!("the package has no {file}"));
            }
        }
        for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
            if published.file(file) != fs::read_to_string(root().join(file)).ok() {
                lacks.push(format!("{file} is not the project's"));
            }
        }
        lacks
    });
}

#[test]
fn each_readme_shows_what_the_crate_is_for() {
    assert_nothing_lacks(|published| {
        let Some(readme) = published.file("README.md") else {
            return vec!["there is no README.md".to_owned()];
        };
        let mut lacks = Vec::new();
        let mut lack = |lacking: bool, what: &str| {
            if lacking {
                lacks.push(format!("README.md {what}"));
            }
        };
        let title = format!("# {}\n", published.name());
        lack(!readme.starts_with(&title), "does not begin with its name");
        lack(!readme.contains("\n```"), "shows no code");
        let words = readme.split_whitespace().count();
        lack(words < 60, "is a stub: it has fewer than 60 words");
        let licensed = readme.contains("MIT") && readme.contains("Apache-2.0");
        lack(!licensed, "does not say the licence");
        // crates.io resolves them in the repository's root, if at all.
        let relative = readme.split("](").skip(1).any(|rest| {
            let target = rest.split(')').next().unwrap_or_default();
            !target.starts_with("https://") && !target.starts_with('#')
        });
        lack(
            relative,
            "has a relative link, which leads nowhere on crates.io",
        );
        lacks
    });
}

/// The features that the tables of a text have: those of which the first column is `feature`.
fn features_in_tables(text: &str) -> Option<BTreeSet<String>> {
    let cell = |line: &str| {
        let line = line.trim_start_matches("//!").trim().strip_prefix('|')?;
        line.split('|').next().map(|cell| cell.trim().to_owned())
    };
    let mut found = None;
    let mut inside = false;
    for first in text.lines().map(cell) {
        match first.as_deref() {
            None => inside = false,
            Some("feature") => {
                inside = true;
                found.get_or_insert_with(BTreeSet::new);
            }
            Some(name) if inside && !name.starts_with('-') => {
                let name = name.trim_matches('`').to_owned();
                found.get_or_insert_with(BTreeSet::new).insert(name);
            }
            Some(_) => {}
        }
    }
    found
}

#[test]
fn each_feature_is_in_a_table_of_the_readme_and_the_documentation() {
    assert_nothing_lacks(|published| {
        let features = published.features();
        let mut lacks = Vec::new();
        for page in ["README.md", "src/lib.rs"] {
            let text = published.file(page).unwrap_or_default();
            let table = features_in_tables(&text);
            if table.is_none() && features.is_empty() {
                continue;
            }
            let table = table.unwrap_or_default();
            for feature in features.difference(&table) {
                lacks.push(format!(
                    "the feature {feature:?} is in no table | feature | of {page}"
                ));
            }
            for feature in table.difference(&features) {
                lacks.push(format!("{page} has a feature {feature:?}, Cargo.toml not"));
            }
        }
        lacks
    });
}

#[test]
fn the_gate_packages_each_crate() {
    let gate = fs::read_to_string(root().join(".ci/run")).expect("the gate");
    let listed = gate
        .lines()
        .find_map(|line| line.strip_prefix("published=("));
    let listed = listed.expect("a line that begins with `published=(`");
    let listed: BTreeSet<_> = listed.trim_end_matches(')').split(' ').collect();
    let crates = Crate::all();
    let published: BTreeSet<_> = crates.iter().map(Crate::name).collect();
    assert_eq!(listed, published, "`published` in .ci/run is not right");
}
