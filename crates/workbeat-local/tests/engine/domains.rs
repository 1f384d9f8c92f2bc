//! Domains: registered, described, listed, deprecated, tagged.

use serde_json::{Value, json};
use workbeat_local::engine::{FaultKind, Resource};

use crate::client::Client;

const ARN: &str = "arn:aws:swf:us-east-1:123456789012:/domain/tests";

fn register(name: &str) -> Value {
    json!({"name": name, "workflowExecutionRetentionPeriodInDays": "NONE"})
}

fn names(client: &mut Client, input: &Value) -> Vec<Vec<String>> {
    let name = |info: &Value| info["name"].as_str().expect("a name").to_owned();
    let pages = client.pages("ListDomains", input, "domainInfos");
    let pages = pages.iter().map(|page| page.iter().map(name).collect());
    pages.collect()
}

#[test]
fn a_domain_is_described_as_it_was_registered() {
    let mut client = Client::without_domain();
    client.ok(
        "RegisterDomain",
        json!({
            "name": "tests",
            "description": "for tests",
            "workflowExecutionRetentionPeriodInDays": "30",
            "tags": [{"key": "team", "value": "video"}, {"key": "bare"}],
        }),
    );
    let detail = client.ok("DescribeDomain", json!({"name": "tests"}));
    let expected = json!({
        "domainInfo": {
            "name": "tests", "status": "REGISTERED", "description": "for tests", "arn": ARN,
        },
        "configuration": {"workflowExecutionRetentionPeriodInDays": "30"},
    });
    assert_eq!(detail, expected);
    let tags = client.ok("ListTagsForResource", json!({"resourceArn": ARN}));
    let expected = json!([{"key": "bare", "value": ""}, {"key": "team", "value": "video"}]);
    assert_eq!(tags["tags"], expected);
}

#[test]
fn a_domain_is_registered_once_even_if_it_is_deprecated() {
    let mut client = Client::new();
    let exists = FaultKind::DomainAlreadyExists;
    assert_eq!(client.err("RegisterDomain", register("tests")), exists);
    client.ok("DeprecateDomain", json!({"name": "tests"}));
    assert_eq!(client.err("RegisterDomain", register("tests")), exists);
}

#[test]
fn a_domain_is_deprecated_once_and_undeprecated_once() {
    let mut client = Client::new();
    let tests = || json!({"name": "tests"});
    let not_deprecated = client.err("UndeprecateDomain", tests());
    assert_eq!(not_deprecated, FaultKind::DomainAlreadyExists);
    client.ok("DeprecateDomain", tests());
    assert_eq!(
        client.err("DeprecateDomain", tests()),
        FaultKind::DomainDeprecated
    );
    assert_eq!(
        client.ok("DescribeDomain", tests())["domainInfo"]["status"],
        "DEPRECATED"
    );
    client.ok("UndeprecateDomain", tests());
    assert_eq!(
        client.ok("DescribeDomain", tests())["domainInfo"]["status"],
        "REGISTERED"
    );
    for operation in ["DescribeDomain", "DeprecateDomain", "UndeprecateDomain"] {
        let fault = client.fault(operation, json!({"name": "nowhere"}));
        assert_eq!(fault.kind(), FaultKind::UnknownResource(Resource::Domain));
        assert_eq!(fault.message(), "Unknown domain: nowhere");
    }
}

#[test]
fn nothing_new_begins_in_a_deprecated_domain_and_its_types_are_deprecated_with_it() {
    let mut client = Client::new();
    let flow = json!({"name": "flow", "version": "1"});
    let register = |name: &str| json!({"domain": "tests", "name": name, "version": "1"});
    client.ok("RegisterWorkflowType", register("flow"));
    client.ok("RegisterActivityType", register("pack"));
    client.ok("DeprecateDomain", json!({"name": "tests"}));

    let unknown = FaultKind::UnknownResource(Resource::Domain);
    assert_eq!(
        client.err("RegisterWorkflowType", register("other")),
        unknown
    );
    assert_eq!(
        client.err("RegisterActivityType", register("other")),
        unknown
    );
    let types = |status| json!({"domain": "tests", "registrationStatus": status});
    for operation in ["ListActivityTypes", "ListWorkflowTypes"] {
        let deprecated = client.ok(operation, types("DEPRECATED"));
        assert_eq!(deprecated["typeInfos"].as_array().map(Vec::len), Some(1));
        assert_eq!(
            client.ok(operation, types("REGISTERED"))["typeInfos"],
            json!([])
        );
    }

    client.ok("UndeprecateDomain", json!({"name": "tests"}));
    let detail = json!({"domain": "tests", "workflowType": flow});
    let status = client.ok("DescribeWorkflowType", detail)["typeInfo"]["status"].clone();
    assert_eq!(status, "DEPRECATED", "a type comes back by itself");
    client.ok("RegisterWorkflowType", register("other"));
}

#[test]
fn what_is_open_in_a_deprecated_domain_goes_on_and_nothing_else_is_started() {
    let mut client = Client::new();
    let flow = json!({"name": "flow", "version": "1"});
    let register = json!({
        "domain": "tests", "name": "flow", "version": "1", "defaultTaskList": {"name": "deciders"},
        "defaultTaskStartToCloseTimeout": "NONE", "defaultChildPolicy": "TERMINATE",
        "defaultExecutionStartToCloseTimeout": "60",
    });
    client.ok("RegisterWorkflowType", register);
    let start = |id: &str| json!({"domain": "tests", "workflowId": id, "workflowType": flow});
    client.ok("StartWorkflowExecution", start("open"));
    client.ok("DeprecateDomain", json!({"name": "tests"}));

    let refused = client.fault("StartWorkflowExecution", start("new"));
    assert_eq!(refused.kind(), FaultKind::UnknownResource(Resource::Domain));
    assert!(refused.message().contains("deprecated"), "{refused}");

    let poll = json!({"domain": "tests", "taskList": {"name": "deciders"}});
    let task = client.ok("PollForDecisionTask", poll);
    let complete = json!({
        "taskToken": task["taskToken"],
        "decisions": [{"decisionType": "CompleteWorkflowExecution"}],
    });
    let complete = client.call("RespondDecisionTaskCompleted", complete);
    complete.expect("a decision without attributes, which may all be missing");
    let closed = json!({"domain": "tests", "closeTimeFilter": {"oldestDate": 0}});
    assert_eq!(
        client.ok("CountClosedWorkflowExecutions", closed)["count"],
        1
    );
}

#[test]
fn domains_are_listed_by_name_in_pages_in_either_order() {
    let mut client = Client::without_domain();
    for name in ["c", "a", "e", "b", "d"] {
        client.ok("RegisterDomain", register(name));
    }
    client.ok("DeprecateDomain", json!({"name": "c"}));
    let list = json!({"registrationStatus": "REGISTERED", "maximumPageSize": 2});
    assert_eq!(names(&mut client, &list), [["a", "b"], ["d", "e"]]);
    let list = json!({"registrationStatus": "REGISTERED", "reverseOrder": true});
    assert_eq!(names(&mut client, &list), [["e", "d", "b", "a"]]);
    let list = json!({"registrationStatus": "DEPRECATED"});
    assert_eq!(names(&mut client, &list), [["c"]]);
}

#[test]
fn a_page_follows_the_one_before_it_whatever_came_and_went_between() {
    let mut client = Client::without_domain();
    for name in ["a", "b", "d"] {
        client.ok("RegisterDomain", register(name));
    }
    let mut list = json!({"registrationStatus": "REGISTERED", "maximumPageSize": 2});
    let first = client.ok("ListDomains", list.clone());
    client.ok("DeprecateDomain", json!({"name": "b"}));
    client.ok("RegisterDomain", register("c"));
    list["nextPageToken"] = first["nextPageToken"].clone();
    assert_eq!(names(&mut client, &list), [["c", "d"]]);
}

#[test]
fn a_page_token_is_good_for_its_own_list_only() {
    let mut client = Client::without_domain();
    for name in ["a", "b"] {
        client.ok("RegisterDomain", register(name));
    }
    let list = json!({"registrationStatus": "REGISTERED", "maximumPageSize": 1});
    let token = client.ok("ListDomains", list)["nextPageToken"].clone();
    let made_up = json!("made up");
    for (status, reverse, token) in [
        ("REGISTERED", true, &token),
        ("DEPRECATED", false, &token),
        ("REGISTERED", false, &made_up),
    ] {
        let list = json!({
            "registrationStatus": status, "reverseOrder": reverse, "nextPageToken": token,
        });
        assert_eq!(client.err("ListDomains", list), FaultKind::Validation);
    }
}

#[test]
fn tags_are_added_replaced_and_taken_off() {
    let mut client = Client::new();
    let tag = |tags: Value| json!({"resourceArn": ARN, "tags": tags});
    client.ok(
        "TagResource",
        tag(json!([{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])),
    );
    client.ok("TagResource", tag(json!([{"key": "a", "value": "3"}])));
    client.ok(
        "UntagResource",
        json!({"resourceArn": ARN, "tagKeys": ["b", "unheard-of"]}),
    );
    let tags = client.ok("ListTagsForResource", json!({"resourceArn": ARN}));
    assert_eq!(tags["tags"], json!([{"key": "a", "value": "3"}]));
}

#[test]
fn a_domain_has_at_most_50_tags() {
    let mut client = Client::new();
    let tags = |from: usize, to: usize| -> Value {
        (from..to)
            .map(|number| json!({"key": format!("k{number}")}))
            .collect()
    };
    let tag = |tags: Value| json!({"resourceArn": ARN, "tags": tags});
    client.ok("TagResource", tag(tags(0, 50)));
    client.ok("TagResource", tag(tags(0, 50)));
    assert_eq!(
        client.err("TagResource", tag(tags(50, 51))),
        FaultKind::TooManyTags
    );
    let mut other = register("other");
    other["tags"] = tags(0, 51);
    assert_eq!(client.err("RegisterDomain", other), FaultKind::TooManyTags);
}

#[test]
fn only_a_domain_of_this_region_and_account_can_be_tagged() {
    let mut client = Client::new();
    for arn in [
        "arn:aws:swf:us-east-1:123456789012:/domain/nowhere",
        "arn:aws:swf:eu-west-1:123456789012:/domain/tests",
        "arn:aws:swf:us-east-1:999999999999:/domain/tests",
        "tests",
    ] {
        let input = json!({"resourceArn": arn});
        let fault = client.err("ListTagsForResource", input);
        assert_eq!(fault, FaultKind::UnknownResource(Resource::Domain), "{arn}");
    }
    let input = json!({"resourceArn": ARN, "tags": [{"key": "aws:mine"}]});
    assert_eq!(client.err("TagResource", input), FaultKind::Validation);
}
