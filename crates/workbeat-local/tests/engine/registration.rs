//! Types: what holds for activities holds for workflows.

use serde_json::{Value, json};
use workbeat_local::engine::{FaultKind, Resource};

use crate::client::Client;

/// What differs between the two sorts of types.
struct Sort {
    name: &'static str,
    member: &'static str,
    resource: Resource,
    shown: &'static str,
}

const SORTS: [Sort; 2] = [
    Sort {
        name: "Activity",
        member: "activityType",
        resource: Resource::ActivityType,
        shown: "ActivityType=[name=a, version=1]",
    },
    Sort {
        name: "Workflow",
        member: "workflowType",
        resource: Resource::WorkflowType,
        shown: "WorkflowType=[name=a, version=1]",
    },
];

impl Sort {
    fn operation(&self, verb: &str) -> String {
        format!("{verb}{}Type", self.name)
    }

    fn named(&self, name: &str, version: &str) -> Value {
        json!({"domain": "tests", self.member: {"name": name, "version": version}})
    }

    fn list(&self, client: &mut Client, input: &Value) -> Vec<Vec<String>> {
        let shown = |info: &Value| {
            let named = &info[self.member];
            format!("{} {}", named["name"], named["version"]).replace('"', "")
        };
        let operation = format!("List{}Types", self.name);
        let pages = client.pages(&operation, input, "typeInfos");
        pages
            .iter()
            .map(|page| page.iter().map(shown).collect())
            .collect()
    }
}

fn register(name: &str, version: &str) -> Value {
    json!({"domain": "tests", "name": name, "version": version})
}

#[test]
fn a_workflow_type_is_described_as_it_was_registered() {
    let mut client = Client::new();
    let mut input = register("flow", "1.0");
    let configuration = json!({
        "defaultTaskStartToCloseTimeout": "NONE",
        "defaultExecutionStartToCloseTimeout": "3600",
        "defaultTaskList": {"name": "deciders"},
        "defaultTaskPriority": "-3",
        "defaultChildPolicy": "REQUEST_CANCEL",
        "defaultLambdaRole": "arn:aws:iam::123456789012:role/lambda",
    });
    for (member, value) in configuration.as_object().expect("members") {
        input[member] = value.clone();
    }
    input["description"] = json!("flows");
    client.ok("RegisterWorkflowType", input);
    let named = json!({"domain": "tests", "workflowType": {"name": "flow", "version": "1.0"}});
    let detail = client.ok("DescribeWorkflowType", named);
    assert_eq!(detail["configuration"], configuration);
    let info = json!({
        "workflowType": {"name": "flow", "version": "1.0"},
        "status": "REGISTERED",
        "description": "flows",
        "creationDate": 1_000.0,
    });
    assert_eq!(detail["typeInfo"], info);
}

#[test]
fn an_execution_cannot_last_for_ever_by_default() {
    let mut client = Client::new();
    let mut input = register("flow", "1.0");
    input["defaultExecutionStartToCloseTimeout"] = json!("NONE");
    assert_eq!(
        client.err("RegisterWorkflowType", input),
        FaultKind::Validation
    );
}

#[test]
fn a_type_goes_from_registered_to_deprecated_and_back_or_to_deleted() {
    for sort in SORTS {
        let mut client = Client::new();
        let named = || sort.named("a", "1");
        let op = |verb| sort.operation(verb);
        client.ok(&op("Register"), register("a", "1"));
        let fault = client.fault(&op("Register"), register("a", "1"));
        assert_eq!(fault.kind(), FaultKind::TypeAlreadyExists);
        assert_eq!(fault.message(), sort.shown);
        assert_eq!(
            client.err(&op("Undeprecate"), named()),
            FaultKind::TypeAlreadyExists
        );
        assert_eq!(
            client.err(&op("Delete"), named()),
            FaultKind::TypeNotDeprecated
        );

        client.ok(&op("Deprecate"), named());
        assert_eq!(
            client.err(&op("Deprecate"), named()),
            FaultKind::TypeDeprecated
        );
        let again = client.err(&op("Register"), register("a", "1"));
        assert_eq!(again, FaultKind::TypeAlreadyExists);
        let info = client.ok(&op("Describe"), named())["typeInfo"].clone();
        assert_eq!(
            (&info["status"], &info["deprecationDate"]),
            (&json!("DEPRECATED"), &json!(1_000.0))
        );

        client.ok(&op("Undeprecate"), named());
        let info = client.ok(&op("Describe"), named())["typeInfo"].clone();
        assert_eq!(
            (&info["status"], info.get("deprecationDate")),
            (&json!("REGISTERED"), None)
        );

        client.ok(&op("Deprecate"), named());
        client.ok(&op("Delete"), named());
        for verb in ["Describe", "Deprecate", "Undeprecate", "Delete"] {
            let fault = client.fault(&op(verb), named());
            assert_eq!(fault.kind(), FaultKind::UnknownResource(sort.resource));
            assert_eq!(fault.message(), format!("Unknown type: {}", sort.shown));
        }
        client.ok(&op("Register"), register("a", "1"));
    }
}

#[test]
fn types_are_listed_by_name_and_version_in_pages_in_either_order() {
    for sort in SORTS {
        let mut client = Client::new();
        for (name, version) in [("b", "1"), ("a", "2"), ("c", "1"), ("a", "1"), ("d", "1")] {
            client.ok(&sort.operation("Register"), register(name, version));
        }
        client.ok(&sort.operation("Deprecate"), sort.named("c", "1"));
        let mut list = json!({
            "domain": "tests", "registrationStatus": "REGISTERED", "maximumPageSize": 3,
        });
        let pages = sort.list(&mut client, &list);
        assert_eq!(pages, [vec!["a 1", "a 2", "b 1"], vec!["d 1"]]);
        list["reverseOrder"] = json!(true);
        let pages = sort.list(&mut client, &list);
        assert_eq!(pages, [vec!["d 1", "b 1", "a 2"], vec!["a 1"]]);
        list["name"] = json!("a");
        assert_eq!(sort.list(&mut client, &list), [["a 2", "a 1"]]);
        let list = json!({"domain": "tests", "registrationStatus": "DEPRECATED"});
        assert_eq!(sort.list(&mut client, &list), [["c 1"]]);
        let list = json!({"domain": "nowhere", "registrationStatus": "DEPRECATED"});
        let unknown = client.err(&format!("List{}Types", sort.name), list);
        assert_eq!(unknown, FaultKind::UnknownResource(Resource::Domain));
    }
}

#[test]
fn both_sorts_count_against_the_quota_of_a_domain() {
    let mut client = Client::new();
    for number in 0..5_000 {
        let name = number.to_string();
        client.ok("RegisterActivityType", register(&name, "1"));
        client.ok("RegisterWorkflowType", register(&name, "1"));
    }
    for sort in SORTS {
        let over = client.err(&sort.operation("Register"), register("over", "1"));
        assert_eq!(over, FaultKind::LimitExceeded);
    }
}
