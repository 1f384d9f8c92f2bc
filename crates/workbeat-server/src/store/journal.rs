//! Changes on their way to the data file.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::watch;
use workbeat_local::engine::Timestamp;

use super::database::Database;
use super::schema::Write;
use crate::error::{ServerError, ServerErrorKind};
use crate::service::Mark;

/// What was changed could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotKept;

/// Takes changes in order, and tells when they are on the disk.
///
/// Its thread owns the data file. [`close`](Self::close), or the drop, waits for it: then
/// everything that was appended is on the disk, and the file is free.
#[derive(Debug)]
pub(crate) struct Journal {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// There is something in the queue, or there will be nothing more.
    ready: Condvar,
    progress: watch::Sender<Progress>,
}

#[derive(Debug, Default)]
struct Queue {
    writes: Vec<Write>,
    now: Timestamp,
    /// What was appended last.
    last: Mark,
    /// What the thread took last.
    taken: Mark,
    closing: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    committed: Mark,
    failed: bool,
}

impl Journal {
    /// Starts the thread that writes.
    pub(crate) fn new(database: Database) -> Result<Self, ServerError> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::default()),
            ready: Condvar::new(),
            progress: watch::Sender::new(Progress::default()),
        });
        let written = shared.clone();
        let thread = std::thread::Builder::new()
            .name("workbeat-data".to_owned())
            .spawn(move || written.write_all(&database))
            .map_err(|error| {
                let what = "the thread that writes the data file cannot be started";
                ServerError::new(ServerErrorKind::Data, what).with_source(error)
            })?;
        let thread = Mutex::new(Some(thread));
        Ok(Self { shared, thread })
    }

    /// Appends a change, or only that the time has gone on.
    pub(crate) fn append(&self, write: Option<Write>, now: Timestamp) -> Mark {
        let mut queue = self.shared.lock();
        queue.last.0 += 1;
        queue.now = now.max(queue.now);
        // After a failure nothing is written any more, and nobody is told that it was.
        if !self.shared.progress.borrow().failed {
            queue.writes.extend(write);
        }
        self.shared.ready.notify_one();
        queue.last
    }

    /// The mark of what was appended last.
    pub(crate) fn last(&self) -> Mark {
        self.shared.lock().last
    }

    /// Waits until everything up to a mark is on the disk.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub(crate) async fn kept(&self, mark: Mark) -> Result<(), NotKept> {
        let mut progress = self.shared.progress.subscribe();
        let reached = progress.wait_for(|progress| progress.committed >= mark || progress.failed);
        match reached.await {
            Ok(progress) if progress.committed >= mark => Ok(()),
            _ => Err(NotKept),
        }
    }

    /// Writes what is left, and frees the file. It blocks for one commit at the most.
    pub(crate) fn close(&self) {
        self.shared.lock().closing = true;
        self.shared.ready.notify_one();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes the data file panicked");
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits whatever has queued up, over and over, until it is closed.
    fn write_all(&self, database: &Database) {
        // However this ends: who waits for what was not written is told.
        let _failed = OnDrop(|| self.progress.send_modify(|progress| progress.failed = true));
        while let Some((writes, now, mark)) = self.next() {
            if let Err(error) = database.commit(&writes, now) {
                tracing::error!(%error, "the data file cannot be written");
                return;
            }
            self.progress
                .send_modify(|progress| progress.committed = mark);
        }
    }

    /// Waits for changes, and takes all there are; `None` after the last one.
    fn next(&self) -> Option<(Vec<Write>, Timestamp, Mark)> {
        let idle = |queue: &mut Queue| queue.taken == queue.last && !queue.closing;
        let waited = self.ready.wait_while(self.lock(), idle);
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner);
        if queue.taken == queue.last {
            return None;
        }
        queue.taken = queue.last;
        let writes = std::mem::take(&mut queue.writes);
        Some((writes, queue.now, queue.last))
    }
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use workbeat_local::engine::Change;

    use super::*;

    fn row(key: &str, row: Option<&str>) -> Change {
        let (key, row) = (key.to_owned(), row.map(str::to_owned));
        Change {
            table: "types",
            key,
            row,
        }
    }

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn journal(path: &Path) -> Journal {
        Journal::new(Database::open(path).unwrap()).unwrap()
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
}
