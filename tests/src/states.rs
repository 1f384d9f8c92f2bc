//! A stand-in for AWS Step Functions' activities, for what a worker does on the wire.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::retry::RetryConfig;
use aws_sdk_sfn::config::{BehaviorVersion, Builder, Config, Credentials, Region};
use serde_json::{Value, json};

use crate::{Reply, Request, Wire};

/// What the names of activities begin with in their ARNs.
const PREFIX: &str = "arn:aws:states:us-east-1:123456789012:activity:";

/// What a client needs for a stand-in at `url`: made-up credentials, plain HTTP, a region. It retries
/// nothing by itself.
#[must_use]
pub fn states_config(url: &str) -> Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
}

/// A client for a server at `url`. It has connections of its own.
#[must_use]
pub fn states_client(url: &str) -> Client {
    Client::from_conf(states_config(url).build())
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskEnded {
    /// With this output.
    Succeeded(String),
    /// With this error and cause.
    Failed {
        /// The error.
        error: Option<String>,
        /// The cause.
        cause: Option<String>,
    },
}

/// The stand-in. It ends when it is dropped.
#[derive(Debug)]
pub struct States {
    wire: Wire,
    queues: Arc<Mutex<Queues>>,
}

#[derive(Debug, Default)]
struct Queues {
    /// Tokens and inputs that wait, by the activity's name.
    waiting: HashMap<String, VecDeque<(String, String)>>,
    /// What is said of tasks that are closed, by token.
    closed: HashMap<String, &'static str>,
    ended: HashMap<String, TaskEnded>,
    polls_hold: Duration,
    tasks: usize,
    /// What is answered to the next calls of an operation.
    next: HashMap<String, VecDeque<Reply>>,
}

impl States {
    /// With no activity. It holds a poll for 50 ms.
    pub async fn start() -> Self {
        let queues = Arc::new(Mutex::new(Queues {
            polls_hold: Duration::from_millis(50),
            ..Queues::default()
        }));
        let answering = Arc::clone(&queues);
        let wire = Wire::start(move |request| lock(&answering).answer(request)).await;
        Self { wire, queues }
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        lock(&self.queues)
    }

    /// The requests that came, and where it listens.
    #[must_use]
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// A client of it without retries, with connections of its own.
    #[must_use]
    pub fn client(&self) -> Client {
        states_client(self.wire.url())
    }

    /// The ARN of the activity with this name.
    #[must_use]
    pub fn arn(name: &str) -> String {
        format!("{PREFIX}{name}")
    }

    /// Answers empty polls at once, as `stepfunctions-local` does.
    pub fn hold_no_polls(&self) {
        self.queues().polls_hold = Duration::ZERO;
    }

    /// Makes an activity.
    pub fn create(&self, name: &str) {
        self.queues().waiting.entry(name.to_owned()).or_default();
    }

    /// Schedules a task, and gives its token.
    #[must_use]
    pub fn schedule(&self, name: &str, input: &str) -> String {
        let mut queues = self.queues();
        queues.tasks += 1;
        let token = format!("s3cret-token-{}", queues.tasks);
        let waiting = queues.waiting.entry(name.to_owned()).or_default();
        waiting.push_back((token.clone(), input.to_owned()));
        token
    }

    /// Closes a task; whoever speaks for it is told so by this error.
    pub fn close(&self, token: &str, code: &'static str) {
        self.queues().closed.insert(token.to_owned(), code);
    }

    /// Answers the next call of `operation` so.
    pub fn next(&self, operation: &str, reply: Reply) {
        let mut queues = self.queues();
        let next = queues.next.entry(operation.to_owned()).or_default();
        next.push_back(reply);
    }

    /// How a task ended, if it did.
    #[must_use]
    pub fn ended(&self, token: &str) -> Option<TaskEnded> {
        self.queues().ended.get(token).cloned()
    }
}

fn lock(queues: &Mutex<Queues>) -> MutexGuard<'_, Queues> {
    queues.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Queues {
    fn answer(&mut self, request: &Request) -> Reply {
        let next = self.next.get_mut(&request.operation);
        if let Some(reply) = next.and_then(VecDeque::pop_front) {
            return reply;
        }
        let text = |member: &str| request.body[member].as_str().map(str::to_owned);
        match request.operation.as_str() {
            "CreateActivity" => {
                let name = text("name").unwrap_or_default();
                self.waiting.entry(name.clone()).or_default();
                Reply::ok(&entry(&name).to_string())
            }
            "ListActivities" => self.list(text("nextToken")),
            "GetActivityTask" => {
                let arn = text("activityArn").unwrap_or_default();
                let name = arn.strip_prefix(PREFIX).unwrap_or_default();
                let Some(waiting) = self.waiting.get_mut(name) else {
                    return fault("ActivityDoesNotExist");
                };
                match waiting.pop_front() {
                    Some((token, input)) => {
                        Reply::ok(&json!({"taskToken": token, "input": input}).to_string())
                    }
                    None => Reply::After(self.polls_hold, 200, "{\"taskToken\":null}".to_owned()),
                }
            }
            operation => self.of_a_task(operation, text),
        }
    }

    /// One activity a page.
    fn list(&self, page: Option<String>) -> Reply {
        let mut names: Vec<_> = self.waiting.keys().collect();
        names.sort_unstable();
        let at = page.and_then(|page| page.parse().ok()).unwrap_or(0_usize);
        let activities: Vec<_> = names.get(at).map(|name| entry(name)).into_iter().collect();
        let more = (at + 1 < names.len()).then(|| (at + 1).to_string());
        Reply::ok(&json!({"activities": activities, "nextToken": more}).to_string())
    }

    fn of_a_task(&mut self, operation: &str, text: impl Fn(&str) -> Option<String>) -> Reply {
        let token = text("taskToken").unwrap_or_default();
        if let Some(code) = self.closed.get(&token) {
            return fault(code);
        }
        let ended = match operation {
            "SendTaskHeartbeat" => return Reply::ok("{}"),
            "SendTaskSuccess" => TaskEnded::Succeeded(text("output").unwrap_or_default()),
            "SendTaskFailure" => TaskEnded::Failed {
                error: text("error"),
                cause: text("cause"),
            },
            _ => return fault("UnknownOperationException"),
        };
        self.closed.insert(token.clone(), "TaskDoesNotExist");
        self.ended.insert(token, ended);
        Reply::ok("{}")
    }
}

fn entry(name: &str) -> Value {
    json!({"activityArn": States::arn(name), "name": name, "creationDate": 1.5})
}

fn fault(code: &str) -> Reply {
    Reply::fault(400, code, "the stand-in says so")
}
