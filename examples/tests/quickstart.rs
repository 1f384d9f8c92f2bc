//! The quickstart as a person sees it: the real program, on real folders.

#![allow(clippy::unwrap_used, reason = "in a test, to unwrap is to assert")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// What was printed, and how it ended.
struct Run {
    status: ExitStatus,
    out: String,
    err: String,
    /// The program's folder for temporary folders.
    temporary: TempDir,
}

/// The program, with a folder of its own for what it leaves behind.
fn quickstart(temporary: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quickstart"));
    command.env("TMPDIR", temporary.path()).stdin(Stdio::null());
    command
}

fn run(arguments: &[&Path]) -> Run {
    let temporary = tempfile::tempdir().unwrap();
    let output = quickstart(&temporary).args(arguments).output().unwrap();
    ended(output, temporary)
}

fn ended(output: Output, temporary: TempDir) -> Run {
    Run {
        status: output.status,
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        temporary,
    }
}

impl Run {
    fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Everything, for an assertion that fails.
    fn all(&self) -> String {
        format!("{}\n{}{}", self.status, self.out, self.err)
    }

    /// The names of the activities' events in the history of this number.
    fn history(&self, number: u32) -> Vec<&str> {
        let title = format!("The service's history of activity {number}");
        self.out
            .split_once(&title)
            .map_or("", |(_, table)| table)
            .lines()
            .skip(1)
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.split_whitespace().nth(2))
            .filter(|event| event.starts_with("ActivityTask"))
            .collect()
    }

    /// What is left in the folder for temporary folders.
    fn left_behind(&self) -> Vec<PathBuf> {
        paths_in(self.temporary.path())
    }
}

fn paths_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A folder with a little of everything, and what of it belongs into the archive.
fn small_folder() -> (TempDir, BTreeMap<String, Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let packed: BTreeMap<String, Vec<u8>> = [
        (".gitignore", b"*.log\n/build/\n".to_vec()),
        (".hidden", b"hidden".to_vec()),
        ("empty", Vec::new()),
        ("readme", "some text ".repeat(5_000).into_bytes()),
        (
            "src/deep/down/file",
            (0..=255).cycle().take(100_000).collect(),
        ),
        ("src/with blank", b"blank".to_vec()),
    ]
    .map(|(name, content)| (name.to_owned(), content))
    .into();
    for (name, content) in &packed {
        write(folder.path(), name, content);
    }
    for ignored in ["a.log", "src/b.log", "build/c", ".git/config"] {
        write(folder.path(), ignored, "ignored");
    }
    (folder, packed)
}

fn unpacked(archive: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(archive).unwrap()));
    let mut files = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        files.insert(name, content);
    }
    files
}

fn sha256(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn one_activity_completes_and_one_is_cancelled_half_way() {
    let (folder, packed) = small_folder();
    let run = run(&[folder.path()]);
    assert_eq!(run.code(), Some(0), "{}", run.all());
    assert_eq!(run.err, "");

    assert_eq!(
        run.history(1),
        [
            "ActivityTaskScheduled",
            "ActivityTaskStarted",
            "ActivityTaskCompleted"
        ],
        "{}",
        run.all()
    );
    assert_eq!(
        run.history(2),
        [
            "ActivityTaskScheduled",
            "ActivityTaskStarted",
            "ActivityTaskCancelRequested",
            "ActivityTaskCanceled"
        ],
        "{}",
        run.all()
    );
    assert!(
        run.out.contains("\"removed the partial archive\""),
        "{}",
        run.all()
    );
    assert!(run.out.contains("docs/cancellation.md"), "{}", run.all());

    // No terminal: lines, and nothing that only a terminal understands.
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!run.out.contains(control), "{}", run.all());
    let heartbeats = run.out.lines().filter(|line| line.contains(" %  ")).count();
    assert!((2..=22).contains(&heartbeats), "{}", run.all());

    // What is kept is what it says is kept: one archive, one manifest, no partial file.
    let [workplace] = &run.left_behind()[..] else {
        panic!("one folder: {:?}", run.left_behind());
    };
    assert!(
        run.out
            .contains(&format!("Kept in {}", workplace.display())),
        "{}",
        run.all()
    );
    let (archive, manifest) = (
        workplace.join("folder.tgz"),
        workplace.join("folder.sha256"),
    );
    assert_eq!(paths_in(workplace), [manifest.clone(), archive.clone()]);

    assert_eq!(unpacked(&archive), packed);
    let lines: String = packed
        .iter()
        .map(|(name, content)| format!("{}  {name}\n", sha256(content)))
        .collect();
    assert_eq!(fs::read_to_string(manifest).unwrap(), lines);
    let digest = sha256(&fs::read(&archive).unwrap());
    assert!(
        run.out.contains(&format!("sha256 {digest}")),
        "{}",
        run.all()
    );
}

/// Runs it on a small folder and presses Ctrl-C when a line with `after` has come.
#[cfg(unix)]
fn interrupted(after: &str) -> Run {
    let temporary = tempfile::tempdir().unwrap();
    let (folder, _) = small_folder();
    let mut child = quickstart(&temporary)
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut out = String::new();
    while !out.contains(after) {
        assert_ne!(lines.read_line(&mut out).unwrap(), 0, "{out}");
    }
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    lines.read_to_string(&mut out).unwrap();
    let mut output = child.wait_with_output().unwrap();
    output.stdout = out.into_bytes();
    ended(output, temporary)
}

#[cfg(unix)]
#[test]
fn ctrl_c_in_the_first_cancels_it_cleans_up_and_ends() {
    let run = interrupted(", heartbeat ");
    assert_eq!(run.code(), Some(130), "{}", run.all());
    let history = run.history(1);
    assert_eq!(
        history[history.len() - 2..],
        ["ActivityTaskCancelRequested", "ActivityTaskCanceled"],
        "{}",
        run.all()
    );
    assert!(!run.out.contains("2. The same activity"), "{}", run.all());
    assert!(run.err.contains("cancelled by Ctrl-C"), "{}", run.all());
    assert!(run.left_behind().is_empty(), "{:?}", run.left_behind());
}

#[cfg(unix)]
#[test]
fn ctrl_c_in_the_second_cancels_it_early_and_the_demonstration_goes_on() {
    let run = interrupted("2. The same activity");
    assert_eq!(run.code(), Some(0), "{}", run.all());
    assert!(run.out.contains("Ctrl-C: asking"), "{}", run.all());
    assert_eq!(
        run.history(2).last(),
        Some(&"ActivityTaskCanceled"),
        "{}",
        run.all()
    );
    assert!(run.out.contains("Kept in"), "{}", run.all());
}

/// Runs what cannot work: it says so on stderr alone, with what to do, and leaves nothing.
#[track_caller]
fn refused(arguments: &[&Path], code: i32, says: &str) {
    let run = run(arguments);
    assert_eq!(run.code(), Some(code), "{}", run.all());
    assert!(run.err.starts_with("quickstart: "), "{}", run.all());
    assert!(run.err.contains(says), "{}", run.all());
    assert_eq!(run.err.lines().count(), 2, "{}", run.all());
    assert!(run.left_behind().is_empty(), "{:?}", run.left_behind());
}

#[test]
fn an_empty_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    refused(&[folder.path()], 1, "no files to pack");
}

#[test]
fn a_folder_of_which_git_ignores_all_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), ".gitignore", "*");
    write(folder.path(), "file", "content");
    refused(
        &[folder.path()],
        1,
        "what git would ignore, and links, do not count",
    );
}

#[test]
fn a_missing_folder_is_refused() {
    refused(
        &[Path::new("/no/such/folder")],
        2,
        "cannot open the folder `/no/such/folder`",
    );
}

#[test]
fn a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "file", "content");
    refused(&[&folder.path().join("file")], 2, "is a file, not a folder");
}

#[test]
fn a_second_argument_is_refused() {
    refused(&[Path::new("/"), Path::new("/")], 2, "more than one folder");
}

#[test]
fn help_is_no_mistake() {
    let run = run(&[Path::new("--help")]);
    assert_eq!(run.code(), Some(0), "{}", run.all());
    assert!(
        run.out
            .contains("usage: cargo run --release --bin quickstart"),
        "{}",
        run.all()
    );
    assert_eq!(run.err, "");
}

/// Who runs the tests as root can read every file, so the program runs as nobody then.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_fails_the_activity_and_is_named() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let permit = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a", "content");
    write(folder.path(), "secret", "content");
    permit(folder.path(), 0o755);
    let secret = folder.path().join("secret");
    permit(&secret, 0o000);

    let temporary = tempfile::tempdir().unwrap();
    permit(temporary.path(), 0o777);
    let program = tempfile::tempdir().unwrap();
    permit(program.path(), 0o755);
    let binary = program.path().join("quickstart");
    fs::copy(env!("CARGO_BIN_EXE_quickstart"), &binary).unwrap();

    let mut command = Command::new(&binary);
    command.arg(folder.path()).env("TMPDIR", temporary.path());
    if fs::read(&secret).is_ok() {
        command.uid(65_534).gid(65_534);
    }
    let run = ended(command.output().unwrap(), temporary);
    assert_eq!(run.code(), Some(1), "{}", run.all());
    let named = format!("cannot read `{}`: Permission denied", secret.display());
    assert!(run.err.contains(&named), "{}", run.all());
    assert_eq!(
        run.history(1).last(),
        Some(&"ActivityTaskFailed"),
        "{}",
        run.all()
    );
    assert!(run.left_behind().is_empty(), "{:?}", run.left_behind());
}
