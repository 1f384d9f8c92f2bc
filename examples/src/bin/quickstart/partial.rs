//! A file that is removed again unless it is kept.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Seek};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

/// An archive that is not whole yet. Dropping it removes the file, so that no error, no panic
/// and no early return leaves one behind.
#[derive(Debug)]
pub(crate) struct Partial {
    file: NamedTempFile,
}

impl Partial {
    /// Where the partial file of an archive is.
    pub(crate) fn path_of(archive: &Path) -> PathBuf {
        let mut name = OsString::from(archive);
        name.push(".partial");
        name.into()
    }

    /// An empty file beside `archive`.
    pub(crate) fn create(archive: &Path) -> io::Result<Self> {
        let path = Self::path_of(archive);
        let file = File::create(&path)?;
        let path = TempPath::try_from_path(path)?;
        Ok(Self {
            file: NamedTempFile::from_parts(file, path),
        })
    }

    /// The file, empty again.
    pub(crate) fn restart(&mut self) -> io::Result<&mut File> {
        let file = self.file.as_file_mut();
        file.set_len(0)?;
        file.rewind()?;
        Ok(file)
    }

    /// Keeps the file, as the whole archive.
    pub(crate) fn keep(self, archive: &Path) -> io::Result<()> {
        self.file.persist(archive)?;
        Ok(())
    }

    /// Removes the file, and says if that fails, which dropping does not.
    pub(crate) fn remove(self) -> io::Result<()> {
        self.file.close()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_partial_file_is_there_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("archive");
        let partial = Partial::create(&archive).unwrap();
        assert!(Partial::path_of(&archive).exists());
        drop(partial);
        assert!(!Partial::path_of(&archive).exists());
    }

    #[test]
    fn a_kept_file_has_the_archives_name_and_what_was_written_last() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("archive");
        let mut partial = Partial::create(&archive).unwrap();
        partial.restart().unwrap().write_all(b"first").unwrap();
        partial.restart().unwrap().write_all(b"2nd").unwrap();
        partial.keep(&archive).unwrap();
        assert_eq!(std::fs::read(&archive).unwrap(), b"2nd");
        assert!(!Partial::path_of(&archive).exists());
    }

    #[test]
    fn a_removed_file_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("archive");
        Partial::create(&archive).unwrap().remove().unwrap();
        assert!(folder.path().read_dir().unwrap().next().is_none());
    }
}
