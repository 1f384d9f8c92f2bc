//! The pages of the repository: their links lead somewhere, the book has all of them, and what they
//! quote of the worker and of the compiler is what these say.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the workspace")
}

/// The files below `folder` that end with `extension`, but for what was built or is hidden.
fn files(folder: &Path, extension: &str, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || matches!(&*name, "target" | "node_modules") {
            continue;
        }
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|end| end == extension) {
            found.insert(path);
        }
    }
}

fn read(path: &Path) -> String {
    let text = fs::read_to_string(path);
    text.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a page that are no code, without what is code in them, and the lines of code.
fn prose_and_code(page: &str) -> (Vec<String>, Vec<(String, String)>) {
    let (mut prose, mut code) = (Vec::new(), Vec::new());
    let mut language = None;
    for line in page.lines() {
        match (line.trim_start().strip_prefix("```"), &language) {
            (Some(tag), None) => language = Some(tag.to_owned()),
            (Some(_), Some(_)) => language = None,
            (None, Some(tag)) => code.push((tag.clone(), line.trim().to_owned())),
            (None, None) => prose.push(line.to_owned()),
        }
    }
    (prose, code)
}

/// The targets of the links in a text. One that goes on in the next line is whole, because lines
/// are joined.
fn targets(prose: &[String]) -> Vec<String> {
    let text = prose.join("\n");
    let ends = text.split("](").skip(1);
    ends.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

/// The anchor that GitHub and mdBook make of a heading.
fn anchor(heading: &str) -> String {
    // Of a link only the text is left.
    let mut text = String::new();
    let mut rest = heading;
    while let Some((before, link)) = rest.split_once("](") {
        text.push_str(before);
        rest = link.split_once(')').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let mut anchor = String::new();
    for letter in text.trim().chars() {
        match letter {
            ' ' => anchor.push('-'),
            '-' | '_' => anchor.push(letter),
            _ if letter.is_alphanumeric() => anchor.extend(letter.to_lowercase()),
            _ => {}
        }
    }
    anchor
}

fn anchors(page: &Path) -> BTreeSet<String> {
    let (prose, _) = prose_and_code(&read(page));
    let headings = prose.iter().filter(|line| line.starts_with('#'));
    headings
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect()
}

/// The same path without `..` in it.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

fn pages() -> BTreeSet<PathBuf> {
    let mut pages = BTreeSet::new();
    files(root(), "md", &mut pages);
    pages
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let mut dead = String::new();
    let mut seen = 0;
    for page in pages() {
        let (prose, _) = prose_and_code(&read(&page));
        for target in targets(&prose) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let folder = page.parent().expect("a folder");
            let file = match file {
                "" => page.clone(),
                file => plain(&folder.join(file)),
            };
            let found = file.exists() && (heading.is_empty() || anchors(&file).contains(heading));
            if !found {
                let page = page.strip_prefix(root()).expect("below the root");
                dead.push_str(&format!("\n{}: {target}", page.display()));
            }
        }
    }
    assert_eq!(dead, "", "links that lead nowhere");
    assert!(seen > 300, "only {seen} links were found");
}

#[test]
fn the_book_has_every_page_of_docs() {
    let docs = root().join("docs");
    let (prose, _) = prose_and_code(&read(&docs.join("SUMMARY.md")));
    let in_book: BTreeSet<_> = targets(&prose)
        .into_iter()
        .map(|target| docs.join(target))
        .collect();
    let mut pages = BTreeSet::new();
    files(&docs, "md", &mut pages);
    pages.remove(&docs.join("SUMMARY.md"));
    let missing: Vec<_> = pages.difference(&in_book).collect();
    assert!(missing.is_empty(), "not in docs/SUMMARY.md: {missing:?}");
    let invented: Vec<_> = in_book.difference(&pages).collect();
    assert!(
        invented.is_empty(),
        "in docs/SUMMARY.md alone: {invented:?}"
    );
}

/// The sources of the published crates without comments and tests, each text in one line.
fn sources() -> String {
    let mut paths = BTreeSet::new();
    for entry in fs::read_dir(root().join("crates")).expect("the crates") {
        files(
            &entry.expect("a crate").path().join("src"),
            "rs",
            &mut paths,
        );
    }
    let mut sources = String::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with("_tests.rs") {
            continue;
        }
        let text = read(&path);
        let text = text.split("#[cfg(test)]\nmod tests {").next();
        let mut goes_on = false;
        for line in text.unwrap_or_default().lines() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            let line = if goes_on { line.trim_start() } else { line };
            let part = line.strip_suffix('\\');
            goes_on = part.is_some();
            sources.push_str(&part.unwrap_or(line).replace("\\\"", "\""));
            if !goes_on {
                sources.push('\n');
            }
        }
    }
    sources
}

/// What the compiler says of each mistake, as `tests/macros` has it.
fn compiler() -> String {
    let mut paths = BTreeSet::new();
    files(
        &root().join("tests/macros/tests/ui/fail"),
        "stderr",
        &mut paths,
    );
    assert!(paths.len() > 20, "only {} cases were found", paths.len());
    paths.iter().map(|path| read(path)).collect()
}

/// Whether the sources have what a page quotes: as it is, or in two parts, because a message is put
/// together from its kind or its subject and the rest.
fn is_said(sources: &str, quoted: &str) -> bool {
    const SHORTEST: usize = 8;
    let said = |part: &str| {
        let part = part.trim_matches([' ', ':', ';', '`']);
        part.len() >= SHORTEST && sources.contains(part)
    };
    let spaces = quoted.match_indices(' ').map(|(at, _)| at);
    said(quoted)
        || spaces
            .map(|at| quoted.split_at(at))
            .any(|(first, second)| said(first) && said(second))
}

/// What a line of a page quotes, between the dots that stand for what differs.
fn quotes(line: &str) -> impl Iterator<Item = &str> {
    let parts = line.split("...");
    parts.filter(|part| part.chars().any(char::is_alphanumeric))
}

#[test]
fn what_the_page_on_troubleshooting_quotes_is_what_the_worker_and_the_compiler_say() {
    let sources = sources() + &compiler();
    let page = read(&root().join("docs/troubleshooting.md"));
    let (prose, code) = prose_and_code(&page);
    let lines = code.iter().filter(|(language, _)| language == "text");
    let lines: Vec<_> = lines.map(|(_, line)| line).collect();
    assert!(lines.len() > 30, "only {} lines were found", lines.len());
    let unsaid: Vec<_> = lines
        .into_iter()
        .filter(|line| !quotes(line).all(|quoted| is_said(&sources, quoted)))
        .collect();
    assert!(unsaid.is_empty(), "nothing says so any more: {unsaid:#?}");

    // And its names: codes, causes, and what can be called.
    let text = prose.join("\n");
    let spans = text.split('`').skip(1).step_by(2);
    let mut unknown = Vec::new();
    for span in spans {
        let of_others = span.starts_with("AWS_") || span.starts_with("RUST_");
        let is_code = span.contains('_')
            && span
                .chars()
                .all(|letter| letter.is_ascii_uppercase() || letter == '_');
        let method = ["ctx.", "handle."]
            .iter()
            .find_map(|object| span.strip_prefix(object));
        let name = method.and_then(|method| method.split('(').next());
        let known = match name {
            _ if of_others => true,
            _ if is_code => sources.contains(span.trim_end_matches('_')),
            Some(name) => {
                sources.contains(&format!("pub fn {name}"))
                    || sources.contains(&format!("pub async fn {name}"))
            }
            None => true,
        };
        if !known {
            unknown.push(span);
        }
    }
    assert!(unknown.is_empty(), "there is no such name: {unknown:#?}");
}

#[test]
fn a_quotation_that_nothing_says_is_found() {
    let sources = "warn!(\"{subject} is not accepted yet\"); \"the outcome\"; \"the drain ended\"";
    assert!(is_said(sources, "the outcome is not accepted yet"));
    assert!(is_said(sources, "the drain ended"));
    assert!(!is_said(sources, "the drain has ended"));
    assert!(!is_said(sources, "the outcome is accepted"));
}

#[test]
fn headings_become_the_anchors_that_the_sites_make() {
    assert_eq!(
        anchor(" `HeartbeatLost` though it runs"),
        "heartbeatlost-though-it-runs"
    );
    assert_eq!(
        anchor(" When a machine slept, or stood"),
        "when-a-machine-slept-or-stood"
    );
    assert_eq!(anchor(" [A link](page.md) here"), "a-link-here");
}
