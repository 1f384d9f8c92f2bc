//! An engine that takes random steps, and everything that comes out of it as text.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use workbeat_local::engine::{
    Answered, Engine, Notice, PollId, Settings, Timestamp, activity_task_text, decision_task_text,
};

use crate::contract::declares;
use crate::step::Step;

fn settings() -> Settings {
    Settings::default()
        .seed(7)
        .poll_hold(Duration::from_millis(1_500))
}

/// An engine, what is kept of it, and what came out of it. Polls go by the order in which they
/// were parked, because their ids begin anew with a restored engine.
pub(crate) struct Run {
    pub(crate) engine: Engine,
    now: Timestamp,
    /// The latest time that the engine was told.
    latest: Timestamp,
    settings: Settings,
    kept: BTreeMap<(String, String), String>,
    polls: Vec<PollId>,
    /// The polls that wait for a client: what they poll for, and where.
    waiting: BTreeMap<PollId, (String, Value)>,
    activity_tokens: Vec<Value>,
    decision_tokens: Vec<Value>,
    restores: bool,
}

impl Run {
    /// One that is restored when a step says so, or only loses its polls then.
    pub(crate) fn new(restores: bool) -> Self {
        let settings = settings().track_changes(restores);
        let engine = Engine::new(settings.clone());
        Self {
            restores,
            settings,
            ..Self::over(engine, Timestamp::from_millis(1_000_000))
        }
    }

    /// One that goes on with an engine.
    pub(crate) fn over(engine: Engine, now: Timestamp) -> Self {
        Self {
            engine,
            now,
            latest: Timestamp::default(),
            settings: settings(),
            kept: BTreeMap::new(),
            polls: Vec::new(),
            waiting: BTreeMap::new(),
            activity_tokens: Vec::new(),
            decision_tokens: Vec::new(),
            restores: false,
        }
    }

    /// Takes a step; what came of it, as text.
    pub(crate) fn take(&mut self, step: &Step) -> Vec<String> {
        let mut shown = Vec::new();
        self.latest = self.latest.max(self.now);
        match step {
            Step::Pass(millis) => {
                self.now = self.now + Duration::from_millis(*millis);
                self.engine.advance(self.now);
            }
            Step::Back(millis) => {
                let back = self.now.as_millis().saturating_sub(*millis);
                self.now = Timestamp::from_millis(back);
                self.engine.advance(self.now);
            }
            Step::Call(name, input) => shown.push(self.call(name, input)),
            Step::WithActivityToken(name, token, input) => {
                if let Some(token) = pick(&self.activity_tokens, *token) {
                    let mut input = input.clone();
                    input["taskToken"] = token.clone();
                    shown.push(self.call(name, &input));
                }
            }
            Step::Decide(token, decisions) => {
                // The newest token, mostly: the others are late.
                let newest = self.decision_tokens.len().saturating_sub(1);
                let token = if token % 5 == 0 { *token } else { newest };
                if let Some(token) = pick(&self.decision_tokens, token) {
                    let input = json!({
                        "taskToken": token, "decisions": decisions, "executionContext": "kept",
                    });
                    shown.push(self.call("RespondDecisionTaskCompleted", &input));
                }
            }
            Step::Withdraw(poll) => {
                let poll = pick(&self.polls, *poll).copied();
                self.waiting.retain(|waiting, _| Some(*waiting) != poll);
                shown.extend(poll.map(|poll| self.engine.withdraw(poll).to_string()));
            }
            Step::Abandon(poll) => {
                let poll = pick(&self.polls, *poll).copied();
                self.waiting.retain(|waiting, _| Some(*waiting) != poll);
                shown.extend(poll.map(|poll| self.engine.abandon(poll, true).to_string()));
            }
            Step::Describe(run) => {
                if let Some(run_id) = pick(&self.engine.runs(), *run) {
                    let history = self.engine.history(run_id).unwrap_or_default();
                    shown.push(format!("{} events", history.len()));
                    for workflow_id in ["w0", "w1", "w2", "w3"] {
                        let execution = json!({"workflowId": workflow_id, "runId": run_id});
                        let input = json!({"domain": "d", "execution": execution});
                        shown.push(self.call("DescribeWorkflowExecution", &input));
                    }
                }
            }
            Step::Restore => self.restore(),
        }
        for notice in self.engine.take_notices() {
            shown.push(self.show(&notice));
        }
        for change in self.engine.take_changes() {
            let key = (change.table.to_owned(), change.key);
            match change.row {
                Some(row) => self.kept.insert(key, row),
                None => self.kept.remove(&key),
            };
        }
        shown.push(format!("{:?}", self.engine.next_deadline()));
        shown
    }

    /// Where a poll waits, no task does.
    pub(crate) fn check_waiting(&mut self) {
        for (operation, list) in self.waiting.values() {
            let count = operation.replace("PollFor", "CountPending") + "s";
            let input = json!({"domain": "d", "taskList": list});
            let counted = self.engine.call(&count, &input, self.now);
            let none = r#"{"count":0,"truncated":false}"#.to_owned();
            assert_eq!(counted, Ok(Answered::Done(none)), "{operation} {list}");
        }
    }

    fn restore(&mut self) {
        self.waiting.clear();
        for poll in std::mem::take(&mut self.polls) {
            self.engine.withdraw(poll);
        }
        if self.restores {
            let settings = self.settings.clone();
            let engine = Engine::restore(settings, self.rows(), self.latest);
            self.engine = engine.expect("what was kept");
        }
    }

    fn call(&mut self, name: &str, input: &Value) -> String {
        match self.engine.call(name, input, self.now) {
            Ok(Answered::Done(text)) => {
                self.note_token(name == "PollForDecisionTask", &text);
                text
            }
            Ok(Answered::Parked(poll)) => {
                self.polls.push(poll);
                let place = (name.to_owned(), input["taskList"].clone());
                self.waiting.insert(poll, place);
                "parked".to_owned()
            }
            Err(fault) => {
                assert!(declares(name, &fault), "{name} does not declare {fault}");
                fault.to_string()
            }
        }
    }

    fn note_token(&mut self, decision: bool, text: &str) {
        let Ok(answer) = serde_json::from_str::<Value>(text) else {
            return;
        };
        if let Some(token) = answer.get("taskToken") {
            let tokens = if decision {
                &mut self.decision_tokens
            } else {
                &mut self.activity_tokens
            };
            tokens.push(token.clone());
        }
    }

    fn show(&mut self, notice: &Notice) -> String {
        if let Notice::PollAnswered { poll, .. } | Notice::DecisionPollAnswered { poll, .. } =
            notice
        {
            let waited = self.waiting.remove(poll);
            assert!(waited.is_some(), "an answer for a poll that does not wait");
        }
        let number = |poll: &PollId| self.polls.iter().position(|known| known == poll);
        match notice {
            Notice::PollAnswered { poll, task } => {
                let (number, text) = (number(poll), activity_task_text(task.as_deref()));
                self.note_token(false, &text);
                format!("{number:?} {text}")
            }
            Notice::DecisionPollAnswered { poll, task } => {
                let (number, text) = (number(poll), decision_task_text(task.as_deref()));
                self.note_token(true, &text);
                format!("{number:?} {text}")
            }
            other => format!("{other:?}"),
        }
    }

    /// What is kept of it: table, key and row.
    pub(crate) fn rows(&self) -> Vec<(String, String, String)> {
        let rows = self.kept.clone().into_iter();
        rows.map(|((table, key), row)| (table, key, row)).collect()
    }

    /// How many bytes are kept of it.
    pub(crate) fn bytes_kept(&self) -> usize {
        let sizes = self
            .kept
            .iter()
            .map(|((_, key), row)| key.len() + row.len());
        sizes.sum()
    }

    /// Every history, by its run, as JSON.
    pub(crate) fn histories(&self) -> BTreeMap<String, String> {
        let runs = self.engine.runs().into_iter();
        let history = |run_id: std::sync::Arc<str>| {
            let history = self.engine.history(&run_id).expect("the run is known");
            let json = serde_json::to_string(history).expect("a history is JSON");
            (run_id.to_string(), json)
        };
        runs.map(history).collect()
    }
}

fn pick<T>(all: &[T], number: usize) -> Option<&T> {
    all.get(number.checked_rem(all.len())?)
}
