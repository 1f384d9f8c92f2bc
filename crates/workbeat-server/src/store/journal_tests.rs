//! What is written is there, what is not written is not acknowledged, and what is no data file
//! is left alone.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::StorageBackend;
use redb::backends::InMemoryBackend;
use workbeat_local::engine::Change;

use super::*;

fn row(key: &str, row: Option<&str>) -> Change {
    Change::new("types", key, row.map(str::to_owned))
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn journal(path: &Path) -> Journal {
    Journal::new(Database::open(path).unwrap()).unwrap()
}

/// A disk that is full from some time on.
#[derive(Debug, Default)]
struct Disk {
    memory: InMemoryBackend,
    full: Arc<AtomicBool>,
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.memory.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.memory.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.memory.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.memory.sync_data()
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if self.full.load(Ordering::Acquire) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.memory.write(offset, bytes)
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_not_acknowledged_nor_what_comes_after() {
    let disk = Disk::default();
    let full = disk.full.clone();
    let redb = redb::Builder::new().create_with_backend(disk).unwrap();
    let kept = Journal::new(Database::over(redb)).unwrap();
    let write = |key: &str| Some(Write::Rows("here".into(), vec![row(key, Some("1"))]));
    let first = kept.append(write("a"), at(1));
    kept.kept(first).await.unwrap();
    full.store(true, Ordering::Release);
    let second = kept.append(write("b"), at(2));
    assert_eq!(kept.kept(second).await, Err(NotKept));
    full.store(false, Ordering::Release);
    let third = kept.append(write("c"), at(3));
    assert_eq!(kept.kept(third).await, Err(NotKept));
    assert_eq!(kept.kept(first).await, Ok(()), "it was written before");
}

fn keys(path: &Path, region: &str) -> Vec<String> {
    let kept = Database::open(path).unwrap().read().unwrap();
    let rows = kept.regions.get(region).into_iter().flatten();
    rows.map(|(_, key, row)| format!("{key}={row}")).collect()
}

#[tokio::test]
async fn what_is_kept_is_there_when_the_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let kept = journal(&path);
    let rows = vec![row("a", Some("1")), row("b", Some("2"))];
    kept.append(Some(Write::Rows("here".into(), rows)), at(1));
    let rows = vec![row("a", Some("3")), row("b", None)];
    let mark = kept.append(Some(Write::Rows("here".into(), rows)), at(5));
    kept.kept(mark).await.unwrap();
    drop(kept);
    assert_eq!(keys(&path, "here"), ["a=3"]);
    assert_eq!(keys(&path, "there"), [""; 0]);
    assert_eq!(Database::open(&path).unwrap().read().unwrap().now, at(5));
}

#[tokio::test]
async fn what_comes_after_a_clearing_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let kept = journal(&path);
    kept.append(
        Some(Write::Rows("here".into(), vec![row("a", Some("1"))])),
        at(1),
    );
    kept.append(Some(Write::Clear(9)), at(1));
    kept.append(
        Some(Write::Rows("here".into(), vec![row("b", Some("2"))])),
        at(1),
    );
    drop(kept);
    assert_eq!(keys(&path, "here"), ["b=2"]);
}

#[tokio::test]
async fn a_clearing_leaves_a_file_that_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let kept = journal(&path);
    let mark = kept.append(Some(Write::Clear(9)), at(7));
    kept.kept(mark).await.unwrap();
    drop(kept);
    let read = Database::open(&path).unwrap().read().unwrap();
    assert_eq!((read.now, read.regions.len()), (at(7), 0));
    assert_eq!(read.seed, Some(9));
}

#[test]
fn a_file_that_is_in_use_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let _first = journal(&path);
    let error = Database::open(&path).unwrap_err();
    assert_eq!(error.kind(), ServerErrorKind::DataInUse);
}

#[test]
fn a_file_that_is_something_else_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    for text in ["x".to_owned(), "a text that is no database\n".repeat(1_000)] {
        std::fs::write(&path, &text).unwrap();
        let error = Database::open(&path).unwrap_err();
        assert_eq!(error.kind(), ServerErrorKind::DataFormat, "{error:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_file_of_another_version_says_which() {
    use super::super::schema::{FILE, VERSION};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    drop(Database::open(&path).unwrap());
    let redb = redb::Database::create(&path).unwrap();
    let transaction = redb.begin_write().unwrap();
    let mut table = transaction.open_table(FILE).unwrap();
    table.insert(VERSION, "2000").unwrap();
    drop(table);
    transaction.commit().unwrap();
    drop(redb);
    let error = Database::open(&path).unwrap_err();
    assert_eq!(error.kind(), ServerErrorKind::DataFormat);
    assert!(error.to_string().contains("version 2000"), "{error}");
}

#[test]
fn a_database_of_somebody_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let other: redb::TableDefinition<'_, u64, u64> = redb::TableDefinition::new("other");
    let redb = redb::Database::create(&path).unwrap();
    let transaction = redb.begin_write().unwrap();
    transaction.open_table(other).unwrap().insert(1, 2).unwrap();
    transaction.commit().unwrap();
    drop(redb);
    let error = Database::open(&path).unwrap_err();
    assert_eq!(error.kind(), ServerErrorKind::DataFormat);
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let error = Database::open(Path::new("/nowhere/at/all")).unwrap_err();
    assert_eq!(error.kind(), ServerErrorKind::Data);
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
}
