//! The codecs and the middleware of a worker, and how the builder is told of them.

use std::future::Future;
use std::sync::Arc;

use super::WorkerBuilder;
use crate::activity::ActivityError;
use crate::codec::{Codec, Codecs};
use crate::middleware::{ActivityCall, Around, ErasedMiddleware, Middleware, Next, middleware_fn};
#[cfg(feature = "tower")]
use crate::middleware::{CallService, Layered};
use crate::panic::discard;
use crate::service::ActivityType;

/// What the builder was told.
#[derive(Default)]
pub(crate) struct Surroundings {
    pub(crate) codecs: Codecs,
    /// A service of the worker's knows what inputs stand for, where they can be kept elsewhere.
    pub(crate) stored_inputs: bool,
    /// Around all activities, the outermost first.
    pub(crate) middleware: Vec<Arc<dyn ErasedMiddleware>>,
    /// Around one type, inside of those; with the name of the setting that said so.
    pub(crate) of_type: Vec<(&'static str, ActivityType, Arc<dyn ErasedMiddleware>)>,
}

impl Surroundings {
    /// Every type that is named, and the setting that names it.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &ActivityType)> {
        let codecs = self.codecs.of_type.keys();
        let codecs = codecs.map(|activity_type| ("activity_codec", activity_type));
        let middleware = self.of_type.iter();
        codecs.chain(middleware.map(|(setting, activity_type, _)| (*setting, activity_type)))
    }

    /// What stands around this type.
    pub(super) fn of(&self, activity_type: &ActivityType) -> Option<Arc<Around>> {
        let own = self
            .of_type
            .iter()
            .filter(|(_, named, _)| named == activity_type);
        let own = own.map(|(.., middleware)| middleware);
        self.around(
            self.codecs.of(activity_type),
            self.middleware.iter().chain(own),
        )
    }

    /// What stands around the types that are not registered.
    pub(super) fn of_untyped(&self) -> Option<Arc<Around>> {
        self.around(self.codecs.all.as_ref(), &self.middleware)
    }

    fn around<'a>(
        &self,
        codec: Option<&Arc<dyn Codec>>,
        middleware: impl IntoIterator<Item = &'a Arc<dyn ErasedMiddleware>>,
    ) -> Option<Arc<Around>> {
        let around = Around {
            codec: codec.cloned(),
            stored_inputs: self.stored_inputs,
            middleware: middleware.into_iter().cloned().collect(),
        };
        (!around.is_empty()).then(|| Arc::new(around))
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        self.middleware.drain(..).for_each(discard);
        for (.., middleware) in self.of_type.drain(..) {
            discard(middleware);
        }
    }
}

/// Around activities: codecs, middleware and layers.
impl WorkerBuilder {
    /// The [codec](crate::codec) of the worker: what payloads look like on the wire. The default is
    /// JSON as it is. A second one takes the place of the first; [`Codec::over`] has both.
    ///
    /// The framework's own failures go through it too, also those of tasks whose type the worker
    /// does not know.
    pub fn codec(mut self, codec: impl Codec) -> Self {
        self.surroundings.codecs.all = Some(Arc::new(codec));
        self
    }

    /// The [codec](crate::codec) of one activity type, in place of the worker's.
    ///
    /// ```
    /// # use workbeat::codec::FlowJava;
    /// # fn example(builder: workbeat::worker::WorkerBuilder) -> workbeat::worker::WorkerBuilder {
    /// builder
    ///     .codec(FlowJava::new())
    ///     .activity_codec("Archive.measure", "1.0", FlowJava::new().result_class("com.example.Sum"))
    /// # }
    /// ```
    pub fn activity_codec(
        mut self,
        name: impl Into<Arc<str>>,
        version: impl Into<Arc<str>>,
        codec: impl Codec,
    ) -> Self {
        let activity_type = ActivityType::new(name, version);
        let codecs = &mut self.surroundings.codecs;
        codecs.of_type.insert(activity_type, Arc::new(codec));
        self
    }

    /// Puts [middleware](crate::middleware) around every activity, inside of what was put there
    /// before: the first is the outermost.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.surroundings.middleware.push(Arc::new(middleware));
        self
    }

    /// Puts a closure or a plain async fn around every activity, as
    /// [`middleware`](Self::middleware).
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # fn example(builder: workbeat::worker::WorkerBuilder) -> workbeat::worker::WorkerBuilder {
    /// builder.middleware_fn(async |call, next| {
    ///     if call.ctx.is_draining() {
    ///         return Err(ActivityError::failed("NOT_NOW"));
    ///     }
    ///     next.run(call).await
    /// })
    /// # }
    /// ```
    pub fn middleware_fn<F, Fut, E>(self, function: F) -> Self
    where
        F: Fn(ActivityCall, Next) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<String>, E>> + Send + 'static,
        E: Into<ActivityError> + 'static,
    {
        self.middleware(middleware_fn(function))
    }

    /// Puts [middleware](crate::middleware) around one activity type, inside of all that is around
    /// every activity.
    pub fn activity_middleware(
        self,
        name: impl Into<Arc<str>>,
        version: impl Into<Arc<str>>,
        middleware: impl Middleware,
    ) -> Self {
        let activity_type = ActivityType::new(name, version);
        self.around_type("activity_middleware", activity_type, middleware)
    }

    /// With these, in place of what there was.
    #[cfg(feature = "testing")]
    pub(crate) fn surrounded(mut self, surroundings: Surroundings) -> Self {
        self.surroundings = surroundings;
        self
    }

    fn around_type(
        mut self,
        setting: &'static str,
        activity_type: ActivityType,
        middleware: impl Middleware,
    ) -> Self {
        let middleware = Arc::new(middleware);
        let of_type = &mut self.surroundings.of_type;
        of_type.push((setting, activity_type, middleware));
        self
    }

    /// Puts a tower layer around every activity, in its place among the
    /// [middleware](Self::middleware). Needs the feature `tower`.
    ///
    /// The layered service is cloned for each call, and is waited for until it is
    /// [ready](tower_service::Service::poll_ready); meanwhile the task holds its slot, heartbeats,
    /// and can be cancelled. One service stands around all activities, so a limit of concurrency
    /// is one for the worker.
    ///
    /// An error of a layer's own becomes a failure, as any error does: its reason is the name of
    /// its type, or `error` where the layer has boxed it, as `TimeoutLayer` does. One of the activity's own
    /// comes through as it was, also where a layer boxes errors.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use tower::limit::ConcurrencyLimitLayer;
    /// use tower::timeout::TimeoutLayer;
    ///
    /// # fn example(builder: workbeat::worker::WorkerBuilder) -> workbeat::worker::WorkerBuilder {
    /// builder
    ///     .layer(ConcurrencyLimitLayer::new(4))
    ///     .layer(TimeoutLayer::new(Duration::from_secs(60))) // does not count the wait above
    /// # }
    /// ```
    ///
    /// A layer whose service is not `Clone` fits when a `tower::buffer::BufferLayer` is around it.
    /// That one spawns a task as soon as it is put around something, here and not in
    /// [`run`](crate::Worker::run).
    ///
    /// # Panics
    ///
    /// If the layer does: tower's `BufferLayer` where there is no runtime.
    #[cfg(feature = "tower")]
    pub fn layer<L>(self, layer: L) -> Self
    where
        L: tower_layer::Layer<CallService>,
        L::Service: tower_service::Service<ActivityCall, Response = Option<String>>
            + Clone
            + Send
            + 'static,
        <L::Service as tower_service::Service<ActivityCall>>::Error:
            Into<Box<dyn std::error::Error + Send + Sync>>,
        <L::Service as tower_service::Service<ActivityCall>>::Future: Send,
    {
        self.middleware(Layered::new(layer.layer(CallService)))
    }

    /// Puts a tower layer around one activity type, as [`layer`](Self::layer), in its place among
    /// the [middleware of that type](Self::activity_middleware). Needs the feature `tower`.
    #[cfg(feature = "tower")]
    pub fn activity_layer<L>(
        self,
        name: impl Into<Arc<str>>,
        version: impl Into<Arc<str>>,
        layer: L,
    ) -> Self
    where
        L: tower_layer::Layer<CallService>,
        L::Service: tower_service::Service<ActivityCall, Response = Option<String>>
            + Clone
            + Send
            + 'static,
        <L::Service as tower_service::Service<ActivityCall>>::Error:
            Into<Box<dyn std::error::Error + Send + Sync>>,
        <L::Service as tower_service::Service<ActivityCall>>::Future: Send,
    {
        let activity_type = ActivityType::new(name, version);
        let layered = Layered::new(layer.layer(CallService));
        self.around_type("activity_layer", activity_type, layered)
    }
}
