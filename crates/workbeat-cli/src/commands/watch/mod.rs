//! `workbeat watch`.

mod board;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use self::board::Board;
use super::ending;
use super::interrupts::Interrupts;
use crate::args::Watch;
use crate::decider;
use crate::history::{Event, Outcome};
use crate::live::{self, Activity, ActivityKey, ActivityLine, Change, End, Line, Live};
use crate::output::Output;
use crate::problem::{Problem, ProblemKind};
use crate::service::{ExecutionRecord, Service, connect};

/// How often the list of open activities is read: it tells of those that wait for a worker,
/// which no event does.
const LIST_INTERVAL: Duration = Duration::from_secs(1);

/// Watches the activities of a domain, or of one workflow until it is closed.
pub(crate) async fn run(watch: &Watch, output: &mut Output) -> Result<u8, Problem> {
    if watch.connection.aws {
        return Err(Problem::usage(
            "SWF on AWS shows heartbeats to nobody, so there is nothing to watch",
            "`workbeat show` has the history; watch works with the local server",
        ));
    }
    let service = connect(&watch.connection, output).await?;
    let Some(live) = live::open(&service).await? else {
        return Err(Problem::new(
            ProblemKind::Refused,
            format!("the server {} does not tell of heartbeats", service.place()),
            "only `workbeat server` does",
        ));
    };
    let named = match &watch.workflow_id {
        Some(workflow_id) => Some(service.find(workflow_id, None).await?),
        None => None,
    };
    match &named {
        Some(record) => {
            let history = service.history(&record.id()).await?;
            if let Some(outcome) = Outcome::of(&history) {
                let execution = record.id();
                ending::print(&service, &execution, &history, &outcome, output);
                return Ok(outcome.exit_code());
            }
        }
        None => output.note(&format!(
            "watching the activities of domain `{}` {}; Ctrl-C ends",
            service.domain(),
            service.place()
        )),
    }
    let mut interrupts = Interrupts::from_keyboard();
    let mut watching = Watching {
        service: &service,
        live,
        board: Board::new(output),
        named,
        activities: HashMap::new(),
        missing: HashSet::new(),
    };
    let ended = watching.run(&mut interrupts, output).await;
    watching.board.end();
    ended
}

struct Watching<'a> {
    service: &'a Service,
    live: Live,
    board: Board,
    named: Option<ExecutionRecord>,
    activities: HashMap<ActivityKey, Activity>,
    /// Those that the last list did not have.
    missing: HashSet<ActivityKey>,
}

impl Watching<'_> {
    async fn run(
        &mut self,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<u8, Problem> {
        let mut ticks = interval(LIST_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !output.is_closed() {
            let ended = tokio::select! {
                line = self.live.next() => match line {
                    Some(Line::Activity(line)) => self.follow(&line, output),
                    Some(Line::Missed) => { ticks.reset_immediately(); None }
                    Some(Line::Following) => None,
                    None => return Err(self.stopped()),
                },
                _ = ticks.tick() => match self.look(output).await {
                    Ok(ended) => ended,
                    Err(problem) if problem.kind == ProblemKind::Unreachable => {
                        return Err(self.stopped());
                    }
                    Err(problem) => return Err(problem),
                },
                () = interrupts.next() => return Ok(self.named.as_ref().map_or(0, |_| 130)),
            };
            if let Some(code) = ended {
                return Ok(code);
            }
        }
        Ok(0)
    }

    fn stopped(&self) -> Problem {
        Problem::new(
            ProblemKind::Unreachable,
            format!("the server {} has stopped", self.service.place()),
            "start it again with `workbeat server`",
        )
    }

    /// Follows a line; answers the exit code if all is over.
    fn follow(&mut self, line: &ActivityLine, output: &mut Output) -> Option<u8> {
        if !self.is_wanted(&line.names.run_id) {
            return None;
        }
        if output.json() {
            output.json_line(&line.json);
        }
        let key = line.names.key();
        let (activity, change) = match self.activities.remove(&key) {
            Some(mut activity) => {
                let change = activity.apply(line);
                (activity, change)
            }
            None => Activity::met(line),
        };
        self.board.show(&key, &activity, &change, output);
        let Change::Ended(End { exit_code, .. }) = change else {
            self.activities.insert(key, activity);
            return None;
        };
        let only = |record: &ExecutionRecord| decider::is_our_type(&record.workflow_type);
        self.named.as_ref().is_some_and(only).then_some(exit_code)
    }

    /// Looks at what is open; answers the exit code if the named execution is closed.
    async fn look(&mut self, output: &mut Output) -> Result<Option<u8>, Problem> {
        let open = live::open_activities(self.service).await?;
        let mut gone: HashSet<_> = self.activities.keys().cloned().collect();
        for open in open.unwrap_or_default() {
            if !self.is_wanted(&open.names.run_id) {
                continue;
            }
            let key = open.names.key();
            gone.remove(&key);
            let (activity, change) = match self.activities.remove(&key) {
                Some(mut activity) => {
                    let change = activity.refresh(open);
                    (activity, change)
                }
                None => (Activity::listed(open), Change::State),
            };
            self.board.show(&key, &activity, &change, output);
            self.activities.insert(key, activity);
        }
        self.forget(gone, output);
        let Some(record) = &self.named else {
            return Ok(None);
        };
        let history: Vec<Event> = self.service.history(&record.id()).await?;
        let outcome = Outcome::of(&history);
        if let Some(outcome) = &outcome {
            self.board.say(
                &format!("{} is {}", record.workflow_id, outcome.status()),
                output,
            );
        }
        Ok(outcome.map(|outcome| outcome.exit_code()))
    }

    /// Forgets activities that were not listed twice. For one that ended just now the line comes
    /// first; for one whose line was missed, or that a reset of the server took, none comes.
    fn forget(&mut self, gone: HashSet<ActivityKey>, output: &mut Output) {
        for key in gone.intersection(&self.missing) {
            if let Some(activity) = self.activities.remove(key) {
                let change = Change::Ended(End::unseen());
                self.board.show(key, &activity, &change, output);
            }
        }
        self.missing = gone;
    }

    fn is_wanted(&self, run_id: &str) -> bool {
        self.named
            .as_ref()
            .is_none_or(|record| record.run_id == run_id)
    }
}
