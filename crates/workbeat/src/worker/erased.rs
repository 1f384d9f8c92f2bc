//! Activities without their types, as the registry holds them.

use std::future::Future;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio_util::task::TaskTracker;

use super::supervisor::Supervised;
use crate::activity::{Activity, ActivityContext, ActivityError};
use crate::codec;
use crate::middleware::{Around, CallResult, Endpoint};
use crate::span::Within;

/// An activity whose input and output types are known only inside.
///
/// The type is erased where the task is spawned, so that the spawned task's own cell is the
/// only allocation.
pub(crate) trait ErasedActivity: Send + Sync {
    /// Spawns one run of it, within what stands around it.
    fn start(
        self: Arc<Self>,
        task: Supervised,
        input: Option<String>,
        around: Option<Arc<Around>>,
        tasks: &TaskTracker,
    );
}

/// A typed activity: JSON in, JSON out; and who is given the output then.
pub(crate) struct Typed<A, K = ()>(pub(crate) A, pub(crate) K);

/// Takes an activity's output when it is encoded.
pub(crate) trait Keep<O>: Send + Sync + 'static {
    fn keep(&self, output: O);
}

/// Nobody.
impl<O> Keep<O> for () {
    fn keep(&self, _: O) {}
}

impl<A: Activity, K: Keep<A::Output>> ErasedActivity for Typed<A, K> {
    fn start(
        self: Arc<Self>,
        task: Supervised,
        input: Option<String>,
        around: Option<Arc<Around>>,
        tasks: &TaskTracker,
    ) {
        let ctx = task.context();
        match around {
            None => spawn(tasks, task, self.run(input, ctx)),
            Some(around) => spawn(tasks, task, around.run(self, input, ctx)),
        }
    }
}

impl<A: Activity, K: Keep<A::Output>> Typed<A, K> {
    /// Decodes, runs, encodes.
    #[expect(clippy::manual_async_fn, reason = "it would keep its arguments twice")]
    fn run(
        self: Arc<Self>,
        input: Option<String>,
        ctx: ActivityContext,
    ) -> impl Future<Output = CallResult> + Send {
        async move {
            let decoded = codec::decode(input.as_deref())?;
            drop(input);
            let output = self.0.run(decoded, ctx).await?;
            let encoded = codec::encode(&output).map(Some);
            self.1.keep(output);
            encoded
        }
    }
}

impl<A: Activity, K: Keep<A::Output>> Endpoint for Typed<A, K> {
    fn call(
        self: Arc<Self>,
        input: Option<String>,
        ctx: ActivityContext,
    ) -> BoxFuture<'static, CallResult> {
        Box::pin(self.run(input, ctx))
    }

    fn looks_at_input(&self) -> bool {
        codec::looks_at_input::<A::Input>()
    }
}

/// A function for activities whose names are known only at run time: text in, text out.
pub(crate) struct Untyped<F>(pub(crate) F);

impl<F, Fut, E> ErasedActivity for Untyped<F>
where
    F: Fn(Option<String>, ActivityContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<String>, E>> + Send + 'static,
    E: Into<ActivityError>,
{
    fn start(
        self: Arc<Self>,
        task: Supervised,
        input: Option<String>,
        around: Option<Arc<Around>>,
        tasks: &TaskTracker,
    ) {
        let ctx = task.context();
        match around {
            None => {
                let body = async move { (self.0)(input, ctx).await.map_err(Into::into) };
                spawn(tasks, task, body);
            }
            Some(around) => spawn(tasks, task, around.run(self, input, ctx)),
        }
    }
}

impl<F, Fut, E> Endpoint for Untyped<F>
where
    F: Fn(Option<String>, ActivityContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<String>, E>> + Send + 'static,
    E: Into<ActivityError>,
{
    fn call(
        self: Arc<Self>,
        input: Option<String>,
        ctx: ActivityContext,
    ) -> BoxFuture<'static, CallResult> {
        Box::pin(async move { (self.0)(input, ctx).await.map_err(Into::into) })
    }

    fn looks_at_input(&self) -> bool {
        true
    }
}

/// Spawns a run of an activity, in the task's span.
fn spawn<F>(tasks: &TaskTracker, task: Supervised, body: F)
where
    F: Future<Output = Result<Option<String>, ActivityError>> + Send + 'static,
{
    let record = Arc::clone(&task.record);
    let within = Within::span_of(Arc::clone(&record), task.supervise(body));
    // Not by tokio's own `spawn`, which moves the future three times more.
    let running = tasks.spawn_on(within, &record.worker.runtime);
    record.set_running(running.abort_handle());
}
