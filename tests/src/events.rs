//! What was logged, at every level or from one on.

use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Level, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

/// One event, as text.
#[derive(Clone, Debug)]
pub struct Logged {
    /// How loud it is.
    pub level: Level,
    /// The module that it comes from.
    pub target: String,
    /// Its message and its fields.
    pub text: String,
    /// The spans that it is in, the innermost first, each as its name and its fields.
    pub within: String,
}

/// Every event and span of this thread, and of those that take over
/// [its dispatch](Events::dispatch), from [`Events::capture`] until it is dropped; or of all
/// threads, from [`Events::capture_everywhere`] on.
#[derive(Debug)]
pub struct Events {
    kept: Arc<Mutex<Kept>>,
    dispatch: Dispatch,
    _guard: Option<DefaultGuard>,
}

#[derive(Debug, Default)]
struct Kept {
    events: Vec<Logged>,
    spans: Vec<String>,
    open_tasks: usize,
}

struct Keeper(Arc<Mutex<Kept>>);

impl Keeper {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events {
    /// Captures everything that this thread logs from now on, down to TRACE.
    #[must_use]
    pub fn capture() -> Self {
        Self::capture_from(Level::TRACE)
    }

    /// Captures what a subscriber gets that wants `level` and what is louder, as with `RUST_LOG`.
    #[must_use]
    pub fn capture_from(level: Level) -> Self {
        keep_callsites_awake();
        let kept = Arc::<Mutex<Kept>>::default();
        let subscriber = tracing_subscriber::registry()
            .with(LevelFilter::from_level(level))
            .with(Keeper(Arc::clone(&kept)));
        let dispatch = Dispatch::new(subscriber);
        Self {
            kept,
            _guard: Some(tracing::dispatcher::set_default(&dispatch)),
            dispatch,
        }
    }

    /// Captures everything that any thread of this process logs from now on, down to TRACE.
    ///
    /// # Panics
    ///
    /// When it is not the first of its process: a test that does this is alone in its file.
    #[must_use]
    pub fn capture_everywhere() -> Self {
        let kept = Arc::<Mutex<Kept>>::default();
        let subscriber = tracing_subscriber::registry().with(Keeper(Arc::clone(&kept)));
        let dispatch = Dispatch::new(subscriber);
        tracing::dispatcher::set_global_default(dispatch.clone())
            .expect("it must be the first of its process");
        Self {
            kept,
            dispatch,
            _guard: None,
        }
    }

    /// What captures, for the other threads of a test.
    #[must_use]
    pub fn dispatch(&self) -> Dispatch {
        self.dispatch.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The events so far.
    #[must_use]
    pub fn all(&self) -> Vec<Logged> {
        self.kept().events.clone()
    }

    /// The spans so far, each as its name and its fields.
    #[must_use]
    pub fn spans(&self) -> Vec<String> {
        self.kept().spans.clone()
    }

    /// The events of `level` that contain `text`.
    #[must_use]
    pub fn matching(&self, level: Level, text: &str) -> Vec<Logged> {
        let mut events = self.all();
        events.retain(|event| event.level == level && event.text.contains(text));
        events
    }

    /// How many events of `level` contain `text`.
    #[must_use]
    pub fn count(&self, level: Level, text: &str) -> usize {
        self.matching(level, text).len()
    }

    /// How many tasks the worker still remembers: their spans are open.
    #[must_use]
    pub fn open_tasks(&self) -> usize {
        self.kept().open_tasks
    }
}

/// Gives the process a subscriber that wants everything and keeps nothing.
///
/// Where no subscriber wants an event tracing notes it, and while other tests come and go with
/// theirs that note can stand when it should not.
fn keep_callsites_awake() {
    static AWAKE: Once = Once::new();
    AWAKE.call_once(|| {
        // A process that has one already is awake.
        let _ = tracing::dispatcher::set_global_default(Dispatch::new(Registry::default()));
    });
}

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a String does not fail.
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Keeper {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut text = Text(attributes.metadata().name().to_owned());
        attributes.record(&mut text);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Text(text.0.clone()));
        }
        let mut kept = self.kept();
        kept.spans.push(text.0);
        kept.open_tasks += usize::from(attributes.metadata().name() == "activity");
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut text = Text::default();
        values.record(&mut text);
        self.kept().spans.push(text.0);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        let mut within = String::new();
        for span in context.event_scope(event).into_iter().flatten() {
            let extensions = span.extensions();
            within.extend(extensions.get::<Text>().map(|span| span.0.as_str()));
            within.push('\n');
        }
        self.kept().events.push(Logged {
            level: *event.metadata().level(),
            target: event.metadata().target().to_owned(),
            text: text.0,
            within,
        });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let name = context.span(&id).map(|span| span.name());
        self.kept().open_tasks -= usize::from(name == Some("activity"));
    }
}
