//! Spans, behind the same wall as [events](crate::told).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tracing::span::{Entered, Id};

use crate::told::told;

/// A span whose subscriber may panic, wherever it hears of the span, and costs nothing but what
/// it would have written.
///
/// One that nobody hears of is a null pointer: every task has a span.
#[derive(Debug)]
pub(crate) struct WalledSpan(Option<Box<tracing::Span>>);

/// For those that nobody hears of.
static NONE: tracing::Span = tracing::Span::none();

impl WalledSpan {
    /// What `make` makes, or no span.
    pub(crate) fn new(make: impl FnOnce() -> tracing::Span) -> Self {
        let span = told(make).filter(|span| !span.is_disabled());
        Self(span.map(Box::new))
    }

    /// For code of the application, which has no wall.
    pub(crate) fn get(&self) -> &tracing::Span {
        self.0.as_deref().unwrap_or(&NONE)
    }

    /// Enters it until the guard is dropped.
    pub(crate) fn enter(&self) -> Inside<'_> {
        let span = self.0.as_deref();
        Inside(span.and_then(|span| told(|| span.enter())))
    }

    /// Writes a field that the span was made with.
    pub(crate) fn record(&self, field: &'static str, value: &str) {
        if let Some(span) = self.0.as_deref() {
            let _: Option<()> = told(|| {
                span.record(field, value);
            });
        }
    }

    /// `future`, which is polled and dropped in the span.
    pub(crate) fn around<F>(self, future: F) -> Within<F> {
        Within::span_of(self, future)
    }
}

impl Clone for WalledSpan {
    fn clone(&self) -> Self {
        match self.0.as_deref() {
            Some(span) => Self::new(|| span.clone()),
            None => Self(None),
        }
    }
}

impl Drop for WalledSpan {
    fn drop(&mut self) {
        if let Some(span) = self.0.take() {
            let _: Option<()> = told(|| drop(span));
        }
    }
}

/// As the parent of an event.
impl From<&WalledSpan> for Option<Id> {
    fn from(span: &WalledSpan) -> Self {
        span.0.as_deref()?.id()
    }
}

/// The span is entered.
pub(crate) struct Inside<'a>(Option<Entered<'a>>);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if let Some(entered) = self.0.take() {
            let _: Option<()> = told(|| drop(entered));
        }
    }
}

/// Something that has a span, or is one.
pub(crate) trait Spanned {
    fn span(&self) -> &WalledSpan;
}

impl Spanned for WalledSpan {
    fn span(&self) -> &WalledSpan {
        self
    }
}

pin_project! {
    /// A future in a span.
    pub(crate) struct Within<F, S: Spanned = WalledSpan> {
        // None once it is being dropped.
        #[pin]
        future: Option<F>,
        of: S,
    }

    impl<F, S: Spanned> PinnedDrop for Within<F, S> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _inside = this.of.span().enter();
            this.future.set(None);
        }
    }
}

impl<F, S: Spanned> Within<F, S> {
    /// `future`, which is polled and dropped in the span of `of`.
    pub(crate) fn span_of(of: S, future: F) -> Self {
        Self {
            future: Some(future),
            of,
        }
    }
}

impl<F: Future, S: Spanned> Future for Within<F, S> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _inside = this.of.span().enter();
        this.future
            .as_pin_mut()
            .map_or(Poll::Pending, |future| future.poll(cx))
    }
}
