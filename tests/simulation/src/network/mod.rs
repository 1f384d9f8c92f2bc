//! The network between the workers and the service.
//!
//! A call becomes a message of its own, with a fate that was drawn when it was made. So a
//! request arrives also when its caller has given up, is overtaken by a later one, arrives
//! twice, or not at all; and the answer goes the same kind of way back. What the service was
//! asked and what it answered is written down beside what the worker heard.

mod bucket;
mod fate;
mod service;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use workbeat::service::{ServiceError, ServiceErrorKind, TaskToken};
use workbeat_local::LocalService;

use self::bucket::Filled;
use self::fate::{Fate, Passage, Request};
use self::service::{Asked, Reply};
use crate::log::{CallId, Fact, LifeId, Log, Op, TaskId};
use crate::plan::{Draw, Plan, ServicePlan, Weather};

/// How much longer than the service holds a poll an adapter waits for its answer.
const POLL_PATIENCE: Duration = Duration::from_secs(10);

/// How long it takes a caller to be told that a connection is gone.
const TOLD: Duration = Duration::from_millis(3);

/// The network of a run. Each life of a worker has a [`Line`] into it.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    local: LocalService,
    log: Log,
    service: ServicePlan,
    state: Mutex<State>,
    /// The messages under way. They end with the network.
    messages: Mutex<JoinSet<()>>,
}

#[derive(Debug)]
struct State {
    draw: Draw,
    weather: Arc<Weather>,
    bucket: Option<Filled>,
    calls: u32,
    calm: bool,
    names: HashMap<TaskToken, TaskId>,
}

impl Network {
    pub(crate) fn new(local: LocalService, log: Log, plan: &Plan) -> Self {
        let weather = Arc::clone(&plan.weather);
        let state = State {
            draw: Draw::new(plan.network_seed),
            bucket: weather.bucket.map(Filled::new),
            weather,
            calls: 0,
            calm: false,
            names: HashMap::new(),
        };
        Self {
            shared: Arc::new(Shared {
                local,
                log,
                service: plan.service,
                state: Mutex::new(state),
                messages: Mutex::default(),
            }),
        }
    }

    /// The way of one life of a worker to the service.
    pub(crate) fn line(&self, life: LifeId) -> Line {
        Line {
            shared: Arc::clone(&self.shared),
            life,
        }
    }

    /// From now on nothing goes wrong that has not begun to.
    pub(crate) fn calm(&self) {
        self.shared.state().calm = true;
    }

    /// The activity that a token names.
    pub(crate) fn name(&self, token: &TaskToken) -> TaskId {
        self.shared.name(token)
    }
}

/// One worker's way to the service.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    shared: Arc<Shared>,
    life: LifeId,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self, token: &TaskToken) -> TaskId {
        // Tokens come with polls, and every poll goes through here.
        self.state()
            .names
            .get(token)
            .copied()
            .unwrap_or(TaskId(u32::MAX))
    }

    /// Takes in a call and draws its fate.
    fn begin(&self, life: LifeId, op: Op, token: Option<&TaskToken>) -> (CallId, Fate) {
        let task = token.map(|token| self.name(token));
        let mut state = self.state();
        let call = CallId(state.calls);
        state.calls += 1;
        let (weather, calm) = (Arc::clone(&state.weather), state.calm);
        let now = self.log.now();
        let fate = Fate::draw(&mut state.draw, &weather, op, life.worker, now, calm);
        drop(state);
        self.log.note(Fact::Called {
            call,
            life,
            op,
            task,
            fate: fate.as_str(),
        });
        (call, fate)
    }

    fn is_throttled(&self) -> bool {
        let now = self.log.now();
        let mut state = self.state();
        if state.calm {
            return false;
        }
        state
            .bucket
            .as_mut()
            .is_some_and(|bucket| !bucket.take(now))
    }

    /// The service is asked, and answers.
    async fn reach(&self, call: CallId, asked: Asked) -> Result<Reply, ServiceError> {
        let reply = if self.is_throttled() {
            Err(error(ServiceErrorKind::Throttled))
        } else {
            asked.ask(&self.local).await
        };
        if let Ok(Reply::Task(Some(task))) = &reply {
            let number = task.activity_id.trim_start_matches('a').parse();
            let name = TaskId(number.unwrap_or(u32::MAX));
            self.state().names.insert(task.token.clone(), name);
        }
        let answer = self.answer(&reply);
        self.log.note(Fact::Reached { call, answer });
        reply
    }

    fn spawn(&self, message: impl Future<Output = ()> + Send + 'static) {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        while messages.try_join_next().is_some() {}
        messages.spawn(message);
    }
}

fn error(kind: ServiceErrorKind) -> ServiceError {
    ServiceError::new(kind, "so the network has it")
}

fn gone() -> ServiceError {
    error(ServiceErrorKind::Unavailable).ambiguous()
}

impl Line {
    /// Makes a call.
    async fn call(
        &self,
        op: Op,
        token: Option<&TaskToken>,
        asked: Asked,
    ) -> Result<Reply, ServiceError> {
        let (call, fate) = self.shared.begin(self.life, op, token);
        let mut given_up = GivenUp {
            log: &self.shared.log,
            call: Some(call),
        };
        let (answer, heard) = oneshot::channel();
        let message = deliver(Arc::clone(&self.shared), call, asked, fate, answer);
        self.shared.spawn(message);
        let heard = async {
            match heard.await {
                Ok(reply) => reply,
                // Nothing comes back, and nobody says so.
                Err(_) => std::future::pending().await,
            }
        };
        let reply = if op == Op::Poll {
            // The worker sets no limit to a poll; an adapter does.
            let patience = self.shared.service.poll_hold + POLL_PATIENCE;
            timeout(patience, heard)
                .await
                .unwrap_or_else(|_| Err(gone()))
        } else {
            heard.await
        };
        given_up.call = None;
        let answer = self.shared.answer(&reply);
        self.shared.log.note(Fact::Heard { call, answer });
        reply
    }
}

type Answering = oneshot::Sender<Result<Reply, ServiceError>>;

/// Carries a request to the service and the answer back.
async fn deliver(
    shared: Arc<Shared>,
    call: CallId,
    asked: Asked,
    fate: Fate,
    mut answer: Answering,
) {
    sleep(fate.there).await;
    let refused = match fate.request {
        Request::Arrives => None,
        Request::Lost { silently: true } => return,
        Request::Lost { silently: false } => {
            sleep(TOLD).await;
            let _ = answer.send(Err(gone()));
            return;
        }
        Request::Unavailable => Some(ServiceErrorKind::Unavailable),
        Request::Throttled => Some(ServiceErrorKind::Throttled),
        Request::NotPermitted => Some(ServiceErrorKind::NotPermitted),
    };
    if let Some(kind) = refused {
        sleep(fate.back).await;
        let _ = answer.send(Err(error(kind)));
        return;
    }
    if let Some(after) = fate.copy {
        let (shared, copy) = (Arc::clone(&shared), asked.clone());
        shared.clone().spawn(async move {
            sleep(after).await;
            let _ = shared.reach(call, copy).await;
        });
    }
    let notices_gone = shared.service.notices_gone && asked.is_poll();
    let reply = tokio::select! {
        biased;
        reply = shared.reach(call, asked) => reply,
        // The service sees the connection close, and gives the poll up.
        () = answer.closed(), if notices_gone => return,
    };
    match fate.answer {
        Passage::Arrives => {
            sleep(fate.back).await;
            let _ = answer.send(reply);
        }
        Passage::Lost { silently: true } => {}
        Passage::Lost { silently: false } | Passage::Unavailable => {
            sleep(fate.back).await;
            let _ = answer.send(Err(gone()));
        }
    }
}

/// Notes that the worker dropped a call.
struct GivenUp<'a> {
    log: &'a Log,
    call: Option<CallId>,
}

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        if let Some(call) = self.call {
            self.log.note(Fact::GivenUp { call });
        }
    }
}
