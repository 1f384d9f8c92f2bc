//! The contract, as it was published: operations, shapes, and what constrains them.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

/// The contract of API version 2012-01-25, read once.
#[expect(
    clippy::expect_used,
    reason = "the contract is compiled in, and any test of an operation reads it"
)]
pub(super) static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let model = serde_json::from_str::<Model>(include_str!("contract.json"));
    let model = model.expect("the contract is a part of the crate, and tests read it");
    model.with_decide()
});

/// The one operation that is not SWF's: the built-in decider's.
pub(super) const DECIDE: &str = "Decide";

/// Operations and shapes by their names.
#[derive(Deserialize)]
pub(super) struct Model {
    operations: HashMap<String, Operation>,
    shapes: HashMap<String, Shape>,
}

#[derive(Deserialize)]
struct Operation {
    input: String,
}

/// What a value looks like, and what constrains it.
#[derive(Deserialize)]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    /// The least length of a text, or the lowest number.
    pub(super) min: Option<i64>,
    /// The greatest length of a text, size of a list, or the highest number.
    pub(super) max: Option<i64>,
    /// The words that a text can be.
    #[serde(rename = "enum", default)]
    pub(super) words: Vec<String>,
    /// The members that a structure must have.
    #[serde(default)]
    pub(super) required: Vec<String>,
    /// The members that a structure can have, by name, and the names of their shapes; sorted,
    /// so that what is wrong is always told in the same order.
    #[serde(default)]
    pub(super) members: BTreeMap<String, String>,
    /// The name of the shape that a list's elements have.
    pub(super) member: Option<String>,
}

/// What sort of value it is.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Structure,
    List,
    String,
    Integer,
    Long,
    Boolean,
    Timestamp,
}

impl Model {
    /// The built-in decider's one operation, which is made of SWF's own shapes.
    fn with_decide(mut self) -> Self {
        let members = [
            ("domain", "DomainName"),
            ("workflowId", "WorkflowId"),
            ("runId", "WorkflowRunIdOptional"),
            ("decisions", "DecisionList"),
        ];
        let owned = |(member, shape): (&str, &str)| (member.to_owned(), shape.to_owned());
        let shape = Shape {
            kind: Kind::Structure,
            min: None,
            max: None,
            words: Vec::new(),
            required: vec!["domain".to_owned(), "workflowId".to_owned()],
            members: members.map(owned).into(),
            member: None,
        };
        let input = "DecideInput".to_owned();
        self.shapes.insert(input.clone(), shape);
        self.operations
            .insert(DECIDE.to_owned(), Operation { input });
        self
    }

    /// The names of all operations, in no order.
    pub(super) fn operations(&self) -> impl Iterator<Item = &str> {
        self.operations.keys().map(String::as_str)
    }

    /// The shape of an operation's input, by its name.
    pub(super) fn input(&self, operation: &str) -> Option<&str> {
        let operation = self.operations.get(operation)?;
        Some(&operation.input)
    }

    /// The shape of this name.
    pub(super) fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }
}
