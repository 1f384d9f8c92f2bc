//! Which files of a folder are packed, and how they are read.

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

/// Looking stops after this many files, so that a whole disk does not take minutes.
const MOST_FILES: usize = 50_000;

/// How much is read at a time: small enough that a cancellation is seen within milliseconds.
const CHUNK: usize = 32 * 1024;

/// One file to pack.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SourceFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What it is called in the archive: its path below the folder.
    pub(crate) name: PathBuf,
    /// How many bytes of it are packed.
    pub(crate) size: u64,
    /// Whether these are only the first of more.
    pub(crate) cut: bool,
}

impl SourceFile {
    /// Its content, chunk by chunk.
    pub(crate) fn open(&self) -> Result<Chunks<'_, File>, Unreadable> {
        let file = File::open(&self.path).map_err(|error| Unreadable::new(&self.path, error))?;
        Ok(Chunks::new(&self.path, file, self.size))
    }
}

/// The files of a folder that are packed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// In the order of their paths.
    pub(crate) files: Vec<SourceFile>,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// How many files were found but are not packed.
    pub(crate) left_out: usize,
    /// Whether there are more files than were looked for.
    pub(crate) more: bool,
}

impl Selection {
    /// Looks through `folder`: everything that git would track in it, as far as `budget` bytes
    /// reach. `apart` is a folder to pass over: the one that the archive is written to.
    pub(crate) fn of(folder: &Path, apart: &Path, budget: Option<u64>) -> Result<Self, Unreadable> {
        let mut found = Self::default();
        for entry in walk(folder, apart) {
            let file = entry.and_then(|entry| source_file(folder, &entry));
            let Some(file) = file.map_err(|error| Unreadable::walking(folder, error))? else {
                continue;
            };
            if found.files.len() == MOST_FILES {
                found.more = true;
                break;
            }
            found.bytes += file.size;
            found.files.push(file);
        }
        Ok(match budget {
            Some(budget) => found.within(budget),
            None => found,
        })
    }

    /// The first files, as far as `budget` bytes reach; the last of them may be cut.
    pub(crate) fn within(self, budget: u64) -> Self {
        let found = self.files.len();
        let mut kept = Self {
            more: self.more,
            ..Self::default()
        };
        for mut file in self.files {
            let room = budget - kept.bytes;
            if room == 0 {
                break;
            }
            if file.size > room {
                file.size = room;
                file.cut = true;
            }
            kept.bytes += file.size;
            kept.files.push(file);
        }
        kept.left_out = found - kept.files.len();
        kept
    }
}

/// Every entry below `folder` that git would not ignore, sorted, without following links.
fn walk(folder: &Path, apart: &Path) -> ignore::Walk {
    let apart = apart.to_path_buf();
    WalkBuilder::new(folder)
        .standard_filters(false)
        .parents(true)
        .git_ignore(true)
        .git_global(true)
        .git_exclude(true)
        // A folder that was never put under git may have a .gitignore all the same.
        .require_git(false)
        .follow_links(false)
        .filter_entry(move |entry| entry.file_name() != ".git" && entry.path() != apart)
        .sort_by_file_name(Ord::cmp)
        .build()
}

/// The entry as a file to pack; nothing for a folder, a link, a socket and the like.
fn source_file(folder: &Path, entry: &DirEntry) -> Result<Option<SourceFile>, ignore::Error> {
    if !entry.file_type().is_some_and(|kind| kind.is_file()) {
        return Ok(None);
    }
    let path = entry.path();
    Ok(Some(SourceFile {
        name: path.strip_prefix(folder).unwrap_or(path).to_path_buf(),
        size: entry.metadata()?.len(),
        path: path.to_path_buf(),
        cut: false,
    }))
}

/// A file's content, chunk by chunk, and exactly as much as was asked for.
///
/// An archive says how long a file is before the file comes. One that shrinks while it is
/// read would make the archive unreadable, so that is an error.
pub(crate) struct Chunks<'a, R> {
    path: &'a Path,
    reader: R,
    left: u64,
    buffer: Vec<u8>,
}

impl<'a, R: Read> Chunks<'a, R> {
    fn new(path: &'a Path, reader: R, size: u64) -> Self {
        let largest = usize::try_from(size).map_or(CHUNK, |size| size.min(CHUNK));
        Self {
            path,
            reader,
            left: size,
            buffer: vec![0; largest],
        }
    }

    /// The next chunk, or nothing at the end.
    pub(crate) fn next_chunk(&mut self) -> Result<Option<&[u8]>, Unreadable> {
        if self.left == 0 {
            return Ok(None);
        }
        let wanted = usize::try_from(self.left).map_or(CHUNK, |left| left.min(CHUNK));
        let chunk = &mut self.buffer[..wanted];
        self.reader
            .read_exact(chunk)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => Unreadable::new(
                    self.path,
                    io::Error::other("it became shorter while it was read"),
                ),
                _ => Unreadable::new(self.path, error),
            })?;
        self.left -= wanted as u64;
        Ok(Some(chunk))
    }
}

/// A file or folder that could not be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

impl Unreadable {
    fn new(path: &Path, source: io::Error) -> Self {
        Self {
            path: path.to_path_buf(),
            source,
        }
    }

    /// An error of the walk, which may know better than `folder` where it happened.
    fn walking(folder: &Path, error: ignore::Error) -> Self {
        let path = failed_path(&error).unwrap_or(folder).to_path_buf();
        let text = error.to_string();
        let source = error
            .into_io_error()
            .unwrap_or_else(|| io::Error::other(text));
        Self { path, source }
    }
}

fn failed_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } => failed_path(err),
        _ => None,
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read `{}`", self.path.display())
    }
}

impl Error for Unreadable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A folder with these files in it, each with its own name as content.
    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        folder
    }

    fn names(selection: &Selection) -> Vec<&str> {
        selection
            .files
            .iter()
            .map(|file| file.name.to_str().unwrap())
            .collect()
    }

    fn select(folder: &tempfile::TempDir, budget: Option<u64>) -> Selection {
        Selection::of(folder.path(), Path::new("/elsewhere"), budget).unwrap()
    }

    #[test]
    fn files_come_sorted_with_hidden_ones_and_without_what_git_would_ignore() {
        let folder = folder(&[
            "b/two",
            "a",
            ".hidden",
            "b/one",
            "c.log",
            ".git/config",
            "target/x",
        ]);
        fs::write(folder.path().join(".gitignore"), "*.log\n/target\n").unwrap();
        let selection = select(&folder, None);
        assert_eq!(
            names(&selection),
            [".gitignore", ".hidden", "a", "b/one", "b/two"]
        );
    }

    #[test]
    fn the_folder_that_the_archive_is_written_to_is_passed_over() {
        let folder = folder(&["a", "out/archive"]);
        let out = folder.path().join("out");
        let selection = Selection::of(folder.path(), &out, None).unwrap();
        assert_eq!(names(&selection), ["a"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = folder(&["a"]);
        std::os::unix::fs::symlink("/", folder.path().join("everything")).unwrap();
        std::os::unix::fs::symlink("/no/such", folder.path().join("dangling")).unwrap();
        assert_eq!(names(&select(&folder, None)), ["a"]);
    }

    #[test]
    fn a_budget_takes_the_first_files_cuts_the_last_and_counts_the_rest() {
        let folder = folder(&["1234", "5678", "9"]);
        let selection = select(&folder, Some(6));
        assert_eq!(names(&selection), ["1234", "5678"]);
        assert_eq!(selection.bytes, 6);
        assert_eq!(selection.left_out, 1);
        assert!(selection.files[1].cut);

        let all = select(&folder, Some(9));
        assert_eq!((all.files.len(), all.left_out), (3, 0));
        assert!(all.files.iter().all(|file| !file.cut));
    }

    #[test]
    fn a_file_is_read_in_chunks_to_its_end() {
        let content: Vec<u8> = (0..=255).cycle().take(CHUNK * 2 + 7).collect();
        let mut chunks = Chunks::new(Path::new("file"), &content[..], content.len() as u64);
        let mut read = Vec::new();
        while let Some(chunk) = chunks.next_chunk().unwrap() {
            read.extend_from_slice(chunk);
        }
        assert!(read == content);
    }

    #[test]
    fn a_file_that_shrinks_while_it_is_read_is_an_error_that_names_it() {
        let mut chunks = Chunks::new(Path::new("shrunk"), &b"abc"[..], 5);
        let error = chunks.next_chunk().unwrap_err();
        assert_eq!(error.to_string(), "cannot read `shrunk`");
        assert!(error.source.to_string().contains("shorter"));
    }

    #[test]
    fn a_file_that_vanished_is_an_error_that_names_it() {
        let folder = folder(&["a"]);
        let selection = select(&folder, None);
        fs::remove_file(&selection.files[0].path).unwrap();
        let Err(error) = selection.files[0].open() else {
            panic!("it was opened");
        };
        assert!(error.to_string().contains("/a`"), "{error}");
    }

    #[test]
    fn a_folder_that_vanished_is_an_error_that_names_it() {
        let folder = folder(&[]);
        let gone = folder.path().join("gone");
        let error = Selection::of(&gone, Path::new("/elsewhere"), None).unwrap_err();
        assert!(error.to_string().contains("/gone`"), "{error}");
    }
}
