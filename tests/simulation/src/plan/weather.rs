//! How bad the network is.

use std::time::Duration;

use super::Draw;

/// The network between the workers and the service, for one run.
#[derive(Debug)]
pub(crate) struct Weather {
    /// How long a request or an answer takes, at the least and at the most.
    pub(crate) latency: (u64, u64),
    /// The chance that it takes much longer, and the most that it then takes.
    pub(crate) slow: f64,
    pub(crate) slow_for: u64,
    /// The chance that a request never arrives.
    pub(crate) lose_request: f64,
    /// The chance that a request is applied and its answer is lost.
    pub(crate) lose_answer: f64,
    /// The chance that a request is applied twice.
    pub(crate) repeat: f64,
    /// The chance that the service answers with an error of its own, applied or not.
    pub(crate) unavailable: f64,
    /// Of what is lost, how much the caller never hears of. The rest it hears as an error.
    pub(crate) silent: f64,
    /// How many calls the service takes.
    pub(crate) bucket: Option<Bucket>,
    pub(crate) storms: Vec<Storm>,
}

/// A token bucket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    /// Calls a second.
    pub(crate) rate: f64,
    /// Calls at once.
    pub(crate) burst: f64,
}

/// A time in which something is wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Storm {
    pub(crate) from: Duration,
    pub(crate) until: Duration,
    /// The worker that it meets; all if none is said.
    pub(crate) worker: Option<usize>,
    pub(crate) kind: StormKind,
}

/// What is wrong in a storm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StormKind {
    /// Nothing gets through, in either direction, and nobody is told.
    Partition,
    /// Nothing gets through, and the caller is told at once.
    Refusing,
    /// Answers are lost.
    Deaf,
    /// The service answers every call with an error and applies none.
    Unavailable,
    /// The service wants fewer calls.
    Throttling,
    /// Credentials have expired.
    NotPermitted,
    /// Everything takes long.
    Slow,
}

const STORMS: [StormKind; 7] = [
    StormKind::Partition,
    StormKind::Refusing,
    StormKind::Deaf,
    StormKind::Unavailable,
    StormKind::Throttling,
    StormKind::NotPermitted,
    StormKind::Slow,
];

/// The chances of one call to go wrong, where that fault is in the run.
const STRENGTH: std::ops::RangeInclusive<f64> = 0.02..=0.6;

pub(crate) fn weather(draw: &mut Draw, active: Duration, workers: usize) -> Weather {
    let latency = draw.magnitude(1..=60);
    let mut fault = |presence: f64| {
        let present = draw.chance(presence);
        let strength = draw.share(STRENGTH);
        if present { strength } else { 0.0 }
    };
    let (slow, lose_request, lose_answer) = (fault(0.4), fault(0.4), fault(0.4));
    let (repeat, unavailable) = (fault(0.4), fault(0.4));
    Weather {
        latency: (latency / 2, latency + draw.within(0..=60)),
        slow,
        slow_for: draw.magnitude(500..=40_000),
        lose_request,
        lose_answer,
        repeat,
        unavailable,
        silent: draw.one(&[0.0, 0.2, 0.5, 1.0]),
        bucket: draw.chance(0.3).then(|| Bucket {
            rate: draw.share(2.0..=200.0),
            burst: draw.share(5.0..=500.0),
        }),
        storms: storms(draw, active, workers),
    }
}

fn storms(draw: &mut Draw, active: Duration, workers: usize) -> Vec<Storm> {
    if draw.chance(0.3) {
        return Vec::new();
    }
    let kinds = draw.some(&STORMS);
    let storms = draw.magnitude(1..=20);
    (0..storms)
        .map(|_| {
            let from = draw.within(0..=active.as_millis() as u64);
            let length = draw.magnitude(100..=90_000);
            Storm {
                from: Duration::from_millis(from),
                until: Duration::from_millis(from + length).min(active),
                worker: draw
                    .chance(0.5)
                    .then(|| draw.within(0..=workers as u64 - 1) as usize),
                kind: draw.one(&kinds),
            }
        })
        .collect()
}
