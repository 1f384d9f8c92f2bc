use super::*;

fn completed() -> Ending {
    Ending::Completed(Some("42".to_owned()))
}

fn failure() -> Ending {
    Ending::Errored(ActivityError::failed("disk full").with_details("/data"))
}

fn canceled() -> Ending {
    Ending::Errored(ActivityError::canceled("half"))
}

fn handed_on() -> Ending {
    Ending::Errored(ActivityError::handed_on())
}

fn panicked() -> Ending {
    Ending::Panicked("index out of bounds".to_owned())
}

fn said(cancel_requested: bool, worst: Option<StopReason>) -> Said {
    Said {
        cancel_requested,
        worst,
    }
}

/// What is expected of an ending, in short.
#[derive(Debug, PartialEq)]
enum Expected {
    Nothing,
    HandedOn,
    Completed,
    Failed(&'static str),
    Canceled,
}

fn short(decision: &Decision) -> Expected {
    match decision {
        Decision::Nothing => Expected::Nothing,
        Decision::HandOn => Expected::HandedOn,
        Decision::Offer(Outcome::Completed { .. }) => Expected::Completed,
        Decision::Offer(Outcome::Canceled { .. }) => Expected::Canceled,
        Decision::Offer(Outcome::Failed { reason, .. }) => {
            Expected::Failed(FailureCode::of(reason).map_or("its own", FailureCode::as_str))
        }
    }
}

#[test]
fn the_outcome_follows_the_table() {
    use Expected::{Canceled, Completed, Failed, HandedOn};
    use StopReason::{CancelRequested, HeartbeatLost, TimedOut, WorkerStopping};

    let nobody = said(false, None);
    let asked = said(true, Some(CancelRequested));
    let lost = said(false, Some(HeartbeatLost));
    let asked_then_lost = said(true, Some(HeartbeatLost));
    let late = said(false, Some(TimedOut));
    let stopping = said(false, Some(WorkerStopping));
    let grace = || Ending::Aborted(AbortReason::GraceExpired);
    let drained = || Ending::Aborted(AbortReason::Draining);

    let table: Vec<(&str, Ending, Said, Expected)> = vec![
        ("completes", completed(), nobody, Completed),
        (
            "ignores the request and completes",
            completed(),
            asked,
            Completed,
        ),
        (
            "completes though presumed lost",
            completed(),
            lost,
            Completed,
        ),
        (
            "completes though presumed late",
            completed(),
            late,
            Completed,
        ),
        (
            "completes while the worker stops",
            completed(),
            stopping,
            Completed,
        ),
        ("fails", failure(), nobody, Failed("its own")),
        (
            "ignores the request and fails",
            failure(),
            asked,
            Failed("its own"),
        ),
        ("acknowledges", canceled(), asked, Canceled),
        (
            "acknowledges after a presumption",
            canceled(),
            asked_then_lost,
            Canceled,
        ),
        (
            "canceled, but nobody asked",
            canceled(),
            nobody,
            Failed("WORKBEAT_CANCELED_WITHOUT_REQUEST"),
        ),
        (
            "gives up when presumed lost",
            canceled(),
            lost,
            Failed("WORKBEAT_STOPPED"),
        ),
        (
            "gives up when presumed late",
            canceled(),
            late,
            Failed("WORKBEAT_STOPPED"),
        ),
        (
            "gives up when the worker stops",
            canceled(),
            stopping,
            Failed("WORKBEAT_WORKER_DRAINING"),
        ),
        ("hands on", handed_on(), nobody, HandedOn),
        (
            "hands on though asked to cancel",
            handed_on(),
            asked,
            HandedOn,
        ),
        ("hands on though presumed lost", handed_on(), lost, HandedOn),
        ("hands on though presumed late", handed_on(), late, HandedOn),
        (
            "hands on while the worker stops",
            handed_on(),
            stopping,
            HandedOn,
        ),
        ("panics", panicked(), nobody, Failed("WORKBEAT_PANIC")),
        (
            "panics while canceled",
            panicked(),
            asked,
            Failed("WORKBEAT_PANIC"),
        ),
        ("outlives its grace", grace(), asked, Canceled),
        (
            "is aborted without a request",
            grace(),
            nobody,
            Failed("WORKBEAT_ABORTED"),
        ),
        (
            "is drained",
            drained(),
            nobody,
            Failed("WORKBEAT_WORKER_DRAINING"),
        ),
    ];
    for (case, ending, said, expected) in table {
        assert_eq!(short(&decide(ending, said)), expected, "{case}");
    }
}

#[test]
fn once_the_service_says_closed_nothing_is_offered_however_it_ended() {
    for closed in [StopReason::TaskClosed, StopReason::WorkflowClosed] {
        for asked in [false, true] {
            for ending in [
                completed(),
                failure(),
                canceled(),
                handed_on(),
                panicked(),
                Ending::Aborted(AbortReason::GraceExpired),
                Ending::Aborted(AbortReason::Draining),
            ] {
                assert_eq!(decide(ending, said(asked, Some(closed))), Decision::Nothing);
            }
        }
    }
}

#[test]
fn reason_and_details_of_the_activity_are_kept() {
    let decision = decide(failure(), said(false, None));
    let expected = Outcome::Failed {
        reason: "disk full".to_owned(),
        details: Some("/data".to_owned()),
    };
    assert_eq!(decision, Decision::Offer(expected));
}
