//! A client that speaks JSON, and holds every answer against the contract.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use workbeat_local::engine::{Answered, Engine, Fault, FaultKind, Settings, Timestamp};

use crate::contract::{CONTRACT, declares, departures};

/// An engine, what time it is, and a client of it.
pub(crate) struct Client {
    pub(crate) engine: Engine,
    pub(crate) now: Timestamp,
    /// The operations that were not refused.
    pub(crate) answered: BTreeSet<String>,
}

impl Client {
    /// An engine with the domain `tests`.
    pub(crate) fn new() -> Self {
        let mut client = Self::without_domain();
        client.ok(
            "RegisterDomain",
            json!({"name": "tests", "workflowExecutionRetentionPeriodInDays": "7"}),
        );
        client
    }

    /// An engine without any domain.
    pub(crate) fn without_domain() -> Self {
        Self {
            engine: Engine::new(Settings::default()),
            now: Timestamp::from_millis(1_000_000),
            answered: BTreeSet::new(),
        }
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
        self.engine.advance(self.now);
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "so tests need no & at each json!"
    )]
    /// Calls an operation; its answer must be as the contract says, and so must its fault.
    pub(crate) fn call(&mut self, operation: &str, input: Value) -> Result<Value, Fault> {
        let shapes = &CONTRACT["operations"][operation];
        let answered = self.engine.call(operation, &input, self.now);
        let text = match answered {
            Ok(Answered::Done(text)) => text,
            Ok(other) => panic!("{operation}: {other:?}"),
            Err(fault) => {
                assert!(
                    declares(operation, &fault),
                    "{operation} does not declare {fault}"
                );
                return Err(fault);
            }
        };
        self.answered.insert(operation.to_owned());
        let Some(output) = shapes["output"].as_str() else {
            assert_eq!(text, "", "{operation} answers nothing");
            return Ok(Value::Null);
        };
        let answer: Value = serde_json::from_str(&text).expect("an answer is JSON");
        let departures = departures(&CONTRACT, output, &answer);
        assert!(departures.is_empty(), "{operation}: {departures:?}");
        Ok(answer)
    }

    pub(crate) fn ok(&mut self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input);
        answer.unwrap_or_else(|fault| panic!("{operation}: {fault}"))
    }

    /// The kind of the fault that an operation is refused with.
    pub(crate) fn err(&mut self, operation: &str, input: Value) -> FaultKind {
        self.fault(operation, input).kind()
    }

    pub(crate) fn fault(&mut self, operation: &str, input: Value) -> Fault {
        match self.call(operation, input) {
            Ok(answer) => panic!("{operation} was accepted: {answer}"),
            Err(fault) => fault,
        }
    }

    /// All pages of a list, each as the entries in `member`.
    pub(crate) fn pages(
        &mut self,
        operation: &str,
        input: &Value,
        member: &str,
    ) -> Vec<Vec<Value>> {
        let mut input = input.clone();
        let mut pages = Vec::new();
        loop {
            let answer = self.ok(operation, input.clone());
            let entries = answer[member].as_array().expect("a list").clone();
            pages.push(entries);
            let Some(token) = answer.get("nextPageToken") else {
                return pages;
            };
            input["nextPageToken"] = token.clone();
        }
    }
}
