//! What somebody sees who watches open activities.

use std::time::Duration;

use workbeat_local::engine::Notice;

use crate::kit::{World, activity};

#[test]
fn an_open_activity_shows_how_it_stands_and_a_closed_one_does_not() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    let [waiting] = &world.engine.all_open_activities()[..] else {
        panic!("there is one activity");
    };
    assert_eq!(waiting.workflow, workflow);
    assert_eq!(&*waiting.activity_id, "a");
    assert_eq!((waiting.started_at, waiting.heartbeat_at), (None, None));

    world.pass(1_000);
    let task = world.take();
    let started_at = world.engine.now();
    world.pass(2_000);
    world.beat(&task.token, Some("half")).unwrap();
    world.request_cancel("a");
    let running = world.engine.open_activity(&waiting.key).unwrap();
    assert_eq!(running.started_at, Some(started_at));
    let beat_at = started_at + Duration::from_secs(2);
    assert_eq!(running.heartbeat_at, Some(beat_at));
    assert_eq!(running.details.unwrap().as_str(), "half");
    assert!(running.cancel_requested);

    world.complete(&task.token).unwrap();
    assert!(world.engine.open_activity(&waiting.key).is_none());
    assert!(world.engine.all_open_activities().is_empty());
}

#[test]
fn the_start_of_an_activity_is_a_notice() {
    let mut world = World::new();
    world.park();
    world.start(activity("a"));
    let now = world.engine.now();
    let started = world.engine.take_notices();
    let started = started
        .iter()
        .filter(|notice| matches!(notice, Notice::ActivityStarted { at, .. } if *at == now));
    assert_eq!(started.count(), 1);
}
