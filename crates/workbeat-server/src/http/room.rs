//! Room for connections, and who gives way when there is none left.
//!
//! Slowness alone costs nobody a connection: a client that is idle, or slow, is only one of
//! many that cost a little. When there are too many, or what is kept for them is too much, the
//! one that the server has waited for the longest goes. A client that sends its request at a
//! stretch has hardly waited, so it is served among any number of those that do not.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

/// How much may be kept of requests that have not come as a whole, and of answers that have
/// not been taken.
const KEPT: usize = 64 * 1024 * 1024;

/// How many calls whose answers may be large are carried out at a time: so many answers can be
/// there that do not count as kept yet. The engines take one call after the other anyway, and
/// so those with small answers need not wait for more than one of the others.
const LARGE_CALLS: usize = 1;

/// All connections of a server.
#[derive(Debug)]
pub(crate) struct Room {
    most: usize,
    most_kept: usize,
    state: Mutex<State>,
    /// A connection has ended or can give way now, or something is not kept any more.
    freed: Notify,
    large_calls: Semaphore,
}

#[derive(Debug, Default)]
struct State {
    /// Numbers places, and orders what they wait for.
    turn: u64,
    places: HashMap<u64, Record>,
    /// Those whose client has it to do the next step, the longest waiting first.
    waiting: BTreeMap<u64, u64>,
    /// Those whose poll can be answered empty, the longest parked first.
    parked: BTreeMap<u64, u64>,
    /// What is kept for all of them, in bytes.
    kept: usize,
    /// What is kept for those too that have given way, and have not gone yet.
    kept_still: usize,
}

#[derive(Debug)]
struct Record {
    stage: Stage,
    kept: usize,
    calls: Calls,
}

/// What a connection does at present, and since which turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting(u64),
    Working,
    Parked(u64),
}

/// How a connection is told to give way.
#[derive(Clone, Debug, Default)]
struct Calls {
    leave: CancellationToken,
    finish: CancellationToken,
}

/// The place of one connection.
#[derive(Debug)]
pub(crate) struct Place {
    room: Arc<Room>,
    id: u64,
    calls: Calls,
}

/// Bytes that are kept for a connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Kept {
    place: Arc<Place>,
    bytes: usize,
}

/// From when it is dropped, it is the client's turn.
#[derive(Debug)]
pub(super) struct UntilTaken(Arc<Place>);

impl Room {
    /// Room for this many connections, and at least one.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            most_kept: KEPT,
            state: Mutex::default(),
            freed: Notify::new(),
            large_calls: Semaphore::new(LARGE_CALLS),
        }
    }

    /// Waits for the turn of a call whose answer may be large, which lasts until its answer is
    /// [kept](Place::keep_answer). `None` never comes: nobody closes it.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.large_calls.acquire().await.ok()
    }

    /// A place for a connection. Another one gives way if there is none; if none can, this
    /// waits until one ends.
    pub(crate) async fn enter(self: &Arc<Self>) -> Place {
        loop {
            let freed = self.freed.notified();
            if let Some(place) = self.try_enter() {
                return place;
            }
            freed.await;
        }
    }

    fn try_enter(self: &Arc<Self>) -> Option<Place> {
        let mut state = self.lock();
        if state.places.len() >= self.most && !state.make_room() {
            return None;
        }
        let id = state.next_turn();
        let calls = Calls::default();
        let record = Record {
            stage: Stage::Waiting(id),
            kept: 0,
            calls: calls.clone(),
        };
        state.places.insert(id, record);
        state.waiting.insert(id, id);
        drop(state);
        let room = self.clone();
        Some(Place { room, id, calls })
    }

    /// How many connections there can be.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Whether another connection has to wait for one to go.
    pub(super) fn is_full(&self) -> bool {
        self.lock().places.len() >= self.most
    }

    /// Lets one connection go. Answers whether there was one that could.
    pub(super) fn make_room(&self) -> bool {
        self.lock().make_room()
    }

    /// Whether more can be kept. If not, somebody gives way who can.
    fn has_space(&self) -> bool {
        let mut state = self.lock();
        while state.kept > self.most_kept && state.lighten() {}
        state.kept_still <= self.most_kept
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_turn(&mut self) -> u64 {
        self.turn = self.turn.saturating_add(1);
        self.turn
    }

    /// The longest waiting connection goes; if none waits, the longest parked poll ends.
    fn make_room(&mut self) -> bool {
        if let Some((_, &id)) = self.waiting.first_key_value() {
            self.dismiss(id, |calls| calls.leave.cancel());
            return true;
        }
        if let Some((_, &id)) = self.parked.first_key_value() {
            self.dismiss(id, |calls| calls.finish.cancel());
            return true;
        }
        false
    }

    /// The longest waiting one of those that something is kept for goes.
    fn lighten(&mut self) -> bool {
        let heavy = |id: &u64| self.places.get(id).is_some_and(|record| record.kept > 0);
        let Some(&id) = self.waiting.values().find(|id| heavy(id)) else {
            return false;
        };
        self.dismiss(id, |calls| calls.leave.cancel());
        true
    }

    /// It does not count from now on.
    fn dismiss(&mut self, id: u64, tell: impl FnOnce(&Calls)) {
        if let Some(record) = self.forget(id) {
            tell(&record.calls);
        }
    }

    fn forget(&mut self, id: u64) -> Option<Record> {
        let record = self.places.remove(&id)?;
        self.leave_stage(record.stage);
        self.kept = self.kept.saturating_sub(record.kept);
        Some(record)
    }

    fn leave_stage(&mut self, stage: Stage) {
        match stage {
            Stage::Waiting(since) => drop(self.waiting.remove(&since)),
            Stage::Parked(since) => drop(self.parked.remove(&since)),
            Stage::Working => {}
        }
    }

    /// Answers whether the place is there.
    fn enter_stage(&mut self, id: u64, stage: impl FnOnce(u64) -> Stage) -> bool {
        let turn = self.next_turn();
        let Some(record) = self.places.get_mut(&id) else {
            return false;
        };
        let (before, after) = (record.stage, stage(turn));
        record.stage = after;
        self.leave_stage(before);
        match after {
            Stage::Waiting(since) => drop(self.waiting.insert(since, id)),
            Stage::Parked(since) => drop(self.parked.insert(since, id)),
            Stage::Working => {}
        }
        true
    }
}

impl Place {
    /// The client has the next step to do: to send, or to take its answer.
    pub(super) fn wait(&self) {
        self.enter(Stage::Waiting);
        self.room.freed.notify_waiters();
    }

    /// The server has the next step to do. Answers whether the connection is still there: one
    /// that has given way must not act on what it was sent.
    #[must_use]
    pub(super) fn work(&self) -> bool {
        self.enter(|_| Stage::Working)
    }

    /// For the body of an answer: when the client has been given all of it, it
    /// [waits](Self::wait) for the client again.
    pub(super) fn until_taken(self: &Arc<Self>) -> UntilTaken {
        UntilTaken(self.clone())
    }

    /// Nobody has: a poll waits for a task.
    pub(super) fn park(&self) {
        self.enter(Stage::Parked);
        self.room.freed.notify_waiters();
    }

    fn enter(&self, stage: impl FnOnce(u64) -> Stage) -> bool {
        self.room.lock().enter_stage(self.id, stage)
    }

    /// Counts bytes that are kept for this connection. Where it is too much altogether, others
    /// give way, or this one.
    pub(super) fn keep(self: &Arc<Self>, bytes: usize) -> Kept {
        let mut kept = Kept {
            place: self.clone(),
            bytes: 0,
        };
        kept.grow(bytes);
        kept
    }

    /// Counts the bytes of an answer. Where it is too much altogether, others give way, and this
    /// waits until they have gone.
    pub(super) async fn keep_answer(self: &Arc<Self>, bytes: usize) -> Kept {
        loop {
            let freed = self.room.freed.notified();
            if self.room.has_space() {
                return self.keep(bytes);
            }
            freed.await;
        }
    }

    /// Waits until the connection is to be closed where it stands.
    pub(super) async fn told_to_leave(&self) {
        self.calls.leave.cancelled().await;
    }

    /// Waits until the connection is to end with the answer that is under way.
    pub(super) async fn told_to_finish(&self) {
        self.calls.finish.cancelled().await;
    }
}

impl Kept {
    /// More is kept.
    pub(super) fn grow(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
        let room = &self.place.room;
        let mut state = room.lock();
        state.kept_still = state.kept_still.saturating_add(bytes);
        let Some(record) = state.places.get_mut(&self.place.id) else {
            return;
        };
        record.kept = record.kept.saturating_add(bytes);
        state.kept = state.kept.saturating_add(bytes);
        while state.kept > room.most_kept && state.lighten() {}
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let room = &self.place.room;
        let mut state = room.lock();
        state.kept_still = state.kept_still.saturating_sub(self.bytes);
        if let Some(record) = state.places.get_mut(&self.place.id) {
            record.kept = record.kept.saturating_sub(self.bytes);
            state.kept = state.kept.saturating_sub(self.bytes);
        }
        drop(state);
        room.freed.notify_waiters();
    }
}

impl Drop for UntilTaken {
    fn drop(&mut self) {
        self.0.wait();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.lock().forget(self.id);
        self.room.freed.notify_waiters();
    }
}

#[cfg(test)]
#[path = "room_tests.rs"]
mod tests;
