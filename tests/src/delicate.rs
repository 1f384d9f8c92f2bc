//! A subscriber that is somebody else's code, and panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber, span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

type Startles = Box<dyn Fn(&'static tracing::Metadata<'static>) -> bool + Send + Sync>;

/// Panics when it hears of what startles it.
struct Panicking {
    startles: Startles,
    panics: Arc<AtomicUsize>,
}

impl Panicking {
    fn hear(&self, of: &'static tracing::Metadata<'static>) {
        if (self.startles)(of) {
            self.panics.fetch_add(1, Ordering::SeqCst);
            panic!("startled by {}", of.name());
        }
    }
}

impl<S: Subscriber> Layer<S> for Panicking {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.hear(attributes.metadata());
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.hear(event.metadata());
    }
}

/// Subscribes somebody to this thread who panics at the spans and events that `startles` picks.
#[derive(Debug)]
pub struct Delicate {
    panics: Arc<AtomicUsize>,
    _guard: DefaultGuard,
}

impl Delicate {
    /// To what `startles` says.
    pub fn to(
        startles: impl Fn(&'static tracing::Metadata<'static>) -> bool + Send + Sync + 'static,
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
