//! The answer for a person, in 80 columns.

use std::time::Duration;

use super::figures::{bound, budget, cap, count, counted, need, percent, span, spare, used, whole};
use crate::capacity::{
    CARRIED, Group, LEARNED, OPEN_ACTIVITIES, POLLERS, PROMISED, Plan, Question, SOURCE, Use,
    Verdict,
};
use crate::output::{Table, escape, wrap};

/// How wide it may be.
const COLUMNS: usize = 80;

/// The lines.
pub(super) fn lines(question: &Question, plan: &Plan) -> Vec<String> {
    let mut lines = wrap(&headline(question, plan), COLUMNS);
    lines.push(String::new());
    lines.extend(activities(question, plan).lines(Some(COLUMNS)));
    lines.push(String::new());
    lines.extend(quotas(question, plan).lines(Some(COLUMNS)));
    let ways = ways_out(question, plan);
    if !ways.is_empty() {
        lines.push(String::new());
        lines.extend(ways.iter().flat_map(|way| {
            let indent = if way.starts_with("- ") { "  " } else { "" };
            hanging("", indent, way)
        }));
    }
    lines.push(String::new());
    for (label, text) in advice(question, plan) {
        lines.extend(hanging(&format!("{label:<14}"), "              ", &text));
    }
    lines.push(String::new());
    lines.push("Amazon SWF's quotas, of an account in a region, are those of".to_owned());
    lines.push(SOURCE.to_owned());
    lines
}

/// A text behind a label, whose further lines are indented.
fn hanging(label: &str, indent: &str, text: &str) -> Vec<String> {
    let parts = wrap(text, COLUMNS - label.len().max(indent.len()));
    let heads = std::iter::once(label).chain(std::iter::repeat(indent));
    heads
        .zip(parts)
        .map(|(head, part)| format!("{head}{part}"))
        .collect()
}

fn headline(question: &Question, plan: &Plan) -> String {
    let heartbeats = plan.quotas.first();
    let left = spare(heartbeats.map_or(0.0, |heartbeats| heartbeats.needed / heartbeats.quota));
    match plan.verdict {
        Verdict::Fits => {
            format!("It fits: every task is kept, with {left} of the heartbeat quota to spare.")
        }
        Verdict::Tight => format!(
            "It is tight: every task is kept, but {left} of the heartbeat quota is to spare, not {}.",
            percent(question.margin)
        ),
        Verdict::TooTight => format!(
            "It is too tight: {left} of the heartbeat quota is to spare, and with less than {} a call \
             that takes its time can cost a task.",
            percent(1.0 - PROMISED)
        ),
        Verdict::LetsGo => format!(
            "It does not fit: {} heartbeats a second keep {} of {}, and {} let go.",
            cap(question.heartbeats.rate),
            count(plan.activities - plan.heartbeats.lost()),
            counted(plan.activities, "activity", "activities"),
            counted(plan.heartbeats.lost(), "is", "are"),
        ),
        Verdict::SmallShares => format!(
            "It does not fit so many workers: {} heartbeats a second are too few for one of {}, and it \
             loses tasks that the whole quota would keep.",
            cap(plan.rate_of_a_worker),
            count(plan.workers),
        ),
        Verdict::OtherQuota => {
            "It does not fit: heartbeats do, but another quota is used up.".to_owned()
        }
    }
}

fn activities(question: &Question, plan: &Plan) -> Table {
    let named = question.groups.iter().any(|group| group.name.is_some());
    let mut head = vec![
        "ACTIVITIES",
        "TIMEOUT",
        "INTERVAL",
        "WITH THIS QUOTA",
        "LET GO",
    ];
    if named {
        head.insert(0, "GROUP");
    }
    let mut table = Table::new(&head);
    let rest = plan
        .heartbeats
        .intervals
        .iter()
        .zip(&plan.heartbeats.let_go);
    for (group, (interval, let_go)) in question.groups.iter().zip(rest) {
        let mut row = vec![
            count(group.activities),
            span(group.timeout),
            span(group.interval()),
            interval.map_or_else(|| "-".to_owned(), span),
            if *let_go == 0 {
                "none".to_owned()
            } else {
                count(*let_go)
            },
        ];
        if named {
            // Twenty columns leave room for the others.
            let name = escape(group.name.as_deref().unwrap_or("-"));
            row.insert(0, crate::output::cut(&name, 20));
        }
        table.row(row);
    }
    table
}

fn quotas(question: &Question, plan: &Plan) -> Table {
    let mut table = Table::new(&["CALLS A SECOND", "COUNT", "QUOTA", "USED", "WHICH"]);
    for quota in &plan.quotas {
        table.row(vec![
            quota.operation.to_owned(),
            need(quota.needed),
            cap(quota.quota),
            used(quota.needed / quota.quota),
            quota.of.to_owned(),
        ]);
    }
    if let Some(open) = question.in_one_execution {
        table.row(vec![
            "(open activities)".to_owned(),
            count(open),
            count(OPEN_ACTIVITIES),
            used(open as f64 / OPEN_ACTIVITIES as f64),
            "of an execution".to_owned(),
        ]);
    }
    table
}

/// What would make it fit.
fn ways_out(question: &Question, plan: &Plan) -> Vec<String> {
    let mut ways = Vec::new();
    let margin = percent(question.margin);
    let heartbeats = plan.quotas.first().filter(|heartbeats| !heartbeats.fits);
    if let Some(heartbeats) = heartbeats {
        ways.push(format!(
            "To keep every task and {margin} of the quota free, one of:"
        ));
        ways.push(raise(heartbeats));
        ways.push(format!(
            "- {}",
            longer_timeouts(&question.groups, &plan.timeouts_that_fit)
        ));
        if plan.activities_that_fit > 0 {
            ways.push(format!(
                "- run {} at once, or fewer{}",
                count(plan.activities_that_fit),
                if question.groups.len() > 1 {
                    " in this mix"
                } else {
                    ""
                },
            ));
        }
    }
    let others = plan.quotas.iter().skip(1).filter(|quota| !quota.fits);
    let more_slots =
        question.tasks_a_second().unwrap_or(0.0) <= question.polls.rate * (1.0 - question.margin);
    let other = |quota: &Use| {
        let or = if quota.of == question.of_an_execution.of {
            ", or spread the activities over more workflow executions"
        } else if quota.operation == question.polls.operation && more_slots {
            ", or give each worker more slots, so that fewer are idle"
        } else {
            ""
        };
        format!("{}{or}", raise(quota))
    };
    let mut others: Vec<_> = others.map(other).collect();
    if plan.executions.is_some_and(|executions| !executions.fits) {
        others.push(format!(
            "- spread the activities over more workflow executions: one has {} open at most",
            count(OPEN_ACTIVITIES)
        ));
    }
    if let Some(slots) = plan
        .slots_that_share
        .filter(|_| plan.verdict == Verdict::SmallShares)
    {
        ways.push(format!(
            "To keep every task: give each worker {} slots or more, so that fewer share the quota",
            count(slots)
        ));
    }
    if !others.is_empty() {
        let and = if ways.is_empty() { "" } else { ", and this" };
        ways.push(format!("To have {margin} of the other quotas free{and}:"));
        ways.extend(others);
    }
    ways
}

fn raise(quota: &Use) -> String {
    format!(
        "- raise {} ({}) to {} a second",
        quota.operation,
        quota.of,
        count(quota.smallest_quota)
    )
}

fn longer_timeouts(groups: &[Group], timeouts: &[Duration]) -> String {
    if let [timeout] = timeouts {
        return format!("a heartbeat timeout of {}", whole(*timeout));
    }
    let pairs = groups.iter().zip(timeouts);
    let pairs = pairs.map(|(group, timeout)| {
        format!("{} for those of {}", whole(*timeout), span(group.timeout))
    });
    format!(
        "heartbeat timeouts of {}",
        pairs.collect::<Vec<_>>().join(", ")
    )
}

/// What to set, and what to know.
fn advice(question: &Question, plan: &Plan) -> Vec<(&'static str, String)> {
    let workers = plan.workers;
    let mut advice = vec![(
        "Workers",
        format!(
            "{} with {} each; when idle, {} out",
            count(workers),
            counted(question.slots, "slot", "slots"),
            counted(plan.idle_polls, "poll is", "polls are"),
        ),
    )];
    if plan.task_lists > 1 {
        advice.push((
            "Task lists",
            format!(
                "{} or more: one takes {} polls at once; or more slots a worker",
                count(plan.task_lists),
                count(POLLERS)
            ),
        ));
    }
    advice.push(("Budget", budgets(question, plan)));
    if !plan.beats() {
        let silent = "is not heard of: activities end before their first heartbeat";
        advice.push(("Cancellation", silent.to_owned()));
        return advice;
    }
    let late = plan.cancellation();
    let groups = question.groups.iter().zip(&plan.silent);
    let beating = groups.filter(|(_, silent)| !**silent);
    let normal = beating.map(|(group, _)| group.interval()).max();
    let normal = normal.unwrap_or_default();
    let mut cancellation = match late {
        Some(late) => format!("is heard of within {}", bound(late)),
        None => "is not heard of: every task that heartbeats is let go".to_owned(),
    };
    if late.is_none_or(|late| bound(late) != bound(normal)) {
        cancellation += &format!(
            "; within {} with a heartbeat quota of {}",
            bound(normal),
            count(plan.quota_of_normal_intervals)
        );
    }
    advice.push(("Cancellation", cancellation));
    if plan.silent.contains(&true) {
        advice.push(("Short", short(question, plan)));
    }
    advice
}

/// Why calls are counted that nobody sends.
fn short(question: &Question, plan: &Plan) -> String {
    let groups = question.groups.iter().zip(&plan.silent);
    let timeouts = groups.filter(|(_, silent)| **silent);
    let timeouts: std::collections::BTreeSet<_> =
        timeouts.map(|(group, _)| group.timeout).collect();
    let timeouts: Vec<_> = timeouts.into_iter().map(whole).collect();
    format!(
        "those with a timeout of {} end before their first heartbeat; a worker's budget keeps calls \
         for them all the same, so they count",
        timeouts.join(", ")
    )
}

/// What to tell the workers of the quota.
fn budgets(question: &Question, plan: &Plan) -> String {
    let workers = plan.workers;
    if !plan.beats() {
        return "any: activities end before their first heartbeat".to_owned();
    }
    let share = budget(plan.rate_of_a_worker);
    let rate = question.heartbeats.rate;
    if workers == 1 {
        return format!("HeartbeatBudget::new({share}), or the setting heartbeat_budget = {rate}");
    }
    let shares = format!(
        "HeartbeatBudget::new({share}) in each, or the settings heartbeat_budget = {rate}, \
         heartbeat_workers = {workers}"
    );
    if plan.can_learn {
        return format!(
            "{shares}, where all workers have about as many tasks; else \
             HeartbeatBudget::learning_among({workers})"
        );
    }
    let why = if plan.share_carries < CARRIED {
        format!(
            "Learning keeps all where a worker's share carries about {} tasks of the shortest timeout; \
             here it carries {}. Fewer workers with more slots share better",
            cap(CARRIED),
            cap(plan.share_carries.floor()),
        )
    } else {
        format!(
            "Learning keeps all only with {} of the quota to spare",
            percent(1.0 - LEARNED)
        )
    };
    format!("{shares}; let all workers have about as many tasks. {why}")
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use proptest::prelude::*;

    use super::*;
    use crate::args::{Cli, Command};

    fn shown(words: &str) -> Vec<String> {
        let words = format!("workbeat plan {words}");
        let cli = Cli::try_parse_from(words.split_whitespace()).unwrap();
        let Command::Plan(asked) = cli.command else {
            panic!("{words}");
        };
        let question = super::super::question(&asked);
        lines(&question, &Plan::of(&question))
    }

    #[test]
    fn each_verdict_says_what_to_do() {
        let all = |words: &str| shown(words).join("\n");
        let fits = all("--group 50000x6m");
        assert!(
            fits.starts_with("It fits: every task is kept, with 13 % "),
            "{fits}"
        );
        assert!(!fits.contains("one of:"), "{fits}");
        assert!(!fits.contains("learning_among"), "{fits}");
        let larger = all("--group 50000x6m --slots 1000");
        assert!(larger.contains("learning_among(50)"), "{larger}");
        let small = all("--group 1000x10s --group 4000x3m --group 10000x10m --slots 30");
        assert!(
            small.starts_with("It does not fit so many workers: 0.32 "),
            "{small}"
        );
        assert!(
            small.contains("To keep every task: give each worker "),
            "{small}"
        );
        let one = all("--group 1x1s --heartbeat-quota 0.5");
        assert!(
            one.contains("keep 0 of 1 activity, and 1 is let go"),
            "{one}"
        );
        assert!(!one.contains("run 0"), "{one}");
        let tight = all("--group 1500x10s");
        assert!(tight.starts_with("It is tight: "), "{tight}");
        assert!(tight.contains("to 167 a second"), "{tight}");
        let too_tight = all("--group 1590x10s");
        assert!(too_tight.starts_with("It is too tight: "), "{too_tight}");
        let over = all("--group a=2000x30s --group b=90000x5m");
        assert!(over.starts_with("It does not fit: 160 "), "{over}");
        assert!(over.contains("for those of 30s"), "{over}");
        let other = all("--group 5000x1m --duration 10s --in-one-execution 2000");
        assert!(other.contains("another quota"), "{other}");
        assert!(
            other.contains("RespondActivityTaskCompleted (one a task) to 556"),
            "{other}"
        );
        assert!(other.contains("more workflow executions"), "{other}");
    }

    #[test]
    fn what_is_shown_to_be_spare_or_used_does_not_contradict_the_verdict() {
        let all = |words: &str| shown(words).join(" ");
        let tight = all("--group 1441x10s");
        assert!(tight.contains("but 9 % of the heartbeat quota"), "{tight}");
        assert!(tight.contains(" 91 % "), "{tight}");
        let too_tight = all("--group 1521x10s");
        let less = "4 % of the heartbeat quota is to spare, and with less than 5 %";
        assert!(too_tight.contains(less), "{too_tight}");
        let nothing = all("--group 1599x10s --slots 2000");
        assert!(
            nothing.contains("under 1 % of the heartbeat quota"),
            "{nothing}"
        );
        let over = all("--group 1440x10s --duration 10s --poll-quota 160 --schedule-quota 143.96");
        assert!(over.contains(" 143.9 "), "{over}");
        assert!(over.contains(" 101 % "), "{over}");
        let one_more = all("--group 5000x1h --in-one-execution 1001");
        assert!(one_more.contains(" 101 % "), "{one_more}");
    }

    #[test]
    fn a_larger_quota_is_named_only_where_cancellations_are_heard_of_sooner() {
        let all = |words: &str| shown(words).join(" ");
        let as_good = all("--group 9601x6m");
        assert!(as_good.contains("is heard of within 1m 1s; "), "{as_good}");
        let normal = all("--group 8600x6m");
        assert!(normal.contains("is heard of within 1m "), "{normal}");
        assert!(!normal.contains("within 1m;"), "{normal}");
    }

    #[test]
    fn what_each_quota_takes_is_shown_and_what_else_would_do() {
        let all = |words: &str| shown(words).join("\n");
        let idle = all("--activities 25,000 --heartbeat-timeout 6m --slots 1");
        assert!(idle.contains("25,000 with 1 slot each"), "{idle}");
        assert!(idle.contains("more slots"), "{idle}");
        let single = all("--group 1x6m --slots 1");
        assert!(single.contains("1 poll is out"), "{single}");
        let one = all("--group 1000x2s --in-one-execution 1000 --heartbeat-quota 2000");
        assert!(one.contains("of an execution, sent"), "{one}");
        assert!(one.contains("over more workflow executions"), "{one}");
        assert!(one.contains("(open activities)"), "{one}");
        assert!(!one.contains('…'), "{one}");
    }

    #[test]
    fn the_budget_is_said_in_code_and_as_settings_and_why_learning_is_not() {
        let all = |words: &str| {
            shown(words)
                .join(" ")
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        let larger = all("--group 50000x6m --slots 1000");
        let settings = "heartbeat_budget = 160, heartbeat_workers = 50";
        assert!(larger.contains(settings), "{larger}");
        let small = all("--group 50000x6m");
        assert!(small.contains("here it carries 115."), "{small}");
        let tight = all("--group 52000x6m --slots 10000");
        assert!(
            tight.contains("only with 10 % of the quota to spare"),
            "{tight}"
        );
        let silent = all("--group 1000x10s --duration 2s");
        assert!(silent.contains("Budget any"), "{silent}");
        assert!(silent.contains("Cancellation is not heard of"), "{silent}");
        assert!(!silent.contains("Short"), "{silent}");
        let mixed = all("--group 300x10s --group 5x3s --group 9x1h --duration 2s");
        let short = "Short those with a timeout of 10s, 1h end before their first heartbeat";
        assert!(mixed.contains(short), "{mixed}");
        let let_go = all("--group 5x3s --group 300x1m --duration 5s --heartbeat-quota 4");
        let heard = "every task that heartbeats is let go; within 1s with a";
        assert!(let_go.contains(heard), "{let_go}");
    }

    /// The number before a word of a text.
    fn percent_before(text: &str, word: &str) -> f64 {
        let before = text.split(word).next().unwrap().trim_end_matches(" % ");
        let digits = before.rsplit(' ').next().unwrap();
        if before.ends_with("under 1") {
            0.0
        } else {
            digits.parse().unwrap()
        }
    }

    proptest! {
        #[test]
        fn what_is_said_to_be_spare_is_on_the_verdicts_side(
            activities in 1_300_u64..1_600, margin in 5_u8..20,
        ) {
            let words = format!("--group {activities}x10s --margin {margin} --slots 2000");
            let text = shown(&words).join(" ");
            let spare = percent_before(&text, "of the heartbeat quota");
            let margin = f64::from(margin);
            if text.starts_with("It fits: ") {
                prop_assert!(spare >= margin, "{text}");
            } else if text.starts_with("It is tight: ") {
                prop_assert!((5.0..margin).contains(&spare), "{text}");
            } else {
                prop_assert!(text.starts_with("It is too tight: ") && spare < 5.0, "{text}");
            }
        }

        #[test]
        fn no_line_is_wider_than_80_columns(
            count in 1_u64..1_000_000_000, timeout in 1_u64..31_536_000,
            quota in 0.001..1e9_f64, slots in 1_u64..1_000_000,
        ) {
            let words = format!(
                "--group {count}x{timeout}s --group a-long-name-of-a-group-漢字={count}x1s \
                 --duration 1s --in-one-execution {count} --slots {slots} --heartbeat-quota {quota}"
            );
            for line in shown(&words) {
                prop_assert!(console::measure_text_width(&line) <= COLUMNS, "{line}");
            }
        }
    }
}
