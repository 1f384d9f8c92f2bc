//! The four timeouts, to the millisecond.

use workbeat::service::TaskToken;
use workbeat_local::engine::{ActivityTaskTimeoutType as Type, ScheduleActivityTask};

use crate::kit::{World, activity, attributes, millis};

fn with(set: impl FnOnce(&mut ScheduleActivityTask)) -> ScheduleActivityTask {
    let mut decision = activity("a");
    set(&mut decision);
    decision
}

fn token(world: &mut World) -> TaskToken {
    world.take().token
}

#[test]
fn a_task_that_nobody_takes_is_closed_by_schedule_to_start() {
    let mut world = World::new();
    let workflow = world.start(with(|it| it.schedule_to_start_timeout = millis(1_500)));
    let began = world.now;
    world.pass(1_499);
    assert_eq!(world.names(&workflow).len(), 5);
    world.pass(1);
    let event = world.last(&workflow);
    assert_eq!(
        event.timestamp.saturating_duration_since(began).as_millis(),
        1_500
    );
    let timed_out = attributes!(event, ActivityTaskTimedOut);
    assert_eq!(timed_out.timeout_type, Type::ScheduleToStart);
    assert_eq!(
        (timed_out.scheduled_event_id, timed_out.started_event_id),
        (5, 0)
    );
    world.park();
}

#[test]
fn schedule_to_start_ends_with_the_start() {
    let mut world = World::new();
    let workflow = world.start(with(|it| it.schedule_to_start_timeout = millis(1_500)));
    token(&mut world);
    world.pass(10_000);
    assert_eq!(world.names(&workflow).len(), 6);
    assert_eq!(world.next_deadline(), None);
}

#[test]
fn start_to_close_counts_from_the_start_and_no_heartbeat_extends_it() {
    let mut world = World::new();
    let workflow = world.start(with(|it| it.start_to_close_timeout = millis(1_000)));
    world.pass(5_000);
    let token = token(&mut world);
    world.pass(999);
    world.beat(&token, None).unwrap();
    world.pass(1);
    let timed_out = attributes!(world.last(&workflow), ActivityTaskTimedOut);
    assert_eq!(timed_out.timeout_type, Type::StartToClose);
    assert_eq!(
        (timed_out.scheduled_event_id, timed_out.started_event_id),
        (5, 6)
    );
}

#[test]
fn schedule_to_close_counts_from_the_scheduling() {
    let mut world = World::new();
    let workflow = world.start(with(|it| it.schedule_to_close_timeout = millis(1_000)));
    world.pass(600);
    token(&mut world);
    world.pass(400);
    let timed_out = attributes!(world.last(&workflow), ActivityTaskTimedOut);
    assert_eq!(timed_out.timeout_type, Type::ScheduleToClose);
}

#[test]
fn a_heartbeat_restarts_its_own_clock_and_its_details_are_kept() {
    let mut world = World::new();
    let workflow = world.start(with(|it| it.heartbeat_timeout = millis(100)));
    let token = token(&mut world);
    for done in ["1", "2", "3"] {
        world.pass(99);
        world.beat(&token, Some(done)).unwrap();
    }
    world.pass(99);
    assert_eq!(
        world.names(&workflow).len(),
        6,
        "a heartbeat makes no event"
    );
    world.pass(1);
    let timed_out = attributes!(world.last(&workflow), ActivityTaskTimedOut);
    assert_eq!(timed_out.timeout_type, Type::Heartbeat);
    assert_eq!(timed_out.details.unwrap().as_str(), "3");
}

#[test]
fn the_details_of_a_timeout_are_those_of_the_last_heartbeat_even_if_it_had_none() {
    let mut world = World::new();
    let workflow = world.start(with(|it| it.start_to_close_timeout = millis(100)));
    let token = token(&mut world);
    world.beat(&token, Some("half way")).unwrap();
    world.beat(&token, None).unwrap();
    world.pass(100);
    let timed_out = attributes!(world.last(&workflow), ActivityTaskTimedOut);
    assert_eq!(timed_out.details, None);
}

#[test]
fn an_engine_that_is_told_late_writes_the_time_at_which_it_was_due() {
    let mut world = World::new();
    let workflow = world.start(with(|it| it.schedule_to_start_timeout = millis(10)));
    let began = world.now;
    world.pass(60_000);
    let event = world.last(&workflow);
    assert_eq!(
        event.timestamp.saturating_duration_since(began).as_millis(),
        10
    );
}

#[test]
fn a_deadline_fires_before_the_request_that_arrives_at_the_same_instant() {
    let mut world = World::new();
    world.start(with(|it| it.heartbeat_timeout = millis(100)));
    let token = token(&mut world);
    world.now = world.now + std::time::Duration::from_millis(100);
    assert!(world.beat(&token, None).is_err());
}

#[test]
fn of_two_timeouts_in_the_same_millisecond_start_to_close_is_the_one() {
    let mut world = World::new();
    let workflow = world.start(with(|it| {
        it.heartbeat_timeout = millis(100);
        it.start_to_close_timeout = millis(100);
        it.schedule_to_close_timeout = millis(100);
    }));
    token(&mut world);
    world.pass(100);
    let timed_out = attributes!(world.last(&workflow), ActivityTaskTimedOut);
    assert_eq!(timed_out.timeout_type, Type::StartToClose);
    assert_eq!(world.names(&workflow).len(), 8);
}

#[test]
fn a_timeout_of_zero_fires_within_the_request_that_sets_it() {
    let mut world = World::new();
    let workflow = world.start(with(|it| it.schedule_to_start_timeout = millis(0)));
    assert_eq!(world.last(&workflow).event_type(), "ActivityTaskTimedOut");
    assert_eq!(world.next_deadline(), None);
}

#[test]
fn time_never_goes_back() {
    let mut world = World::new();
    let early = world.now;
    world.pass(5_000);
    world.now = early;
    let workflow = world.start(activity("a"));
    assert_eq!(world.last(&workflow).timestamp, world.engine.now());
    assert!(world.engine.now() > early);
}
