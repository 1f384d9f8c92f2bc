//! What the network does with one call: drawn when the call is made, before anything happens.

use std::time::Duration;

use crate::log::Op;
use crate::plan::{Draw, StormKind, Weather};

/// What happens to one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fate {
    /// How long the request takes.
    pub(super) there: Duration,
    pub(super) request: Request,
    /// When a copy of the request is applied, after the first.
    pub(super) copy: Option<Duration>,
    /// How long the answer takes.
    pub(super) back: Duration,
    pub(super) answer: Passage,
}

/// What becomes of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// The service applies it, unless it throttles.
    Arrives,
    /// It is lost on the way.
    Lost { silently: bool },
    /// The service answers with an error and does not apply it.
    Unavailable,
    /// The service wants fewer calls.
    Throttled,
    /// The credentials are not accepted.
    NotPermitted,
}

/// What becomes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    Arrives,
    /// It is lost; the caller hears an error, or nothing at all.
    Lost {
        silently: bool,
    },
    /// The service answers with an error although it has applied the request.
    Unavailable,
}

impl Fate {
    /// Draws the fate of a call that `worker` makes at `now`.
    pub(super) fn draw(
        draw: &mut Draw,
        weather: &Weather,
        op: Op,
        worker: usize,
        now: Duration,
        calm: bool,
    ) -> Self {
        let (low, high) = weather.latency;
        let mut latency = || Duration::from_millis(draw.within(low..=high));
        let (mut there, mut back) = (latency(), latency());
        let mut fate = Self {
            there,
            request: Request::Arrives,
            copy: None,
            back,
            answer: Passage::Arrives,
        };
        if calm {
            return fate;
        }
        let silently = draw.chance(weather.silent);
        let late = |draw: &mut Draw, time: &mut Duration| {
            if draw.chance(weather.slow) {
                *time += Duration::from_millis(draw.magnitude(10..=weather.slow_for));
            }
        };
        late(draw, &mut there);
        late(draw, &mut back);
        if draw.chance(weather.repeat) {
            fate.copy = Some(Duration::from_millis(draw.magnitude(1..=20_000)));
        }
        if draw.chance(weather.lose_request) {
            fate.request = Request::Lost { silently };
        }
        if draw.chance(weather.lose_answer) {
            fate.answer = Passage::Lost { silently };
        }
        if draw.chance(weather.unavailable) {
            if draw.chance(0.5) {
                fate.request = Request::Unavailable;
            } else {
                fate.answer = Passage::Unavailable;
            }
        }
        for storm in &weather.storms {
            let meets = storm.from <= now
                && now < storm.until
                && storm.worker.is_none_or(|met| met == worker);
            if !meets {
                continue;
            }
            match storm.kind {
                StormKind::Partition => fate.request = Request::Lost { silently: true },
                StormKind::Refusing => fate.request = Request::Lost { silently: false },
                StormKind::Deaf => fate.answer = Passage::Lost { silently },
                StormKind::Unavailable => fate.request = Request::Unavailable,
                StormKind::Throttling => fate.request = Request::Throttled,
                // At start-up it ends the run, as it should; that has tests of its own.
                StormKind::NotPermitted if matches!(op, Op::Poll | Op::Register) => {}
                StormKind::NotPermitted => fate.request = Request::NotPermitted,
                StormKind::Slow => {
                    there += Duration::from_millis(draw.magnitude(100..=15_000));
                    back += Duration::from_millis(draw.magnitude(100..=15_000));
                }
            }
        }
        (fate.there, fate.back) = (there, back);
        fate
    }

    /// For the timeline.
    pub(super) fn as_str(&self) -> &'static str {
        match (self.request, self.answer, self.copy) {
            (Request::Lost { silently: true }, ..) => "lost without a word",
            (Request::Lost { silently: false }, ..) => "lost",
            (Request::Unavailable, ..) => "answered unavailable",
            (Request::Throttled, ..) => "throttled",
            (Request::NotPermitted, ..) => "not permitted",
            (_, Passage::Lost { silently: true }, _) => "its answer lost without a word",
            (_, Passage::Lost { silently: false }, _) => "its answer lost",
            (_, Passage::Unavailable, _) => "applied and answered unavailable",
            (_, _, Some(_)) => "applied twice",
            _ => "",
        }
    }
}
