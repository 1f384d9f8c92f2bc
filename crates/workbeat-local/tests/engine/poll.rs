//! Polls: matching, waiting, and clients that go away.

use workbeat_local::engine::{CountPendingActivityTasks, FaultKind, Resource};

use crate::kit::{DOMAIN, LIST, World, activity, poll_of};

#[test]
fn a_task_goes_to_the_poll_that_has_waited_longest() {
    let mut world = World::new();
    let (first, second) = (world.park(), world.park());
    world.workflow("flow");
    world.decide(
        "flow",
        vec![
            activity("a").into(),
            activity("b").into(),
            activity("c").into(),
        ],
    );
    let answers = world.answers();
    assert_eq!(
        answers,
        [(first, Some("a".into())), (second, Some("b".into()))]
    );
    assert_eq!(&*world.take().activity_id, "c");
}

#[test]
fn a_poll_gets_the_highest_priority_of_one_decision_task() {
    let mut world = World::new();
    let poll = world.park();
    world.workflow("flow");
    let mut urgent = activity("urgent");
    urgent.task_priority = Some(1);
    world.decide("flow", vec![activity("usual").into(), urgent.into()]);
    assert_eq!(world.answers(), [(poll, Some("urgent".into()))]);
}

#[test]
fn a_poll_that_brings_nothing_ends_after_its_hold() {
    let mut world = World::new();
    let poll = world.park();
    world.pass(59_999);
    assert_eq!(world.answers(), []);
    world.pass(1);
    assert_eq!(world.answers(), [(poll, None)]);
    world.start(activity("a"));
    assert_eq!(world.answers(), [], "the poll is gone");
}

#[test]
fn a_withdrawn_poll_gets_nothing() {
    let mut world = World::new();
    let poll = world.park();
    assert!(world.engine.withdraw(poll));
    assert!(!world.engine.withdraw(poll));
    world.start(activity("a"));
    world.pass(60_000);
    assert_eq!(world.answers(), []);
    assert_eq!(&*world.take().activity_id, "a");
}

#[test]
fn an_abandoned_poll_is_withdrawn() {
    let mut world = World::new();
    let poll = world.park();
    assert!(world.engine.abandon(poll, false));
    world.start(activity("a"));
    assert_eq!(&*world.take().activity_id, "a");
}

#[test]
fn a_phantom_poll_takes_one_task_to_nobody() {
    let mut world = World::new();
    let poll = world.park();
    assert!(world.engine.abandon(poll, true));
    let workflow = world.start(activity("a"));
    assert_eq!(world.names(&workflow).last(), Some(&"ActivityTaskStarted"));
    assert_eq!(world.answers(), []);
    assert!(!world.engine.abandon(poll, true));
    world.park();
}

#[test]
fn a_phantom_poll_ends_with_its_hold_and_a_withdrawn_one_at_once() {
    let mut world = World::new();
    let (phantom, withdrawn) = (world.park(), world.park());
    world.engine.abandon(phantom, true);
    world.engine.withdraw(withdrawn);
    world.pass(60_000);
    assert_eq!(world.answers(), []);
    world.start(activity("a"));
    assert_eq!(&*world.take().activity_id, "a");
}

#[test]
fn task_lists_of_different_names_have_nothing_in_common() {
    let mut world = World::new();
    world.ok(poll_of("elsewhere"));
    world.start(activity("a"));
    assert_eq!(world.answers(), []);
    let count = |task_list: &str| CountPendingActivityTasks {
        domain: DOMAIN.into(),
        task_list: task_list.into(),
    };
    assert_eq!(world.ok(count(LIST)).count, 1);
    assert_eq!(world.ok(count("elsewhere")).count, 0);
}

#[test]
fn a_poll_in_an_unknown_domain_is_refused() {
    let mut world = World::new();
    let mut poll = poll_of(LIST);
    poll.domain = "nowhere".into();
    let fault = world.err(poll);
    assert_eq!(fault.kind(), FaultKind::UnknownResource(Resource::Domain));
}

#[test]
fn a_poll_that_has_its_task_leaves_no_deadline_behind() {
    let mut world = World::new();
    world.park();
    assert!(world.next_deadline().is_some());
    world.start(activity("a"));
    assert_eq!(world.next_deadline(), None);
}
