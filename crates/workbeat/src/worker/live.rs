//! The tasks that a worker holds, and what became of those that it held.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::recent::{EndedActivity, Recent, TaskEnd};
use super::report::{OutcomeCounts, Unanswered, UnansweredTask};
use crate::outcome::Answered;
use crate::service::ActivityTask;
use crate::task::{TaskKey, TaskRecord};
use crate::told::warn;

/// How many unanswered tasks are kept by name. A worker that leaves unknown types to others
/// could otherwise grow without end.
const MOST_UNANSWERED: usize = 10_000;

/// The tasks in the worker, and the counts of those that left it.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// In no order: every task comes and goes here, and who looks at them all can sort.
    tasks: Mutex<HashMap<TaskKey, Arc<TaskRecord>>>,
    unanswered: Mutex<UnansweredTasks>,
    /// Tasks whose outcome is settled while something of them may still run.
    run_on: Mutex<Vec<Arc<TaskRecord>>>,
    recent: Recent,
    completed: AtomicU64,
    failed: AtomicU64,
    canceled: AtomicU64,
    closed: AtomicU64,
    closed_after_lost_answer: AtomicU64,
    closed_with_result: AtomicU64,
    handed_on: AtomicU64,
}

/// The tasks that ended without an answer from the service.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnansweredTasks {
    pub(crate) named: Vec<UnansweredTask>,
    pub(crate) omitted: u64,
}

impl Live {
    fn tasks(&self) -> MutexGuard<'_, HashMap<TaskKey, Arc<TaskRecord>>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn insert(&self, record: &Arc<TaskRecord>) {
        self.tasks().insert(record.key, Arc::clone(record));
    }

    /// Notes what became of a task, which is then no longer held.
    pub(crate) fn answered(&self, record: &TaskRecord, answered: Answered) {
        let (count, also) = match answered {
            Answered::Completed => (&self.completed, None),
            Answered::Failed => (&self.failed, None),
            Answered::Canceled => (&self.canceled, None),
            Answered::Closed => (&self.closed, None),
            Answered::ProbablyAccepted => (&self.closed, Some(&self.closed_after_lost_answer)),
            Answered::ResultTooLate => (&self.closed, Some(&self.closed_with_result)),
            Answered::HandedOn => (&self.handed_on, None),
            Answered::Rejected => return self.give_up(record, Unanswered::Rejected),
        };
        // Under the lock: who no longer finds the task here, to end the run, finds it counted.
        let mut tasks = self.tasks();
        let held = tasks.remove(&record.key);
        if held.is_some() {
            count.fetch_add(1, Ordering::Relaxed);
            if let Some(also) = also {
                also.fetch_add(1, Ordering::Relaxed);
            }
        }
        drop(tasks);
        if held.is_some() {
            self.left(record, answered.into());
        }
    }

    /// Says, wherever somebody looks, how a task left.
    fn left(&self, record: &TaskRecord, end: TaskEnd) {
        self.recent.note(record, end);
        record.write_end(end.as_str(), end.is_error());
        record.worker.metrics.ended(record, end);
    }

    /// Notes that a task gets no answer.
    pub(crate) fn give_up(&self, record: &TaskRecord, why: Unanswered) {
        let service = record.source().label.as_deref();
        let unanswered = UnansweredTask::new(&record.task, service, why);
        let mut tasks = self.tasks();
        // Somebody else may just have got the answer: a task is counted or listed, not both.
        let Some(held) = tasks.remove(&record.key) else {
            return;
        };
        // Under the lock, as what is counted.
        self.list(unanswered);
        drop(tasks);
        drop(held);
        self.left(record, TaskEnd::Unanswered(why));
        // The worker has just said so of a type that it leaves to others.
        if why != Unanswered::LeftToOthers {
            warn!(parent: &record.span, ?why, "the task is not answered");
        }
    }

    /// Notes that a task gets no answer which a poll brought when the run had ended.
    pub(crate) fn give_up_polled(
        &self,
        task: &ActivityTask,
        service: Option<&str>,
        why: Unanswered,
    ) {
        warn!(
            service,
            activity_type = %task.activity_type.name,
            version = %task.activity_type.version,
            activity_id = %task.activity_id,
            workflow_id = %task.workflow.workflow_id,
            run_id = %task.workflow.run_id,
            task_token = ?task.token,
            ?why,
            "a poll brought a task when the worker ended; it is not answered"
        );
        self.list(UnansweredTask::new(task, service, why));
    }

    /// Locks nothing else: it is called with the tasks locked, too.
    fn list(&self, task: UnansweredTask) {
        #[cfg(workbeat_seeded_faults)]
        if crate::seeded_faults::SeededFault::ForgetsTask.is_planted() {
            return;
        }
        let mut unanswered = self
            .unanswered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if unanswered.named.len() < MOST_UNANSWERED {
            unanswered.named.push(task);
        } else {
            unanswered.omitted += 1;
        }
    }

    /// Notes that something of these tasks may still run although their outcome is settled.
    pub(crate) fn run_on_too(&self, records: impl IntoIterator<Item = Arc<TaskRecord>>) {
        let mut run_on = self.run_on.lock().unwrap_or_else(PoisonError::into_inner);
        run_on.retain(|record| record.is_running());
        run_on.extend(records);
    }

    /// The tasks of which that was noted, oldest first.
    pub(crate) fn run_on(&self) -> Vec<Arc<TaskRecord>> {
        let run_on = self.run_on.lock().unwrap_or_else(PoisonError::into_inner);
        let mut records = run_on.clone();
        drop(run_on);
        records.sort_by_key(|record| record.key);
        records.dedup_by_key(|record| record.key);
        records
    }

    /// Whether something of such a task still runs. The drain asks after each of its steps, so
    /// those that are over are looked at once.
    pub(crate) fn runs_on(&self) -> bool {
        let mut run_on = self.run_on.lock().unwrap_or_else(PoisonError::into_inner);
        let last = run_on.iter().rposition(|record| record.is_running());
        let over = run_on.split_off(last.map_or(0, |last| last + 1));
        drop(run_on);
        drop(over);
        last.is_some()
    }

    /// Forgets those: with the last that runs of a task its slot is free.
    pub(crate) fn forget_run_on(&self) {
        let mut run_on = self.run_on.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = std::mem::take(&mut *run_on);
        drop(run_on);
        drop(forgotten);
    }

    /// The tasks in the worker, oldest first.
    pub(crate) fn records(&self) -> Vec<Arc<TaskRecord>> {
        let mut records: Vec<_> = self.tasks().values().cloned().collect();
        records.sort_unstable_by_key(|record| record.key);
        records
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks().is_empty()
    }

    pub(crate) fn counts(&self) -> OutcomeCounts {
        OutcomeCounts {
            completed: self.completed.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            canceled: self.canceled.load(Ordering::Relaxed),
            closed: self.closed.load(Ordering::Relaxed),
            closed_after_lost_answer: self.closed_after_lost_answer.load(Ordering::Relaxed),
            closed_with_result: self.closed_with_result.load(Ordering::Relaxed),
            handed_on: self.handed_on.load(Ordering::Relaxed),
        }
    }

    /// The tasks that ended last, newest first.
    pub(crate) fn recent(&self, now: Instant) -> Vec<EndedActivity> {
        self.recent.ended(now)
    }

    pub(crate) fn unanswered(&self) -> UnansweredTasks {
        let unanswered = self.unanswered.lock();
        unanswered.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Handle;
    use tokio_util::sync::CancellationToken;
    use tracing::{Event, Metadata, Subscriber, span};

    use super::*;
    use crate::metrics::WorkerMetrics;
    use crate::service::{ActivityType, TaskToken, WorkflowExecution};
    use crate::task::{Random, TaskList, WorkerFacts};

    /// Makes records of tasks, by their keys.
    fn records() -> impl Fn(u64) -> Arc<TaskRecord> {
        let facts = Arc::new(WorkerFacts {
            codecs: crate::codec::Codecs::default(),
            draining: CancellationToken::new(),
            hurry: CancellationToken::new(),
            runtime: Handle::current(),
            random: Random::new(Some(1)),
            metrics: WorkerMetrics::default(),
            previous_progress: false,
            progress_in_failures: false,
            #[cfg(feature = "testing")]
            witness: crate::task::WitnessCell::default(),
        });
        let list = TaskList::silent();
        move |key| {
            let name = ActivityType::new("work", "1.0");
            let workflow = WorkflowExecution::new("workflow", "run");
            let task = ActivityTask::new(TaskToken::new("token"), "a", name, workflow, 1);
            let (list, facts) = (Arc::clone(&list), Arc::clone(&facts));
            let record = TaskRecord::new(TaskKey(key), task, list, facts, None, Instant::now());
            Arc::new(record)
        }
    }

    #[tokio::test]
    async fn what_runs_on_is_looked_at_once_when_it_is_over() {
        let record = records();
        let records: Vec<_> = (0..4).map(record).collect();
        for record in &records {
            record.set_body(true);
        }
        let held = || records.iter().map(Arc::strong_count).collect::<Vec<_>>();
        let live = Live::default();
        live.run_on_too(records.iter().cloned());
        assert!(live.runs_on());
        for over in [0, 2, 3] {
            records[over].set_body(false);
        }
        assert!(live.runs_on());
        assert_eq!(held(), [2, 2, 1, 1]);
        records[1].set_body(false);
        assert!(!live.runs_on());
        assert_eq!(held(), [1, 1, 1, 1]);
    }

    /// Looks, whenever it hears anything, where the tasks are: held, counted, listed.
    struct Looking {
        live: Arc<Live>,
        seen: Arc<Mutex<Vec<[u64; 3]>>>,
    }

    impl Looking {
        fn look(&self) {
            let held = self.live.records().len() as u64;
            let counted = self.live.counts().completed;
            let listed = self.live.unanswered().named.len() as u64;
            self.seen.lock().unwrap().push([held, counted, listed]);
        }
    }

    impl Subscriber for Looking {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }

        fn record(&self, _: &span::Id, _: &span::Record<'_>) {
            self.look();
        }

        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

        fn event(&self, _: &Event<'_>) {
            self.look();
        }

        fn enter(&self, _: &span::Id) {}

        fn exit(&self, _: &span::Id) {}
    }

    #[tokio::test]
    async fn who_hears_of_a_tasks_end_finds_it_in_the_report() {
        let (live, seen) = (Arc::<Live>::default(), Arc::default());
        let looking = Looking {
            live: Arc::clone(&live),
            seen: Arc::clone(&seen),
        };
        let _looks = tracing::subscriber::set_default(looking);
        let record = records();
        let (completed, rejected) = (record(1), record(2));
        live.insert(&completed);
        live.answered(&completed, Answered::Completed);
        let first = std::mem::take(&mut *seen.lock().unwrap());
        assert!(!first.is_empty());
        assert!(first.iter().all(|seen| *seen == [0, 1, 0]), "{first:?}");
        live.insert(&rejected);
        live.answered(&rejected, Answered::Rejected);
        let then = std::mem::take(&mut *seen.lock().unwrap());
        assert!(!then.is_empty());
        assert!(then.iter().all(|seen| *seen == [0, 1, 1]), "{then:?}");
    }
}
