//! Every event that SWF's histories have, in SWF's shape.

use serde_json::{Value, json};
use workbeat_local::engine::HistoryEvent;

use crate::contract::{CONTRACT, example, members, requires, shape};

fn event_types(contract: &Value) -> impl Iterator<Item = &str> {
    let words = shape(contract, "EventType")["enum"].as_array();
    words.into_iter().flatten().filter_map(Value::as_str)
}

/// The member that an event's attributes are under.
fn member_of(event_type: &str) -> String {
    let (first, rest) = event_type.split_at(1);
    format!("{}{rest}EventAttributes", first.to_lowercase())
}

fn event(event_type: &str, attributes: &Value) -> Value {
    json!({
        "eventTimestamp": 1.5,
        "eventType": event_type,
        "eventId": 7,
        member_of(event_type): attributes,
    })
}

fn read(event: &Value) -> Result<HistoryEvent, serde_json::Error> {
    serde_json::from_str(&event.to_string())
}

#[test]
fn there_is_every_event_of_the_contract_with_its_members_and_no_others() {
    assert_eq!(event_types(&CONTRACT).count(), 54);
    for event_type in event_types(&CONTRACT) {
        let attributes = example(&CONTRACT, &format!("{event_type}EventAttributes"), true);
        let full = event(event_type, &attributes);
        let read = read(&full).unwrap_or_else(|e| panic!("{event_type}: {e}"));
        assert_eq!(read.event_type(), event_type);
        assert_eq!(serde_json::to_value(&read).unwrap(), full);
    }
}

#[test]
fn what_an_event_requires_is_what_the_contract_requires() {
    for event_type in event_types(&CONTRACT) {
        let name = format!("{event_type}EventAttributes");
        let least = example(&CONTRACT, &name, false);
        read(&event(event_type, &least)).unwrap_or_else(|e| panic!("{event_type}: {e}"));
        let of = shape(&CONTRACT, &name);
        for (member, _) in members(of).filter(|(member, _)| requires(of, member)) {
            let mut less = least.clone();
            less.as_object_mut().unwrap().remove(member);
            let read = read(&event(event_type, &less));
            assert!(read.is_err(), "{event_type} without {member} was read");
        }
    }
}

#[test]
fn an_event_without_its_optional_members_shows_nothing_in_their_place() {
    for event_type in event_types(&CONTRACT) {
        let least = example(&CONTRACT, &format!("{event_type}EventAttributes"), false);
        let shown = serde_json::to_value(read(&event(event_type, &least)).unwrap()).unwrap();
        let shown = shown[member_of(event_type)].as_object().unwrap().clone();
        for (member, value) in shown {
            // SWF says 0 where no execution is meant.
            let none = member.ends_with("InitiatedEventId") && value == 0;
            assert!(
                none || least.get(&member) == Some(&value),
                "{event_type}: {member}"
            );
        }
    }
}

#[test]
fn every_word_that_the_contract_has_for_a_member_is_known() {
    for event_type in event_types(&CONTRACT) {
        let name = format!("{event_type}EventAttributes");
        for (member, of) in members(shape(&CONTRACT, &name)) {
            let words = shape(&CONTRACT, of)["enum"].as_array();
            for word in words.into_iter().flatten() {
                let mut attributes = example(&CONTRACT, &name, true);
                attributes[member] = word.clone();
                let read = read(&event(event_type, &attributes)).unwrap();
                let shown = serde_json::to_value(read).unwrap();
                assert_eq!(shown[member_of(event_type)][member], *word);
            }
        }
    }
}
