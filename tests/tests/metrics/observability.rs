//! The dashboard and the alert rules use metrics and labels that there are.

use std::collections::BTreeSet;
use std::fs;

use saphyr::{LoadableYamlNode, Yaml};
use serde_json::Value;
use workbeat::metrics::{ALL, Metric, MetricKind};

use crate::documented::file;

const DASHBOARD: &str = "docs/observability/grafana-dashboard.json";
const ALERTS: &str = "docs/observability/prometheus-alerts.yaml";

/// Those that Prometheus gives to what it scrapes, and to the buckets of a histogram.
const PROMETHEUS: [&str; 3] = ["job", "instance", "le"];

/// A metric as an expression selects it: the metric of the table, and the matchers of its labels.
struct Selected<'a> {
    metric: &'static Metric,
    matchers: Vec<(&'a str, &'a str, &'a str)>,
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// The metric whose series this is: a histogram has three.
fn metric(series: &str) -> &'static Metric {
    let found = ALL.iter().find(|metric| {
        let ends: &[&str] = match metric.kind {
            MetricKind::Histogram => &["_bucket", "_sum", "_count"],
            _ => &[""],
        };
        let end = series.strip_prefix(metric.name);
        end.is_some_and(|end| ends.contains(&end))
    });
    found.unwrap_or_else(|| panic!("there is no series `{series}`"))
}

/// The selectors of an expression.
fn selectors(expression: &str) -> Vec<Selected<'_>> {
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(at) = rest.find("workbeat_") {
        rest = &rest[at..];
        let end = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
        let metric = metric(&rest[..end]);
        rest = &rest[end..];
        let mut matchers = Vec::new();
        if let Some(inside) = rest.strip_prefix('{') {
            let end = inside.find('}').expect("a selector ends");
            matchers.extend(inside[..end].split(',').map(matcher));
            rest = &inside[end..];
        }
        found.push(Selected { metric, matchers });
    }
    found
}

/// `label=~"value"`, in its parts.
fn matcher(text: &str) -> (&str, &str, &str) {
    let end = text.find(|letter| !is_name(letter)).expect("an operator");
    let (label, rest) = text.split_at(end);
    let (operator, value) = rest.split_once('"').expect("a value");
    let value = value.strip_suffix('"').expect("the value ends");
    (label, operator, value)
}

/// The values that a matcher names: those of `a|b` and `x (a|b)`.
fn named(pattern: &str) -> Vec<String> {
    let (before, inside) = match pattern.split_once('(') {
        Some((before, inside)) => (before, inside.strip_suffix(')').expect("it is closed")),
        None => ("", pattern),
    };
    let values = inside.split('|');
    values.map(|value| format!("{before}{value}")).collect()
}

/// Fails if an expression asks for what is not in the table.
fn check(expression: &str) {
    let selected = selectors(expression);
    assert!(!selected.is_empty(), "no metric in `{expression}`");
    let mut known: BTreeSet<_> = PROMETHEUS.into();
    for Selected { metric, matchers } in selected {
        known.extend(metric.labels.iter().map(|label| label.name));
        for (name, operator, value) in matchers {
            assert!(["=", "=~"].contains(&operator), "{expression}");
            if PROMETHEUS.contains(&name) {
                continue;
            }
            let label = metric.labels.iter().find(|label| label.name == name);
            let label = label.unwrap_or_else(|| panic!("{} has no `{name}`", metric.name));
            if !label.values.is_empty() {
                for value in named(value) {
                    let known = label.values.contains(&value.as_str());
                    assert!(known, "`{name}` of {} is never `{value}`", metric.name);
                }
            }
        }
    }
    for by in expression.split(" by (").skip(1) {
        let labels = by.split(')').next().expect("it is closed");
        for label in labels.split(',').map(str::trim) {
            assert!(known.contains(label), "no `{label}` in `{expression}`");
        }
    }
}

/// Every text that is called `key` in it, however deep.
fn texts<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(key).and_then(Value::as_str));
            members.values().for_each(|value| texts(value, key, found));
        }
        Value::Array(items) => items.iter().for_each(|value| texts(value, key, found)),
        _ => {}
    }
}

#[test]
fn the_dashboard_asks_for_what_there_is_and_shows_all_of_it() {
    let text = fs::read_to_string(file(DASHBOARD)).expect("the dashboard");
    let dashboard: Value = serde_json::from_str(&text).expect("JSON");
    let mut expressions = Vec::new();
    texts(&dashboard, "expr", &mut expressions);
    expressions.iter().for_each(|expression| check(expression));
    let shown: BTreeSet<_> = expressions
        .iter()
        .flat_map(|expression| selectors(expression))
        .map(|selected| selected.metric.name)
        .collect();
    assert_eq!(shown, ALL.iter().map(|metric| metric.name).collect());

    let variables = dashboard["templating"]["list"].as_array();
    for variable in variables.expect("variables").iter().skip(1) {
        let query = variable["definition"].as_str().expect("a query");
        let query = query
            .strip_prefix("label_values(")
            .expect("a label's values");
        let (series, label) = query.split_once(", ").expect("of a metric");
        let label = label.strip_suffix(')').expect("it is closed");
        let labels = metric(series).labels.iter().map(|label| label.name);
        assert!(
            labels.chain(PROMETHEUS).any(|known| known == label),
            "{query}"
        );
    }

    let panels = dashboard["panels"].as_array().expect("panels");
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), panels.len(), "each has a number of its own");
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert!(panel["description"].is_string(), "{}", panel["title"]);
    }
}

#[test]
fn the_alerts_ask_for_what_there_is_and_say_what_to_do() {
    let text = fs::read_to_string(file(ALERTS)).expect("the alerts");
    let alerts = Yaml::load_from_str(&text).expect("YAML");
    let [alerts] = &alerts[..] else {
        panic!("it is one document");
    };
    let mut names = BTreeSet::new();
    for group in alerts["groups"].as_vec().expect("groups") {
        for rule in group["rules"].as_vec().expect("rules") {
            let name = rule["alert"].as_str().expect("a name");
            assert!(names.insert(name), "{name} is there twice");
            check(rule["expr"].as_str().expect("an expression"));
            assert!(rule["labels"]["severity"].as_str().is_some(), "{name}");
            for annotation in ["summary", "description"] {
                let said = rule["annotations"][annotation].as_str();
                assert!(said.is_some_and(|said| !said.is_empty()), "{name}");
            }
        }
    }
    let page = fs::read_to_string(file("docs/metrics.md")).expect("the page");
    let listed = page.lines().filter_map(|line| {
        let name = line.strip_prefix("| Workbeat")?.split(' ').next()?;
        Some(format!("Workbeat{name}"))
    });
    let names: BTreeSet<_> = names.into_iter().map(str::to_owned).collect();
    assert_eq!(listed.collect::<BTreeSet<_>>(), names);
}

#[test]
#[should_panic(expected = "there is no series `workbeat_slots_total`")]
fn a_metric_that_is_not_there_is_found() {
    check("sum(workbeat_slots_total)");
}

#[test]
#[should_panic(expected = "is never `lost`")]
fn a_value_that_is_not_there_is_found() {
    check("workbeat_tasks_total{outcome=~\"failed|lost\"}");
}
