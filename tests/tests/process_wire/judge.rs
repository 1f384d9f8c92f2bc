//! What the service and the network know of each task, held against what the worker says.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_swf::types::HistoryEvent;
use workbeat::worker::{DrainReport, OutcomeCounts};
use workbeat_tests::{Passed, Proxy, said};

use crate::act::{Acts, expected};

/// A task that the service handed out.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) id: String,
    pub(crate) token: String,
    /// Whether the network carried it to the worker.
    pub(crate) delivered: bool,
}

/// The tasks that the service handed out through the proxy.
pub(crate) fn given(proxy: &Proxy) -> Vec<Given> {
    let polls = proxy.calls("PollForActivityTask");
    let given = polls.iter().filter_map(|poll| {
        let (_, task) = poll.answer.as_ref()?;
        Some(Given {
            id: task["activityId"].as_str()?.to_owned(),
            token: task["taskToken"].as_str()?.to_owned(),
            delivered: poll.delivered,
        })
    });
    given.collect()
}

/// How each activity that was scheduled ended, by its id: in what the history says.
pub(crate) fn ends(history: &[HistoryEvent]) -> BTreeMap<String, Vec<String>> {
    let mut ids = BTreeMap::new();
    let mut ends: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in history {
        if let Some(it) = event.activity_task_scheduled_event_attributes() {
            ids.insert(event.event_id(), it.activity_id().to_owned());
            ends.insert(it.activity_id().to_owned(), Vec::new());
        }
        let (completed, failed) = (
            event.activity_task_completed_event_attributes(),
            event.activity_task_failed_event_attributes(),
        );
        let (canceled, timed_out) = (
            event.activity_task_canceled_event_attributes(),
            event.activity_task_timed_out_event_attributes(),
        );
        let scheduled = [
            completed.map(|it| it.scheduled_event_id()),
            failed.map(|it| it.scheduled_event_id()),
            canceled.map(|it| it.scheduled_event_id()),
            timed_out.map(|it| it.scheduled_event_id()),
        ];
        let scheduled = scheduled.into_iter().flatten().next();
        if let Some(scheduled) = scheduled {
            let id = &ids[&scheduled];
            ends.get_mut(id).expect("it is there").push(said(event));
        }
    }
    ends
}

/// What the worker must have heard: the outcomes of which the network brought the acceptance.
fn heard(proxy: &Proxy) -> [u64; 3] {
    ["Completed", "Failed", "Canceled"].map(|end| {
        let calls = proxy.calls(&format!("RespondActivityTask{end}"));
        let heard = |call: &&Passed| call.is_accepted() && call.delivered;
        calls.iter().filter(heard).count() as u64
    })
}

/// Holds the three accounts of every task against each other: the history, what the network
/// carried, and the worker's report. Gives the ids of the phantoms.
pub(crate) fn judge(
    history: &[HistoryEvent],
    proxy: &Proxy,
    acts: &Acts,
    report: &DrainReport,
) -> BTreeSet<String> {
    let (ends, given, ran) = (ends(history), given(proxy), acts.ran());
    let delivered: BTreeSet<_> = given
        .iter()
        .filter(|given| given.delivered)
        .map(|given| given.id.clone())
        .collect();
    let phantoms: BTreeSet<_> = given
        .iter()
        .filter(|given| !given.delivered)
        .map(|given| given.id.clone())
        .collect();
    let mut wrong = Vec::new();
    for (id, ends) in &ends {
        let (runs, expected) = match (delivered.contains(id), phantoms.contains(id)) {
            (true, false) => (1, expected(id)),
            (false, true) => (0, "HEARTBEAT: nothing"),
            _ => (0, "one that was handed out, once"),
        };
        let ran = ran.get(id).copied().unwrap_or(0);
        if ends[..] != [expected] || ran != runs {
            wrong.push(format!(
                "{id} ran {ran} times, {ends:?}, but not {expected}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?} {report}");

    let OutcomeCounts {
        completed,
        failed,
        canceled,
        closed,
        ..
    } = report.outcomes;
    judge_report(
        proxy,
        [completed, failed, canceled, closed],
        delivered.len(),
    );
    assert!(report.unanswered.is_empty(), "{report}");
    phantoms
}

/// Holds the counts of a report, of completed, failed, canceled and closed tasks, against what
/// the worker must have heard of so many tasks.
pub(crate) fn judge_report(proxy: &Proxy, counted: [u64; 4], tasks: usize) {
    let [completed, failed, canceled, closed] = counted;
    let heard = heard(proxy);
    assert_eq!([completed, failed, canceled], heard, "what was heard");
    let unheard = tasks as u64 - heard.iter().sum::<u64>();
    assert_eq!(closed, unheard, "what was not heard and is closed");
}
