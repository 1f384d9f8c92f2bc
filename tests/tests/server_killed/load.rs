//! Clients that do everything at once, and note what was acknowledged.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::client::{Answer, Client, Gone};
use crate::facts::{Facts, Held};

const ARN: &str = "arn:aws:swf:us-east-1:123456789012:/domain/d";

/// What all clients know together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known(Arc<Mutex<Facts>>);

impl Known {
    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One client, for as long as the server answers.
pub(crate) async fn load(address: SocketAddr, known: Known, mut random: fastrand::Rng) {
    let Ok(client) = Client::connect(address).await else {
        return;
    };
    let mut caller = Caller { client, known };
    while caller.something(&mut random).await.is_ok() {}
}

pub(crate) struct Caller {
    pub(crate) client: Client,
    pub(crate) known: Known,
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn events(answer: &Value) -> &[Value] {
    answer["events"].as_array().expect("events")
}

/// A text that nobody else sends.
fn unique(random: &mut fastrand::Rng) -> String {
    format!("{:016x}", random.u64(..))
}

/// The domain and its types, which every load uses.
pub(crate) async fn prepare(client: &mut Client) -> Result<(), Gone> {
    let domain = json!({"name": "d", "workflowExecutionRetentionPeriodInDays": "90"});
    let flow = json!({
        "domain": "d", "name": "flow", "version": "1", "defaultTaskList": {"name": "deciders"},
        "defaultTaskStartToCloseTimeout": "2", "defaultChildPolicy": "REQUEST_CANCEL",
        "defaultExecutionStartToCloseTimeout": "864000",
    });
    let pack = json!({
        "domain": "d", "name": "pack", "version": "1", "defaultTaskList": {"name": "files"},
        "defaultTaskHeartbeatTimeout": "3600", "defaultTaskScheduleToStartTimeout": "NONE",
        "defaultTaskScheduleToCloseTimeout": "NONE", "defaultTaskStartToCloseTimeout": "7200",
    });
    let calls = [
        ("RegisterDomain", domain),
        ("RegisterWorkflowType", flow),
        ("RegisterActivityType", pack),
    ];
    for (operation, input) in calls {
        client.call(operation, &input).await?.expect("it is new");
    }
    Ok(())
}

impl Caller {
    async fn something(&mut self, random: &mut fastrand::Rng) -> Result<(), Gone> {
        match random.u8(..100) {
            0..20 => self.start(random).await,
            20..50 => self.decide(random).await,
            50..62 => self.take().await,
            62..75 => self.beat(random).await,
            75..85 => self.finish(random).await,
            85..92 => self.signal(random).await,
            92..94 => self.terminate(random).await,
            94..97 => self.tag(random).await,
            _ => self.register(random).await,
        }
    }

    async fn call(&mut self, operation: &str, input: &Value) -> Result<Answer, Gone> {
        self.client.call(operation, input).await
    }

    async fn start(&mut self, random: &mut fastrand::Rng) -> Result<(), Gone> {
        let workflow_id = format!("order-{}", random.u8(..40));
        let input = json!({
            "domain": "d", "workflowId": workflow_id,
            "workflowType": {"name": "flow", "version": "1"}, "tagList": ["tag"],
        });
        if let Ok(answer) = self.call("StartWorkflowExecution", &input).await? {
            self.known
                .facts()
                .started(&workflow_id, &text(&answer["runId"]));
        }
        Ok(())
    }

    async fn decide(&mut self, random: &mut fastrand::Rng) -> Result<(), Gone> {
        let poll = json!({"domain": "d", "taskList": {"name": "deciders"}});
        let task = self
            .call("PollForDecisionTask", &poll)
            .await?
            .expect("a poll");
        if task.get("taskToken").is_none() {
            return Ok(());
        }
        let execution = &task["workflowExecution"];
        let run = text(&execution["runId"]);
        {
            let mut facts = self.known.facts();
            facts.heard_of(&text(&execution["workflowId"]), &run);
            facts.saw(&run, events(&task));
        }
        let marker = unique(random);
        let mut decisions = vec![json!({
            "decisionType": "RecordMarker",
            "recordMarkerDecisionAttributes": {"markerName": "m", "details": marker},
        })];
        decisions.extend((0..random.usize(..4)).map(|_| decision(random)));
        let closes = random.u8(..8) == 0;
        if closes {
            decisions.push(json!({"decisionType": "CompleteWorkflowExecution"}));
        }
        let respond = json!({
            "taskToken": task["taskToken"], "decisions": decisions, "executionContext": "kept",
        });
        if self
            .call("RespondDecisionTaskCompleted", &respond)
            .await?
            .is_ok()
        {
            self.known.facts().told(&run, &marker);
        }
        Ok(())
    }

    async fn take(&mut self) -> Result<(), Gone> {
        let poll = json!({"domain": "d", "taskList": {"name": "files"}});
        let task = self
            .call("PollForActivityTask", &poll)
            .await?
            .expect("a poll");
        if task.get("taskToken").is_some() {
            let run = text(&task["workflowExecution"]["runId"]);
            let mut facts = self.known.facts();
            facts.heard_of(&text(&task["workflowExecution"]["workflowId"]), &run);
            facts.acknowledged += 1;
            facts.held.push(Held {
                token: task["taskToken"].clone(),
                run,
                started_event_id: task["startedEventId"].clone(),
                details: vec![String::new()],
            });
        }
        Ok(())
    }

    /// Takes one of the tasks that are held, so that nobody else calls for it meanwhile.
    fn one_held(&self, random: &mut fastrand::Rng) -> Option<Held> {
        let mut facts = self.known.facts();
        let count = facts.held.len();
        (count > 0).then(|| facts.held.swap_remove(random.usize(..count)))
    }

    async fn beat(&mut self, random: &mut fastrand::Rng) -> Result<(), Gone> {
        let Some(mut held) = self.one_held(random) else {
            return Ok(());
        };
        let details = unique(random);
        held.details.push(details.clone());
        let input = json!({"taskToken": held.token, "details": details});
        let answered = self.call("RecordActivityTaskHeartbeat", &input).await;
        match answered {
            Ok(Err(fault)) => return self.refused(held, &fault).await,
            Ok(Ok(_)) => held.details = vec![details],
            Err(Gone) => {}
        }
        let mut facts = self.known.facts();
        facts.acknowledged += 1;
        facts.held.push(held);
        answered.map(|_| ())
    }

    async fn finish(&mut self, random: &mut fastrand::Rng) -> Result<(), Gone> {
        let Some(held) = self.one_held(random) else {
            return Ok(());
        };
        let said = unique(random);
        let (operation, input) = if random.bool() {
            (
                "RespondActivityTaskCompleted",
                json!({"taskToken": held.token, "result": said}),
            )
        } else {
            (
                "RespondActivityTaskFailed",
                json!({"taskToken": held.token, "reason": said}),
            )
        };
        match self.call(operation, &input).await {
            Ok(Ok(_)) => self.known.facts().told(&held.run, &said),
            Ok(Err(fault)) => self.refused(held, &fault).await?,
            Err(Gone) => {
                self.known.facts().held.push(held);
                return Err(Gone);
            }
        }
        Ok(())
    }

    /// A call for a task was refused: its history must say why.
    async fn refused(&mut self, held: Held, fault: &str) -> Result<(), Gone> {
        assert!(fault.contains("UnknownResourceFault"), "{fault}");
        let (history, open) = match self.history(&held.run).await {
            Ok(found) => found,
            Err(Gone) => {
                self.known.facts().held.push(held);
                return Err(Gone);
            }
        };
        assert!(
            !open || held.is_closed(&history),
            "{fault}, but it is open: {held:?}"
        );
        Ok(())
    }

    /// The whole history of a run, and whether the run is open.
    pub(crate) async fn history(&mut self, run: &str) -> Result<(Vec<Value>, bool), Gone> {
        let workflow_id = self.known.facts().runs[run].clone();
        let execution = json!({"workflowId": workflow_id, "runId": run});
        let mut input = json!({"domain": "d", "execution": execution, "maximumPageSize": 100});
        let mut all = Vec::new();
        loop {
            let page = self.call("GetWorkflowExecutionHistory", &input).await?;
            let page = page.expect("a run that was heard of is there");
            all.extend_from_slice(events(&page));
            let Some(next) = page.get("nextPageToken") else {
                break;
            };
            input["nextPageToken"] = next.clone();
        }
        self.known.facts().saw(run, &all);
        let input = json!({"domain": "d", "execution": execution});
        let described = self.call("DescribeWorkflowExecution", &input).await?;
        let described = described.expect("a run that was heard of is there");
        Ok((all, described["executionInfo"]["executionStatus"] == "OPEN"))
    }

    async fn signal(&mut self, random: &mut fastrand::Rng) -> Result<(), Gone> {
        let Some((run, workflow_id)) = self.one_run(random) else {
            return Ok(());
        };
        let said = unique(random);
        let input = json!({
            "domain": "d", "workflowId": workflow_id, "runId": run, "signalName": "s",
            "input": said,
        });
        if self.call("SignalWorkflowExecution", &input).await?.is_ok() {
            self.known.facts().told(&run, &said);
        }
        Ok(())
    }

    async fn terminate(&mut self, random: &mut fastrand::Rng) -> Result<(), Gone> {
        let Some((run, workflow_id)) = self.one_run(random) else {
            return Ok(());
        };
        let input = json!({"domain": "d", "workflowId": workflow_id, "runId": run});
        if self
            .call("TerminateWorkflowExecution", &input)
            .await?
            .is_ok()
        {
            self.known.facts().closed.insert(run);
        }
        Ok(())
    }

    fn one_run(&self, random: &mut fastrand::Rng) -> Option<(String, String)> {
        let facts = self.known.facts();
        let count = facts.runs.len();
        let at = (count > 0).then(|| random.usize(..count))?;
        let (run, workflow_id) = facts.runs.iter().nth(at)?;
        Some((run.clone(), workflow_id.clone()))
    }

    /// Only one client at a time may: the last value would not be known otherwise.
    async fn tag(&mut self, random: &mut fastrand::Rng) -> Result<(), Gone> {
        let tag = self.known.facts().tag.take();
        let Some(mut tag) = tag else { return Ok(()) };
        let value = unique(random);
        tag.push(value.clone());
        let input = json!({"resourceArn": ARN, "tags": [{"key": "k", "value": value}]});
        let answered = self.call("TagResource", &input).await;
        if let Ok(answer) = &answered {
            answer.as_ref().expect("a tag");
            tag = vec![value];
        }
        self.known.facts().tag = Some(tag);
        answered.map(|_| ())
    }

    async fn register(&mut self, random: &mut fastrand::Rng) -> Result<(), Gone> {
        let name = unique(random);
        let input = json!({"domain": "d", "name": name, "version": "1"});
        let registered = self.call("RegisterActivityType", &input).await?;
        registered.expect("a new type");
        self.known.facts().types.insert(name);
        Ok(())
    }

    /// Checks what is no run: types, the tag, and the last heartbeats.
    pub(crate) async fn check_the_rest(&mut self) -> Result<(), Gone> {
        let types = self.known.facts().types.clone();
        for name in types {
            let input = json!({"domain": "d", "activityType": {"name": name, "version": "1"}});
            let described = self.call("DescribeActivityType", &input).await?;
            described.expect("a type that was registered");
        }
        let tags = self
            .call("ListTagsForResource", &json!({"resourceArn": ARN}))
            .await?;
        let tags = tags.expect("a domain");
        let value = tags["tags"]
            .get(0)
            .map(|it| text(&it["value"]))
            .unwrap_or_default();
        let sent = self.known.facts().tag.clone().expect("nobody sends");
        assert!(sent.contains(&value), "{value} is not of {sent:?}");

        let open = self.client.activities().await?;
        let open = open["activities"].as_array().expect("a list");
        let held = self.known.facts().held.clone();
        for held in &held {
            let (history, _) = self.history(&held.run).await?;
            let shown = open.iter().find(|it| {
                it["runId"] == *held.run && it["scheduledEventId"] == held.scheduled(&history)
            });
            match shown {
                Some(shown) => {
                    let details = shown["details"].as_str().unwrap_or_default().to_owned();
                    assert!(held.details.contains(&details), "{shown} {held:?}");
                }
                None => assert!(held.is_closed(&history), "{held:?} was lost"),
            }
        }
        Ok(())
    }
}

fn decision(random: &mut fastrand::Rng) -> Value {
    let (id, other) = (unique(random), format!("order-{}", random.u8(..40)));
    match random.u8(..10) {
        0..5 => json!({
            "decisionType": "ScheduleActivityTask",
            "scheduleActivityTaskDecisionAttributes": {
                "activityType": {"name": "pack", "version": "1"}, "activityId": id,
                "taskPriority": random.u8(..3).to_string(),
            },
        }),
        5 | 6 => json!({
            "decisionType": "StartTimer",
            "startTimerDecisionAttributes": {
                "timerId": id, "startToFireTimeout": random.u8(..3).to_string(),
            },
        }),
        7 => json!({
            "decisionType": "StartChildWorkflowExecution",
            "startChildWorkflowExecutionDecisionAttributes": {
                "workflowId": other, "workflowType": {"name": "flow", "version": "1"},
            },
        }),
        8 => json!({
            "decisionType": "SignalExternalWorkflowExecution",
            "signalExternalWorkflowExecutionDecisionAttributes": {
                "workflowId": other, "signalName": "s", "input": id,
            },
        }),
        _ => json!({
            "decisionType": "RequestCancelExternalWorkflowExecution",
            "requestCancelExternalWorkflowExecutionDecisionAttributes": {"workflowId": other},
        }),
    }
}
