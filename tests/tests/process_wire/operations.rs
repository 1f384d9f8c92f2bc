//! Every trouble of the network, in each operation that matters.

use std::time::Duration;

use libtest_mimic::Trial;
use workbeat_tests::{Cut, Fate, Trouble, Way, eventually, run, seconds};

use crate::judge::judge;
use crate::stage::{HEARTBEAT_TIMEOUT, Stage, ids};
use crate::trial;

const POLL: &str = "PollForActivityTask";
const BEAT: &str = "RecordActivityTaskHeartbeat";
const COMPLETE: &str = "RespondActivityTaskCompleted";
const FAIL: &str = "RespondActivityTaskFailed";
const CANCEL: &str = "RespondActivityTaskCanceled";

const PAUSE: Duration = Duration::from_millis(1);

const TROUBLES: [(&str, Fate); 10] = [
    (
        "a_request_that_stalls_before_it_is_heard",
        Fate::of_request(Cut::After(0), Trouble::Stall),
    ),
    (
        "a_request_that_stalls_before_its_end",
        Fate::of_request(Cut::BeforeEnd(1), Trouble::Stall),
    ),
    (
        "a_reset_before_the_request_is_heard",
        Fate::of_request(Cut::BeforeEnd(1), Trouble::Reset),
    ),
    (
        "a_reset_in_the_head_of_the_answer",
        Fate::of_answer(Cut::After(30), Trouble::Reset),
    ),
    (
        "a_reset_before_the_end_of_the_answer",
        Fate::of_answer(Cut::BeforeEnd(1), Trouble::Reset),
    ),
    (
        "an_end_in_the_middle_of_the_answer",
        Fate::of_answer(Cut::BeforeEnd(1), Trouble::Close),
    ),
    ("an_answer_that_never_comes", Fate::swallowed()),
    (
        "an_answer_that_stalls_before_its_end",
        Fate::of_answer(Cut::BeforeEnd(1), Trouble::Stall),
    ),
    (
        "a_request_that_trickles",
        Fate::of_request(Cut::BeforeEnd(100), Trouble::Trickle(PAUSE)),
    ),
    (
        "an_answer_that_trickles",
        Fate::of_answer(Cut::BeforeEnd(100), Trouble::Trickle(PAUSE)),
    ),
];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for operation in [POLL, BEAT, COMPLETE, FAIL, CANCEL] {
        for (trouble, fate) in TROUBLES {
            let name = format!("{operation}::{trouble}_costs_no_other_task");
            trials.push(trial(name, move || goes_wrong(operation, fate, false)));
        }
    }
    // A poll is never retried by the SDK.
    for operation in [BEAT, COMPLETE, FAIL, CANCEL] {
        for (trouble, fate) in TROUBLES {
            if matches!(fate.trouble, Trouble::Reset | Trouble::Close) {
                let name = format!("{operation}::{trouble}_when_the_sdk_retries_too");
                trials.push(trial(name, move || goes_wrong(operation, fate, true)));
            }
        }
    }
    trials
}

/// How often it happens. One of two polls must be left.
fn times(operation: &str) -> usize {
    if operation == POLL { 1 } else { 3 }
}

async fn goes_wrong(operation: &'static str, fate: Fate, sdk_retries: bool) {
    let stage = Stage::new().await;
    let times = times(operation);
    let cancels = ids("cancel", 3);
    let all = [ids("complete", 3), ids("fail", 3), cancels.clone()].concat();
    stage.schedule(&all, HEARTBEAT_TIMEOUT).await;
    stage.proxy.trouble(operation, times, fate);
    let service = if sdk_retries {
        stage.service_that_retries()
    } else {
        stage.service()
    };
    let stops = fate.trouble == Trouble::Stall;
    let mut worker = stage.worker_on(service);
    if operation == POLL && stops {
        // It is waited for in vain.
        worker = worker.drain_deadline(seconds(10));
    }
    let worker = run(worker);

    let trickles = matches!(fate.trouble, Trouble::Trickle(_));
    let lost = usize::from(operation == POLL && fate.way == Way::Answer && !trickles);
    worker.holds(all.len() - lost).await;
    eventually("it went wrong so often", || {
        !(operation == POLL || operation == BEAT) || stage.proxy.count(operation) > times
    })
    .await;
    eventually("a poll that trickles is through", || {
        let polls = stage.proxy.calls(POLL);
        !(trickles && operation == POLL) || polls[0].delivered
    })
    .await;
    stage.request_cancel(&cancels).await;
    stage.acts.go();
    worker.holds(0).await;
    assert!(stage.proxy.count(operation) >= times, "it did not go wrong");

    // Polls go on, and bring what comes next.
    stage.signal().await;
    let again = ids("complete-again", 3);
    stage.schedule(&again, HEARTBEAT_TIMEOUT).await;
    let ended = all.len() + again.len() - lost;
    eventually("the worker has done that too", || {
        let outcomes = worker.handle.status().outcomes;
        let known = outcomes.completed + outcomes.failed + outcomes.canceled + outcomes.closed;
        known == ended as u64
    })
    .await;
    let report = worker.drain().await;
    let given_up = usize::from(operation == POLL && stops);
    assert_eq!(report.polls_given_up, given_up, "{report}");

    // What was lost with the answer to a poll is over too.
    stage
        .server
        .advance(HEARTBEAT_TIMEOUT * 2)
        .await
        .expect("time passes");
    let history = stage.history().await;
    let phantoms = judge(&history, &stage.proxy, &stage.acts, &report);
    assert_eq!(phantoms.len(), lost, "{phantoms:?}");
}
