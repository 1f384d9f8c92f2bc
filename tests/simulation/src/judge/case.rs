//! What is judged: the log put in order by call, by task and by life.

use std::collections::BTreeMap;
use std::time::Duration;

use workbeat::StopReason;

use crate::log::{Answer, BodyEnd, CallId, Entry, Fact, LifeId, LifeReport, Op, TaskId};
use crate::plan::{ActivityPlan, TypePlan, WorkerPlan};
use crate::run::{History, Record};

/// A place in the log, and its time. Earlier is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    pub(super) place: usize,
    pub(super) at: Duration,
}

/// One call of a worker.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) life: LifeId,
    pub(super) op: Op,
    pub(super) task: Option<TaskId>,
    pub(super) called: Moment,
    /// What the service answered, to each copy that reached it.
    pub(super) reached: Vec<(Moment, Answer)>,
    /// When the worker had its answer or gave the call up.
    pub(super) ended: Option<Moment>,
    pub(super) heard: Option<Answer>,
}

impl Call {
    /// Whether the worker waits for its answer at that moment.
    pub(super) fn is_under_way(&self, at: Moment) -> bool {
        self.called < at && self.ended.is_none_or(|ended| ended > at)
    }

    /// When the worker heard that an outcome was accepted.
    pub(super) fn accepted(&self) -> Option<Moment> {
        let accepted = self.op.is_outcome() && self.heard == Some(Answer::Accepted);
        self.ended.filter(|_| accepted)
    }

    /// When the worker heard that the task is closed.
    pub(super) fn closed(&self) -> Option<Moment> {
        // What is said to a question for timeouts is not the last word.
        let counts = self.op.is_outcome() || self.op == Op::Heartbeat;
        let closed = counts && self.heard.is_some_and(Answer::closes);
        self.ended.filter(|_| closed)
    }
}

/// The body of an activity.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) told: Option<(Moment, StopReason)>,
    pub(super) ended: Option<(Moment, BodyEnd, Option<StopReason>)>,
}

/// A task that reached a worker.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) task: TaskId,
    pub(super) life: LifeId,
    /// When the poll that brought it came back.
    pub(super) delivered: Moment,
    /// Heartbeats, in order.
    pub(super) beats: Vec<CallId>,
    /// Outcomes offered, in order.
    pub(super) offers: Vec<CallId>,
    /// What the worker heard of its timeouts, and when.
    pub(super) told: Option<(Moment, Option<Duration>, Option<Duration>)>,
    pub(super) body: Option<Body>,
}

/// How a life ended.
#[derive(Debug)]
pub(super) enum Ending {
    Returned(LifeReport),
    Dropped,
    Panicked,
}

/// One life of a worker.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) id: LifeId,
    pub(super) pauses: Vec<(Moment, Option<Moment>)>,
    pub(super) drain_asked: Option<Moment>,
    pub(super) stop_asked: Option<Moment>,
    pub(super) ended: Option<(Moment, Ending)>,
    pub(super) slots_at_end: Option<usize>,
    /// How far its budget stretches intervals, from when on.
    pub(super) stretches: Vec<(Moment, Option<f64>)>,
    pub(super) polls: Vec<CallId>,
}

/// Everything that is known of a run.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) record: &'a Record,
    calls: Vec<Call>,
    pub(super) held: Vec<Held>,
    pub(super) lives: BTreeMap<LifeId, Life>,
    /// Tasks that the service handed out to a poll that never heard of it.
    pub(super) phantoms: Vec<TaskId>,
    pub(super) elsewhere: Vec<TaskId>,
    /// When the status said of a task that the budget has no room for it.
    pub(super) let_go: BTreeMap<TaskId, Vec<(Moment, Option<Moment>)>>,
    pub(super) stuck: Option<(usize, usize)>,
}

impl<'a> Case<'a> {
    pub(super) fn new(record: &'a Record) -> Self {
        let mut case = Self {
            record,
            calls: Vec::new(),
            held: Vec::new(),
            lives: BTreeMap::new(),
            phantoms: Vec::new(),
            elsewhere: Vec::new(),
            let_go: BTreeMap::new(),
            stuck: None,
        };
        // A task reaches one worker at most: the service hands it out once.
        let mut holders = BTreeMap::new();
        for (place, Entry { at, fact }) in record.entries.iter().enumerate() {
            let moment = Moment { place, at: *at };
            case.take(&mut holders, moment, fact);
        }
        let handed_out = case.calls.iter().flat_map(|call| &call.reached);
        case.phantoms = handed_out
            .filter_map(|(_, answer)| match answer {
                Answer::Task(task) if !holders.contains_key(task) => Some(*task),
                _ => None,
            })
            .collect();
        case
    }

    fn take(&mut self, holders: &mut BTreeMap<TaskId, usize>, now: Moment, fact: &Fact) {
        match fact {
            Fact::Called { life, op, task, .. } => {
                let id = CallId(self.calls.len() as u32);
                let (life, op, task) = (*life, *op, *task);
                self.calls.push(Call {
                    life,
                    op,
                    task,
                    called: now,
                    reached: Vec::new(),
                    ended: None,
                    heard: None,
                });
                if op == Op::Poll {
                    self.life(life).polls.push(id);
                }
                let held = task.and_then(|task| holders.get(&task));
                if let Some(held) = held.map(|at| &mut self.held[*at]) {
                    match op {
                        Op::Heartbeat => held.beats.push(id),
                        _ if op.is_outcome() => held.offers.push(id),
                        _ => {}
                    }
                }
            }
            Fact::Reached { call, answer } => {
                self.calls[call.0 as usize].reached.push((now, *answer));
            }
            Fact::Heard { call, answer } => {
                let call = &mut self.calls[call.0 as usize];
                call.ended = Some(now);
                call.heard = Some(*answer);
                let (life, task) = (call.life, call.task);
                match (*answer, task.and_then(|task| holders.get(&task))) {
                    (Answer::Task(task), _) => {
                        holders.insert(task, self.held.len());
                        self.held.push(Held {
                            task,
                            life,
                            delivered: now,
                            beats: Vec::new(),
                            offers: Vec::new(),
                            told: None,
                            body: None,
                        });
                    }
                    (
                        Answer::Timeouts {
                            heartbeat,
                            start_to_close,
                        },
                        Some(at),
                    ) => {
                        self.held[*at].told = Some((now, heartbeat, start_to_close));
                    }
                    _ => {}
                }
            }
            Fact::GivenUp { call } => self.calls[call.0 as usize].ended = Some(now),
            Fact::Began(task) => {
                if let Some(at) = holders.get(task) {
                    self.held[*at].body = Some(Body {
                        told: None,
                        ended: None,
                    });
                }
            }
            Fact::Told(task, reason) => {
                if let Some(body) = self.body(holders, *task) {
                    body.told = Some((now, *reason));
                }
            }
            Fact::Ended(task, end, reason) => {
                if let Some(body) = self.body(holders, *task) {
                    body.ended = Some((now, *end, *reason));
                }
            }
            Fact::LifeBegan(life) => drop(self.life(*life)),
            Fact::Paused(life) => self.life(*life).pauses.push((now, None)),
            Fact::Resumed(life) => {
                // Pauses may overlap; the first to be over ends them all.
                let pauses = self.life(*life).pauses.iter_mut();
                for (_, until) in pauses.filter(|(_, until)| until.is_none()) {
                    *until = Some(now);
                }
            }
            Fact::DrainAsked(life) => self.life(*life).drain_asked = Some(now),
            Fact::StopAsked(life) => self.life(*life).stop_asked = Some(now),
            Fact::RunDropped(life) => self.life(*life).ended = Some((now, Ending::Dropped)),
            Fact::RunPanicked(life) => self.life(*life).ended = Some((now, Ending::Panicked)),
            Fact::RunEnded(life, report) => {
                let report = LifeReport::clone(report);
                self.life(*life).ended = Some((now, Ending::Returned(report)));
            }
            Fact::SlotsAtEnd(life, held) => self.life(*life).slots_at_end = Some(*held),
            Fact::Stretched(life, part) => self.life(*life).stretches.push((now, *part)),
            Fact::LetGo(task) => self.let_go.entry(*task).or_default().push((now, None)),
            Fact::Kept(task) => {
                let spans = self.let_go.get_mut(task);
                if let Some((_, until)) = spans.and_then(|spans| spans.last_mut()) {
                    *until = Some(now);
                }
            }
            Fact::CompletedElsewhere(task) => self.elsewhere.push(*task),
            Fact::Stuck { held, pending } => self.stuck = Some((*held, *pending)),
            Fact::Scheduled(_) | Fact::CancelRequested(_) | Fact::Terminated(_) | Fact::Calm => {}
        }
    }

    fn life(&mut self, id: LifeId) -> &mut Life {
        self.lives.entry(id).or_insert_with(|| Life {
            id,
            pauses: Vec::new(),
            drain_asked: None,
            stop_asked: None,
            ended: None,
            slots_at_end: None,
            stretches: Vec::new(),
            polls: Vec::new(),
        })
    }

    fn body(&mut self, holders: &BTreeMap<TaskId, usize>, task: TaskId) -> Option<&mut Body> {
        self.held[*holders.get(&task)?].body.as_mut()
    }

    pub(super) fn calls(&self) -> &[Call] {
        &self.calls
    }

    pub(super) fn call(&self, id: CallId) -> &Call {
        &self.calls[id.0 as usize]
    }

    pub(super) fn beats<'b>(&'b self, held: &'b Held) -> impl Iterator<Item = &'b Call> {
        held.beats.iter().map(|id| self.call(*id))
    }

    pub(super) fn offers<'b>(&'b self, held: &'b Held) -> impl Iterator<Item = &'b Call> {
        held.offers.iter().map(|id| self.call(*id))
    }

    pub(super) fn plan(&self, task: TaskId) -> &ActivityPlan {
        &self.record.activities[task.0 as usize]
    }

    pub(super) fn type_of(&self, task: TaskId) -> &TypePlan {
        &self.record.types[self.plan(task).activity_type]
    }

    pub(super) fn worker(&self, life: LifeId) -> &WorkerPlan {
        &self.record.workers[life.worker]
    }

    pub(super) fn history(&self, task: TaskId) -> &History {
        &self.record.histories[task.0 as usize]
    }

    /// When a life ended, if it did.
    pub(super) fn end_of(&self, life: LifeId) -> Option<Moment> {
        self.lives.get(&life)?.ended.as_ref().map(|(at, _)| *at)
    }

    /// When the worker first heard that an outcome was accepted.
    pub(super) fn accepted(&self, held: &Held) -> Option<Moment> {
        self.offers(held).filter_map(Call::accepted).min()
    }

    /// When the worker first heard that the task is closed.
    pub(super) fn closed(&self, held: &Held) -> Option<Moment> {
        let offers = self.offers(held).filter_map(Call::closed);
        offers
            .chain(self.beats(held).filter_map(Call::closed))
            .min()
    }

    /// The heartbeat timeout that the worker knows of at that moment.
    pub(super) fn known_timeout(&self, held: &Held, at: Moment) -> Option<Duration> {
        let told = held.told.filter(|(since, ..)| *since < at);
        let told = told.and_then(|(_, heartbeat, _)| heartbeat);
        let declared = self.declared(held).and_then(|declared| declared.heartbeat);
        [declared, told].into_iter().flatten().min()
    }

    /// What the worker's type says, if the worker knows the type.
    pub(super) fn declared(&self, held: &Held) -> Option<&TypePlan> {
        let known = self.plan(held.task).kind != crate::plan::Kind::Unknown;
        known.then(|| self.type_of(held.task))
    }

    /// Since when, as far as the worker knows, the service has seen the task alive.
    pub(super) fn alive(&self, held: &Held, at: Moment) -> Duration {
        self.alive_by(held, |heard| heard < at)
    }

    /// The same, without what it hears in that very instant.
    pub(super) fn alive_before(&self, held: &Held, at: Duration) -> Duration {
        self.alive_by(held, |heard| heard.at < at)
    }

    fn alive_by(&self, held: &Held, known: impl Fn(Moment) -> bool) -> Duration {
        let beats = self.beats(held);
        let beats = beats.filter(|call| matches!(call.heard, Some(Answer::Beat { .. })));
        let heard = beats.filter(|call| call.ended.is_some_and(&known));
        let alive = heard.map(|call| call.called.at).max();
        alive.unwrap_or(held.delivered.at).max(held.delivered.at)
    }
}
