//! Which activities there are, and what is done to them.

use std::time::Duration;

use super::{Draw, LISTS};

/// What an activity does. The input carries it to the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Kind {
    /// Works and gives its number back.
    Complete,
    /// Works and fails.
    Fail,
    /// Works and panics, with a text or with something else.
    Panic,
    /// Works until it is told to stop, cleans up and acknowledges.
    Acknowledge,
    /// Works until it is told to stop, and goes on.
    Ignore,
    /// Says that it was canceled, whether anybody asked or not.
    SaysCanceled,
    /// Reports progress all the time.
    Flood,
    /// Works for longer than any timeout.
    Outlive,
    /// Gives something back that does not serialize.
    Unserializable,
    /// Gives back more than the service takes.
    TooLarge,
    /// Cleans up for so long that a grace would end it.
    LongCleanUp,
    /// Panics when it cleans up.
    PanicAtCleanUp,
    /// Hands the task on to somebody else.
    HandOn,
    /// Ends early when its worker drains.
    HeedsDrain,
    /// Is given an input that does not decode.
    Garbage,
    /// Has a type that no worker knows.
    Unknown,
}

const KINDS: [Kind; 16] = [
    Kind::Complete,
    Kind::Fail,
    Kind::Panic,
    Kind::Acknowledge,
    Kind::Ignore,
    Kind::SaysCanceled,
    Kind::Flood,
    Kind::Outlive,
    Kind::Unserializable,
    Kind::TooLarge,
    Kind::LongCleanUp,
    Kind::PanicAtCleanUp,
    Kind::HandOn,
    Kind::HeedsDrain,
    Kind::Garbage,
    Kind::Unknown,
];

/// Which activity type: what the worker declares of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TypeName {
    /// Declares nothing.
    Plain,
    /// Declares a heartbeat timeout.
    Paced,
    /// Declares an interval too.
    Drummer,
    /// Declares a cancel grace.
    Graceful,
    /// Declares a start-to-close timeout.
    Hurried,
    /// At most a few run at once.
    Narrow,
}

const TYPES: [TypeName; 6] = [
    TypeName::Plain,
    TypeName::Paced,
    TypeName::Drummer,
    TypeName::Graceful,
    TypeName::Hurried,
    TypeName::Narrow,
];

impl TypeName {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Paced => "paced",
            Self::Drummer => "drummer",
            Self::Graceful => "graceful",
            Self::Hurried => "hurried",
            Self::Narrow => "narrow",
        }
    }
}

/// An activity type of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypePlan {
    pub(crate) name: TypeName,
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) interval: Option<Duration>,
    pub(crate) start_to_close: Option<Duration>,
    pub(crate) grace: Option<Duration>,
    pub(crate) limit: Option<usize>,
}

/// One activity of a run, and what is done to it.
#[derive(Clone, Debug)]
pub(crate) struct ActivityPlan {
    pub(crate) kind: Kind,
    /// Its type's place among the types of the run.
    pub(crate) activity_type: usize,
    pub(crate) list: &'static str,
    /// The workflow that it is in, where it shares one.
    pub(crate) workflow: Option<usize>,
    pub(crate) at: Duration,
    pub(crate) work: Duration,
    pub(crate) clean_up: Duration,
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) start_to_close: Option<Duration>,
    pub(crate) schedule_to_close: Option<Duration>,
    pub(crate) schedule_to_start: Option<Duration>,
    pub(crate) priority: i32,
    /// When its cancellation is requested.
    pub(crate) cancel: Option<Duration>,
    /// When its workflow is terminated.
    pub(crate) terminate: Option<Duration>,
}

const HEARTBEATS: [u64; 10] = [2, 3, 3, 5, 10, 10, 15, 30, 60, 300];

pub(crate) fn types(draw: &mut Draw) -> Vec<TypePlan> {
    let names = draw.some(&TYPES);
    let mut types = Vec::new();
    for name in names {
        let timeout = Duration::from_secs(draw.one(&HEARTBEATS));
        let declares = matches!(name, TypeName::Paced | TypeName::Drummer);
        let third = timeout / 3;
        let part = draw.one(&[0.1, 0.3, 1.0, 1.4]);
        types.push(TypePlan {
            name,
            heartbeat: (declares || draw.chance(0.2)).then_some(timeout),
            interval: (name == TypeName::Drummer).then(|| third.mul_f64(part)),
            start_to_close: (name == TypeName::Hurried)
                .then(|| Duration::from_millis(draw.magnitude(500..=120_000))),
            grace: (name == TypeName::Graceful)
                .then(|| Duration::from_millis(draw.one(&[0, 200, 5_000, 30_000]))),
            limit: (name == TypeName::Narrow).then(|| draw.within(1..=4) as usize),
        });
    }
    types
}

pub(crate) fn activities(
    draw: &mut Draw,
    active: Duration,
    types: &[TypePlan],
) -> Vec<ActivityPlan> {
    let active = active.as_millis() as u64;
    let count = draw.magnitude(40..=600);
    let kinds = draw.some(&KINDS);
    let timeouts = draw.some(&HEARTBEATS);
    let longest = draw.magnitude(100..=active);
    // Some come all at once, some over the whole time.
    let spread = draw.magnitude(1..=active);
    let cancels = draw.one(&[0.0, 0.2, 0.8]);
    let terminates = draw.one(&[0.0, 0.0, 0.05, 0.3]);
    let shared = draw.one(&[0.0, 0.5, 1.0]);
    let mismatch = draw.one(&[0.0, 0.0, 0.3]);
    let limits = draw.one(&[0.0, 0.3]);
    let later = |draw: &mut Draw, at: u64| {
        let after = draw.magnitude(1..=longest * 2);
        Duration::from_millis((at + after).min(active))
    };
    (0..count)
        .map(|_| {
            let activity_type = draw.within(0..=types.len() as u64 - 1) as usize;
            let at = draw.within(0..=spread);
            let kind = draw.one(&kinds);
            let declared = types[activity_type].heartbeat;
            let drawn = Duration::from_secs(draw.one(&timeouts));
            // A decider may schedule with another timeout than the type declares.
            let heartbeat = match declared {
                Some(declared) if !draw.chance(mismatch) => Some(declared),
                _ => draw.chance(0.8).then_some(drawn),
            };
            // What waits for its type's limit must not wait for days.
            let narrow = types[activity_type].limit.is_some();
            let work = match kind {
                _ if narrow => draw.magnitude(0..=longest.min(20_000)),
                Kind::Outlive => draw.magnitude(600_000..=1_500_000),
                _ => draw.magnitude(0..=longest),
            };
            ActivityPlan {
                kind,
                activity_type,
                list: draw.one(&LISTS),
                workflow: draw.chance(shared).then(|| draw.within(0..=9) as usize),
                at: Duration::from_millis(at),
                work: Duration::from_millis(work),
                clean_up: Duration::from_millis(match kind {
                    Kind::LongCleanUp if !narrow => draw.magnitude(1_000..=120_000),
                    _ => draw.magnitude(0..=2_000),
                }),
                heartbeat,
                start_to_close: draw
                    .chance(limits)
                    .then(|| Duration::from_millis(draw.magnitude(300..=300_000))),
                schedule_to_close: draw
                    .chance(limits)
                    .then(|| Duration::from_millis(draw.magnitude(1_000..=600_000))),
                schedule_to_start: draw
                    .chance(limits / 2.0)
                    .then(|| Duration::from_millis(draw.magnitude(100..=600_000))),
                priority: draw.within(0..=3) as i32,
                cancel: draw.chance(cancels).then(|| later(draw, at)),
                terminate: draw.chance(terminates).then(|| later(draw, at)),
            }
        })
        .collect()
}
