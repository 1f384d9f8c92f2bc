//! The data file itself.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{
    Builder, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableError,
    WriteTransaction,
};
use workbeat_local::engine::Timestamp;

use super::schema::{FILE, NOW, PRESENT_VERSION, ROWS, SEED, VERSION, Write};
use crate::error::{ServerError, ServerErrorKind};

/// How much of the file is kept in memory. The engines have all of it in theirs.
const CACHE: usize = 16 * 1024 * 1024;

/// An open data file. It is locked until it is dropped.
#[derive(Debug)]
pub(crate) struct Database {
    redb: redb::Database,
    path: PathBuf,
}

/// What the file kept from the last time.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// What time it was; no earlier than this it is now.
    pub(crate) now: Timestamp,
    /// What ids come from; none is there in a new file.
    pub(crate) seed: Option<u64>,
    /// The rows of each region: table, key and JSON text.
    pub(crate) regions: BTreeMap<String, Vec<(String, String, String)>>,
}

impl Database {
    /// Opens the file, or makes it.
    pub(crate) fn open(path: &Path) -> Result<Self, ServerError> {
        match Self::make(path)? {
            Some(made) => Ok(made),
            None => Self::over_file(path, file(path).map_err(|error| io_error(path, error))?),
        }
    }

    /// Makes the file, if there is none. It gets its name when it is whole: one that was left
    /// half made by a kill could not be told from somebody else's.
    fn make(path: &Path) -> Result<Option<Self>, ServerError> {
        let is_there = || std::fs::symlink_metadata(path).is_ok();
        if is_there() {
            return Ok(None);
        }
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".new");
        let unfinished = PathBuf::from(unfinished);
        let io_error = |error| io_error(path, error);
        let made = file(&unfinished).map_err(io_error)?;
        match made.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(path)),
            Err(TryLockError::Error(error)) => return Err(io_error(error)),
        }
        if is_there() {
            // Another server has just made it.
            let _ = std::fs::remove_file(&unfinished);
            return Ok(None);
        }
        // What is in it, a kill has left behind.
        made.set_len(0).map_err(io_error)?;
        let made = Self::over_file(path, made)?;
        std::fs::rename(&unfinished, path).map_err(io_error)?;
        Ok(Some(made))
    }

    fn over_file(path: &Path, file: File) -> Result<Self, ServerError> {
        let backend = FileBackend::new(file).map_err(|error| not_opened(path, error))?;
        let opened = Builder::new()
            .set_cache_size(CACHE)
            .create_with_backend(backend);
        let redb = opened.map_err(|error| not_opened(path, error))?;
        let path = path.to_owned();
        let database = Self { redb, path };
        database.check_version()?;
        Ok(database)
    }

    /// A data file that is somewhere else.
    #[cfg(test)]
    pub(super) fn over(redb: redb::Database) -> Self {
        let path = PathBuf::new();
        Self { redb, path }
    }

    /// Reads everything.
    pub(crate) fn read(&self) -> Result<Kept, ServerError> {
        let mut kept = Kept::default();
        let read = || -> Result<Kept, redb::Error> {
            let transaction = self.redb.begin_read()?;
            let file = transaction.open_table(FILE)?;
            if let Some(now) = file.get(NOW)? {
                kept.now = Timestamp::from_millis(now.value().parse().unwrap_or_default());
            }
            if let Some(seed) = file.get(SEED)? {
                kept.seed = seed.value().parse().ok();
            }
            for entry in transaction.open_table(ROWS)?.iter()? {
                let (key, row) = entry?;
                let (region, table, key) = key.value();
                let row = (table.to_owned(), key.to_owned(), row.value().to_owned());
                match kept.regions.get_mut(region) {
                    Some(rows) => rows.push(row),
                    None => {
                        kept.regions.insert(region.to_owned(), vec![row]);
                    }
                }
            }
            Ok(kept)
        };
        read().map_err(|error| {
            let message = format!("{} cannot be read", self.path.display());
            ServerError::new(ServerErrorKind::Data, message).with_source(error)
        })
    }

    /// Writes all of it, in order, or nothing. On return it is on the disk.
    pub(super) fn commit(&self, writes: &[Write], now: Timestamp) -> Result<(), redb::Error> {
        let transaction = self.redb.begin_write()?;
        for write in writes {
            match write {
                Write::Seed(seed) => set_seed(&transaction, *seed)?,
                Write::Clear(seed) => {
                    transaction.delete_table(ROWS)?;
                    set_seed(&transaction, *seed)?;
                }
                Write::Rows(region, rows) => {
                    let mut table = transaction.open_table(ROWS)?;
                    for change in rows {
                        let key = (&**region, change.table, &*change.key);
                        match &change.row {
                            Some(row) => table.insert(key, &**row)?,
                            None => table.remove(key)?,
                        };
                    }
                }
            }
        }
        // Also for those who read it next: after a clearing, the table is not there.
        transaction.open_table(ROWS)?;
        let now = now.as_millis().to_string();
        transaction.open_table(FILE)?.insert(NOW, &*now)?;
        transaction.commit()?;
        Ok(())
    }

    /// Sees to it that the file is of this version; a new one becomes it.
    fn check_version(&self) -> Result<(), ServerError> {
        let found = self.version().map_err(|error| self.unreadable(error))?;
        match found {
            Found::Version(version) if version == PRESENT_VERSION => Ok(()),
            Found::Version(version) => Err(ServerError::new(
                ServerErrorKind::DataFormat,
                format!(
                    "{} has version {version} of the data, and this server reads version \
                     {PRESENT_VERSION}: use the server that wrote it, or another file",
                    self.path.display()
                ),
            )),
            Found::Other => Err(not_ours(&self.path)),
            Found::Nothing => self.write_version().map_err(|error| self.unreadable(error)),
        }
    }

    fn version(&self) -> Result<Found, redb::Error> {
        let transaction = self.redb.begin_read()?;
        match transaction.open_table(FILE) {
            Ok(table) => Ok(table.get(VERSION)?.map_or(Found::Other, |version| {
                Found::Version(version.value().to_owned())
            })),
            Err(TableError::TableDoesNotExist(_)) => {
                let empty = transaction.list_tables()?.next().is_none();
                Ok(if empty { Found::Nothing } else { Found::Other })
            }
            Err(TableError::Storage(error)) => Err(error.into()),
            Err(_) => Ok(Found::Other),
        }
    }

    fn write_version(&self) -> Result<(), redb::Error> {
        let transaction = self.redb.begin_write()?;
        let mut table = transaction.open_table(FILE)?;
        table.insert(VERSION, PRESENT_VERSION)?;
        drop(table);
        transaction.open_table(ROWS)?;
        transaction.commit()?;
        Ok(())
    }

    fn unreadable(&self, error: redb::Error) -> ServerError {
        let message = format!("{} cannot be used as a data file", self.path.display());
        ServerError::new(ServerErrorKind::Data, message).with_source(error)
    }
}

/// Opens a file, or makes it.
fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    // It holds inputs and results: they are the user's, not the machine's.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn set_seed(transaction: &WriteTransaction, seed: u64) -> Result<(), redb::Error> {
    let seed = seed.to_string();
    transaction.open_table(FILE)?.insert(SEED, &*seed)?;
    Ok(())
}

/// What a file says of itself.
enum Found {
    Version(String),
    /// It is new.
    Nothing,
    /// It is a database, and somebody else's.
    Other,
}

fn not_ours(path: &Path) -> ServerError {
    let message = format!(
        "{} is no data file of this server: name another file, which is made if it is not there",
        path.display()
    );
    ServerError::new(ServerErrorKind::DataFormat, message)
}

/// A data file that was cut, or written into by somebody else.
fn damaged(path: &Path) -> ServerError {
    let message = format!(
        "the data file {} is damaged: use a copy of it, or name another file",
        path.display()
    );
    ServerError::new(ServerErrorKind::DataFormat, message)
}

fn in_use(path: &Path) -> ServerError {
    let message = format!(
        "{} is in use by another server: stop it, or name another file",
        path.display()
    );
    ServerError::new(ServerErrorKind::DataInUse, message)
}

fn not_opened(path: &Path, error: DatabaseError) -> ServerError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => in_use(path),
        DatabaseError::Storage(StorageError::Corrupted(_)) => damaged(path).with_source(error),
        DatabaseError::Storage(StorageError::Io(error))
            if error.kind() != io::ErrorKind::InvalidData
                && error.kind() != io::ErrorKind::UnexpectedEof =>
        {
            io_error(path, error)
        }
        other => not_ours(path).with_source(other),
    }
}

fn io_error(path: &Path, error: io::Error) -> ServerError {
    let message = format!("the data file {} cannot be opened", path.display());
    ServerError::new(ServerErrorKind::Data, message).with_source(error)
}
