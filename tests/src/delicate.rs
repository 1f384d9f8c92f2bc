//! Somebody who hears the worker's events, and panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

/// Panics at every event of one level on this thread, until it is dropped.
#[derive(Debug)]
pub struct Delicate {
    panics: Arc<AtomicUsize>,
    _guard: DefaultGuard,
}

impl Delicate {
    /// Hears this thread from now on.
    #[must_use]
    pub fn at(level: Level) -> Self {
        let panics = Arc::<AtomicUsize>::default();
        let layer = Panicking {
            level,
            panics: Arc::clone(&panics),
        };
        let subscriber = tracing_subscriber::registry().with(layer);
        Self {
            panics,
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    /// How often it has panicked.
    #[must_use]
    pub fn panics(&self) -> usize {
        self.panics.load(Ordering::SeqCst)
    }
}

struct Panicking {
    level: Level,
    panics: Arc<AtomicUsize>,
}

impl<S: Subscriber> Layer<S> for Panicking {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == self.level {
            self.panics.fetch_add(1, Ordering::SeqCst);
            panic!("somebody who hears the worker's events");
        }
    }
}
