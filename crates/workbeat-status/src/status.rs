//! What is shown, and how.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use tokio::sync::Semaphore;
use workbeat::WorkerHandle;

use crate::feed::{Feed, MOST_STREAMS, NamedWorker, Render};
use crate::routes;
use crate::snapshot::Extent;

/// The health, the metrics and the status page of one or several workers.
///
/// ```
/// use axum::Router;
/// use workbeat::prelude::*;
/// use workbeat_local::LocalService;
/// use workbeat_status::Status;
///
/// # fn example() -> Result<Router, Box<dyn std::error::Error>> {
/// let worker = Worker::builder(LocalService::new())
///     .task_list("video")
///     .activity_fn("encode", "1.0", async |clip: String| Ok::<_, ActivityError>(clip))
///     .build()?;
/// let status = Status::new().worker("video", worker.handle());
/// let app: Router = Router::new().nest("/worker", status.router());
/// # Ok(app)
/// # }
/// # example().unwrap();
/// ```
#[derive(Default)]
#[must_use = "it shows nothing until its router is served"]
pub struct Status {
    workers: Vec<NamedWorker>,
    actions: bool,
    hide_progress: bool,
    rows: Option<usize>,
    refresh: Option<Duration>,
    render: Option<Render>,
}

impl Status {
    /// Of no worker yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows this worker too, under a name that tells it from the others: a name that one of them
    /// has already gets a number, `video 2`.
    pub fn worker(mut self, name: impl Into<String>, handle: WorkerHandle) -> Self {
        let name = self.free_name(name.into());
        self.workers.push(NamedWorker { name, handle });
        self
    }

    /// Two of one name would be the same series to Prometheus, which then takes none at all.
    fn free_name(&self, name: String) -> String {
        let taken = |name: &str| self.workers.iter().any(|worker| worker.name == name);
        if !taken(&name) {
            return name;
        }
        let mut numbered = (2_usize..).map(|number| format!("{name} {number}"));
        let free = numbered.find(|numbered| !taken(numbered));
        free.unwrap_or(name)
    }

    /// Lets whoever sees the page pause, resume and drain the workers. Off by default: turn it on
    /// where only those can reach the page who may do that.
    pub fn allow_actions(mut self) -> Self {
        self.actions = true;
        self
    }

    /// Shows nothing of what activities report. It is shown by default, and is the one thing on
    /// the page that activities write themselves.
    pub fn hide_progress(mut self) -> Self {
        self.hide_progress = true;
        self
    }

    /// Shows so many running activities of each worker at most, the most urgent ones, and the
    /// number of all. 100 by default.
    pub fn max_rows(mut self, rows: usize) -> Self {
        self.rows = Some(rows);
        self
    }

    /// How often the page is brought up to date while somebody looks at it. A second by default,
    /// and a tenth of one at least.
    pub fn refresh(mut self, every: Duration) -> Self {
        self.refresh = Some(every);
        self
    }

    /// Puts further metrics in front of those of the page: whatever a recorder renders as
    /// Prometheus's text. They must not begin with `workbeat_status_`.
    ///
    /// With `metrics-exporter-prometheus`, whose version is the application's:
    ///
    /// ```
    /// # use workbeat_status::Status;
    /// # struct PrometheusHandle;
    /// # impl PrometheusHandle { fn render(&self) -> String { String::new() } }
    /// # fn example(handle: PrometheusHandle) -> Status {
    /// // let handle = PrometheusBuilder::new().install_recorder()?;
    /// Status::new().metrics(move || handle.render())
    /// # }
    /// ```
    pub fn metrics(mut self, render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.render = Some(Arc::new(render));
        self
    }

    /// The routes, to [`nest`](Router::nest) below a path, to merge, or to serve alone.
    ///
    /// Below a path, `nest("/worker", ..)` serves the page at `/worker`; `nest_service` serves it
    /// at `/worker/` too. Every other address in the page is relative to that.
    ///
    /// It fits into a router with any state, which it has no use for:
    ///
    /// ```
    /// use axum::Router;
    /// use axum::extract::State;
    /// use axum::routing::get;
    /// use workbeat_status::Status;
    ///
    /// #[derive(Clone)]
    /// struct App(&'static str);
    ///
    /// let app: Router = Router::new()
    ///     .route("/", get(async |State(app): State<App>| app.0))
    ///     .nest("/worker", Status::new().router())
    ///     .with_state(App("hello"));
    /// # let _ = app;
    /// ```
    pub fn router<S>(self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let least = Duration::from_millis(100);
        let feed = Feed {
            workers: self.workers,
            actions: self.actions,
            extent: Extent {
                rows: self.rows.unwrap_or(100),
                progress: !self.hide_progress,
            },
            refresh: self.refresh.unwrap_or(Duration::from_secs(1)).max(least),
            render: self.render,
            streams: Arc::new(Semaphore::new(MOST_STREAMS)),
            newest: Mutex::new(None),
        };
        routes::router(Arc::new(feed))
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.workers.iter().map(|worker| &worker.name).collect();
        f.debug_struct("Status")
            .field("workers", &names)
            .field("actions", &self.actions)
            .field("hide_progress", &self.hide_progress)
            .finish_non_exhaustive()
    }
}
