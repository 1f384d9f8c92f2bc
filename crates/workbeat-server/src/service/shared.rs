//! What all connections share.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};
use workbeat_local::engine::{Answered, Engine, Fault, PollId, Settings, Timestamp};

use super::clock::Clock;
use super::mark::Mark;
use super::poll::Parked;
use super::region::{Region, Ticket};
use super::regions::Regions;
use crate::control::{KEPT, MOST_FOLLOWERS, MarkedLine, RESET_LINE, event_line};
use crate::error::ServerError;
use crate::faults::Conduct;
use crate::host::HostName;
use crate::http::Room;
use crate::options::Options;
use crate::store::{Database, Journal, Kept, NotKept, Write};

/// One server.
pub(crate) struct Shared {
    state: Mutex<State>,
    journal: Option<Journal>,
    /// Wakes the task that lets time pass: something falls due earlier than it thinks.
    pub(super) sooner: Notify,
    /// What is denied and what goes wrong.
    pub(crate) conduct: Conduct,
    /// What happens to activities, for those who follow it.
    happened: broadcast::Sender<MarkedLine>,
    closing: CancellationToken,
    pub(crate) request_timeout: Duration,
    /// Which names the server answers to, besides those that it always answers to.
    pub(crate) allowed_hosts: Vec<HostName>,
    /// Room for connections.
    pub(crate) room: Arc<Room>,
}

struct State {
    clock: Clock,
    regions: Regions,
    /// When the task that lets time pass wakes up.
    armed: Option<Timestamp>,
}

/// What became of a call.
pub(crate) enum Called {
    /// Its answer, as JSON text.
    Done(String),
    /// It is a poll, and it waits.
    Parked(Parked),
}

impl Shared {
    /// A server that goes on from what the data file kept, if there is to be one. Then it
    /// blocks for as long as the file takes.
    pub(crate) fn new(options: &Options, closing: CancellationToken) -> Result<Self, ServerError> {
        let (journal, kept) = match &options.data {
            None => (None, Kept::default()),
            Some(path) => {
                let database = Database::open(path)?;
                let kept = database.read()?;
                (Some(Journal::new(database)?), kept)
            }
        };
        let chosen = options.seed.unwrap_or_else(|| fastrand::u64(..));
        // Tokens that are out there are checked with the seed that they were made with.
        let seed = kept.seed.unwrap_or(chosen);
        let settings = Settings::default()
            .poll_hold(options.poll_hold)
            .whole_seconds(true)
            .track_changes(journal.is_some());
        let mut clock = Clock::new(kept.now);
        let now = clock.now();
        let mut regions = Regions::new(settings, seed);
        for (name, rows) in kept.regions {
            regions.restore(&name, rows, now)?;
        }
        if let Some(journal) = &journal
            && kept.seed.is_none()
        {
            journal.append(Some(Write::Seed(seed)), now);
        }
        Ok(Self {
            state: Mutex::new(State {
                clock,
                regions,
                armed: None,
            }),
            journal,
            sooner: Notify::new(),
            conduct: Conduct::new(options.faults, options.denials.clone(), chosen),
            happened: broadcast::Sender::new(KEPT),
            closing,
            request_timeout: options.request_timeout,
            allowed_hosts: options.allowed_hosts.clone(),
            room: Arc::new(Room::new(options.max_connections)),
        })
    }

    /// Applies one operation, and passes on what came of it.
    pub(crate) fn call(
        self: &Arc<Self>,
        region: &str,
        operation: &str,
        input: &Value,
    ) -> (Mark, Result<Called, Fault>) {
        let mut state = self.lock();
        let now = state.clock.now();
        let used = match state.regions.used(region) {
            Ok(used) => used,
            Err(fault) => return (Mark::default(), Err(fault)),
        };
        let answered = used.engine.call(operation, input, now);
        let answered = answered.map(|answered| match answered {
            Answered::Done(text) => Ok(text),
            Answered::Parked(poll) => Err(used.await_poll(poll)),
        });
        let mark = self.settle(region, used);
        let next = used.engine.next_deadline();
        state.regions.tidy(region);
        self.arm(&mut state, next);
        // A parked poll takes the lock when it is dropped, so it is made when nothing holds it.
        drop(state);
        let called = answered.map(|answered| match answered {
            Ok(text) => Called::Done(text),
            Err((ticket, answer)) => Called::Parked(Parked::new(self.clone(), ticket, answer)),
        });
        (mark, called)
    }

    /// Lets the time pass in every region; answers how long nothing will happen.
    pub(super) fn pass_time(&self) -> Option<Duration> {
        let mut state = self.lock();
        let now = state.clock.now();
        self.pass_until(&mut state, now);
        let next = state.armed?;
        Some(next.saturating_duration_since(now))
    }

    /// Skips time: everything up to then fires, in order. Answers what time it is then.
    pub(crate) fn skip(&self, by: Duration) -> (Mark, Timestamp) {
        let mut state = self.lock();
        let now = state.clock.skip(by);
        let mark = self.pass_until(&mut state, now);
        // What was skipped is skipped also if nothing came of it.
        let mark = self.append(None, now).unwrap_or(mark);
        // The task that lets time pass has slept towards a time that is over.
        self.sooner.notify_one();
        (mark, now)
    }

    /// Forgets everything. The polls that wait end empty.
    pub(crate) fn reset(&self) -> Mark {
        let mut state = self.lock();
        let seed = state.regions.clear();
        state.armed = None;
        let now = state.clock.now();
        let mark = self.append(Some(Write::Clear(seed)), now);
        let mark = mark.unwrap_or_default();
        // An error says only that nobody follows.
        let _ = self.happened.send((mark, RESET_LINE));
        mark
    }

    /// Looks at the engine of every region that something is in.
    pub(crate) fn look<R>(
        &self,
        mut look: impl FnMut(&str, &Engine) -> R,
    ) -> (Mark, Timestamp, Vec<R>) {
        let mut state = self.lock();
        let now = state.clock.now();
        let mark = self.pass_until(&mut state, now);
        let mut regions: Vec<_> = state.regions.all().collect();
        regions.sort_by_key(|(name, _)| *name);
        let seen = regions
            .into_iter()
            .map(|(name, region)| look(name, &region.engine))
            .collect();
        (mark, now, seen)
    }

    /// How many polls wait for whom somebody waits too.
    pub(crate) fn parked_polls(&self) -> usize {
        let state = self.lock();
        let regions = state.regions.all();
        regions.map(|(_, region)| region.polls.len()).sum()
    }

    /// Takes a poll back; answers whether it still waited.
    pub(super) fn withdraw(&self, ticket: &Ticket) -> bool {
        self.leave(ticket, Engine::withdraw)
    }

    /// The client of a poll went away; answers whether it still waited.
    pub(super) fn abandon(&self, ticket: &Ticket) -> bool {
        let phantom = self.conduct.phantom();
        self.leave(ticket, |engine, poll| engine.abandon(poll, phantom))
    }

    fn leave(&self, ticket: &Ticket, leave: impl FnOnce(&mut Engine, PollId) -> bool) -> bool {
        let mut state = self.lock();
        let Some(region) = state.regions.of(ticket) else {
            return false;
        };
        region.polls.remove(&ticket.poll);
        leave(&mut region.engine, ticket.poll)
    }

    /// What happens to activities from now on; `None` if too many follow it already.
    pub(crate) fn follow(&self) -> Option<broadcast::Receiver<MarkedLine>> {
        (self.happened.receiver_count() < MOST_FOLLOWERS).then(|| self.happened.subscribe())
    }

    /// Fired when the server begins to stop.
    pub(crate) fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    pub(crate) fn closed(&self) -> WaitForCancellationFuture<'_> {
        self.closing.cancelled()
    }

    /// Waits until what a mark stands for is in the data file.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub(crate) async fn kept(&self, mark: Mark) -> Result<(), NotKept> {
        match &self.journal {
            Some(journal) => journal.kept(mark).await,
            None => Ok(()),
        }
    }

    /// Writes what is left into the data file, and frees it. It blocks for a moment.
    pub(crate) fn close_file(&self) {
        if let Some(journal) = &self.journal {
            journal.close();
        }
    }

    fn pass_until(&self, state: &mut State, now: Timestamp) -> Mark {
        let mut mark = Mark::default();
        let mut next: Option<Timestamp> = None;
        for (name, region) in state.regions.all_mut() {
            region.engine.advance(now);
            mark = mark.max(self.settle(name, region));
            let deadline = region.engine.next_deadline();
            next = [next, deadline].into_iter().flatten().min();
        }
        state.armed = next;
        mark
    }

    /// Passes on what a use of the engine brought about.
    fn settle(&self, name: &str, region: &mut Region) -> Mark {
        let mark = self.write(name, region);
        let followed = self.happened.receiver_count() > 0;
        for notice in region.engine.take_notices() {
            let Some(notice) = region.deliver(notice, mark) else {
                continue;
            };
            if followed && let Some(line) = event_line(name, &region.engine, &notice) {
                // An error says only that all followers have gone.
                let _ = self.happened.send((mark, line));
            }
        }
        mark
    }

    /// Appends what an engine changed to the data file. Answers what is to be waited for: also
    /// what others changed, because this use may have seen it.
    fn write(&self, name: &str, region: &mut Region) -> Mark {
        let Some(journal) = &self.journal else {
            return Mark::default();
        };
        let rows = region.engine.take_changes();
        if rows.is_empty() {
            return journal.last();
        }
        let now = region.engine.now();
        journal.append(Some(Write::Rows(name.into(), rows)), now)
    }

    /// Appends something of the server's own to the data file, if there is one.
    fn append(&self, write: Option<Write>, now: Timestamp) -> Option<Mark> {
        let journal = self.journal.as_ref()?;
        Some(journal.append(write, now))
    }

    /// Sees to it that somebody is awake at `next`.
    fn arm(&self, state: &mut State, next: Option<Timestamp>) {
        let Some(next) = next else { return };
        if state.armed.is_none_or(|armed| next < armed) {
            state.armed = Some(next);
            self.sooner.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
