use aws_sdk_swf::types::{
    self, ActivityTaskScheduledEventAttributes, ActivityTaskStartedEventAttributes, ActivityType,
    EventType, TaskList,
};

use super::*;

fn event(id: i64, at: f64, event_type: EventType) -> types::builders::HistoryEventBuilder {
    HistoryEvent::builder()
        .event_id(id)
        .event_timestamp(DateTime::from_secs_f64(at))
        .event_type(event_type)
}

fn scheduled(id: i64, at: f64, close: &str) -> HistoryEvent {
    let activity_type = ActivityType::builder().name("a").version("1");
    let attributes = ActivityTaskScheduledEventAttributes::builder()
        .activity_id("1")
        .activity_type(activity_type.build().unwrap())
        .task_list(TaskList::builder().name("list").build().unwrap())
        .decision_task_completed_event_id(4)
        .heartbeat_timeout("30")
        .start_to_close_timeout("300")
        .schedule_to_close_timeout(close)
        .build();
    event(id, at, EventType::ActivityTaskScheduled)
        .activity_task_scheduled_event_attributes(attributes.unwrap())
        .build()
        .unwrap()
}

fn started(id: i64, at: f64, scheduled: i64) -> HistoryEvent {
    let attributes = ActivityTaskStartedEventAttributes::builder().scheduled_event_id(scheduled);
    event(id, at, EventType::ActivityTaskStarted)
        .activity_task_started_event_attributes(attributes.build())
        .build()
        .unwrap()
}

fn other(id: i64) -> HistoryEvent {
    event(id, 1_000.0, EventType::MarkerRecorded)
        .build()
        .unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_task_s_own_timeouts_are_found_past_those_of_others() {
    let mut search = Search::new(9);
    let page = [
        started(12, 1_012.0, 6),
        other(11),
        started(9, 1_009.0, 5),
        scheduled(6, 1_000.0, "1"),
    ];
    assert_eq!(search.look(&page), None);
    assert!(!search.is_over());
    let found = search.look(&[scheduled(5, 1_000.0, "NONE"), other(4)]);
    let expected = TaskTimeouts::default()
        .heartbeat(seconds(30))
        .start_to_close(seconds(300))
        .waited(seconds(9));
    assert_eq!(found, Some(expected));
}

#[test]
fn what_the_wait_left_of_schedule_to_close_is_the_deadline_if_it_is_less() {
    for (close, expected) in [("400", 300), ("310", 299), ("20", 9), ("5", 0)] {
        let mut search = Search::new(6);
        let page = [started(6, 1_011.0, 5), scheduled(5, 1_000.0, close)];
        let found = search.look(&page).unwrap();
        assert_eq!(found.start_to_close, Some(seconds(expected).into()));
    }
}

#[test]
fn a_history_without_the_events_is_not_searched_to_its_beginning() {
    let mut search = Search::new(900);
    assert_eq!(search.look(&[other(1_000), other(901)]), None);
    assert!(!search.is_over());
    assert_eq!(search.look(&[other(900), other(899)]), None);
    assert!(search.is_over());
}
