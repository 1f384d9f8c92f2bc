//! A subscriber that is somebody else's code, and panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber, span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

type Startles = Box<dyn Fn(Heard, &'static tracing::Metadata<'static>) -> bool + Send + Sync>;

/// What a subscriber hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heard {
    /// That a span is made.
    New,
    /// That a field of a span is written.
    Record,
    /// That a span is entered.
    Enter,
    /// That a span is left.
    Exit,
    /// That nobody has a span any more.
    Close,
    /// An event.
    Event,
}

/// Panics when it hears of what startles it.
struct Panicking {
    startles: Startles,
    panics: Arc<AtomicUsize>,
}

impl Panicking {
    fn hear(&self, heard: Heard, of: &'static tracing::Metadata<'static>) {
        if (self.startles)(heard, of) {
            self.panics.fetch_add(1, Ordering::SeqCst);
            panic!("startled by {}", of.name());
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Panicking {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.hear(Heard::New, attributes.metadata());
    }

    fn on_record(&self, id: &span::Id, _: &span::Record<'_>, context: Context<'_, S>) {
        let of = context.metadata(id);
        of.into_iter().for_each(|of| self.hear(Heard::Record, of));
    }

    fn on_enter(&self, id: &span::Id, context: Context<'_, S>) {
        let of = context.metadata(id);
        of.into_iter().for_each(|of| self.hear(Heard::Enter, of));
    }

    fn on_exit(&self, id: &span::Id, context: Context<'_, S>) {
        let of = context.metadata(id);
        of.into_iter().for_each(|of| self.hear(Heard::Exit, of));
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        let of = context.metadata(&id);
        of.into_iter().for_each(|of| self.hear(Heard::Close, of));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.hear(Heard::Event, event.metadata());
    }
}

/// Subscribes somebody to this thread who panics at the spans and events that `startles` picks.
#[derive(Debug)]
pub struct Delicate {
    panics: Arc<AtomicUsize>,
    _guard: DefaultGuard,
}

impl Delicate {
    /// To each event, and each new span, of which `startles` says so.
    pub fn to(
        startles: impl Fn(&'static tracing::Metadata<'static>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::hearing(move |heard, of| matches!(heard, Heard::New | Heard::Event) && startles(of))
    }

    /// To what `startles` says.
    pub fn hearing(
        startles: impl Fn(Heard, &'static tracing::Metadata<'static>) -> bool + Send + Sync + 'static,
    ) -> Self {
        let panics = Arc::new(AtomicUsize::new(0));
        let delicate = Panicking {
            startles: Box::new(startles),
            panics: Arc::clone(&panics),
        };
        let subscriber = tracing_subscriber::registry().with(delicate);
        Self {
            panics,
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    /// To each event of this level.
    pub fn at(level: Level) -> Self {
        Self::to(move |of| of.is_event() && *of.level() == level)
    }

    /// How often it panicked.
    pub fn panics(&self) -> usize {
        self.panics.load(Ordering::SeqCst)
    }
}
