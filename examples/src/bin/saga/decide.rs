//! The decider's logic: from a history to decisions. It keeps nothing, waits for nothing and calls
//! nobody: it can be tested with histories alone, and any process can decide.

use std::time::Duration;

use workbeat::service::ActivityType;
use workbeat_local::engine::{
    CompleteWorkflowExecution, Decision, FailWorkflowExecution, HistoryEvent, ScheduleActivityTask,
    StartTimer,
};

use crate::history::{History, State};

/// The task list of the activities.
pub(crate) const ACTIVITIES: &str = "shop";

/// What is to be done, in order, and what undoes it.
const STEPS: [(&str, Option<&str>); 3] = [
    ("reserve", Some("release")),
    ("pay", Some("refund")),
    ("ship", None), // nothing can fail after it
];

/// Failures that another attempt would not mend.
const FOR_GOOD: [&str; 2] = ["CARD_DECLINED", "NO_SUCH_ADDRESS"];

/// How often a step is tried.
const ATTEMPTS: u32 = 3;

/// How long to wait before the second attempt; before each later one twice as long. The timers of
/// Amazon SWF go by whole seconds.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What is to be done now: nothing, while something is under way.
pub(crate) fn decide(events: &[HistoryEvent]) -> Vec<Decision> {
    let history = History::of(events);
    for (step, _) in STEPS {
        let attempts = history.activity(step).attempts;
        match history.activity(step).state {
            State::Done => {} // on to the next one
            State::UnderWay => return vec![],
            State::Due => return vec![schedule(&history, step)],
            State::Failed(reason) if FOR_GOOD.contains(&reason) || attempts >= ATTEMPTS => {
                return undo(&history, step, reason);
            }
            State::Failed(_) => return vec![wait(step, attempts)],
        }
    }
    vec![CompleteWorkflowExecution::default().into()]
}

/// Undoes all that was begun, the last first, and then fails the workflow. What failed is undone
/// too: of an attempt that timed out nobody knows what it did. An undo is tried without end.
fn undo(history: &History<'_>, failed: &str, reason: &str) -> Vec<Decision> {
    for (step, undo) in STEPS.into_iter().rev() {
        let Some(undo) = undo.filter(|_| history.activity(step).attempts > 0) else {
            continue;
        };
        match history.activity(undo).state {
            State::Done => {}
            State::UnderWay => return vec![],
            State::Due => return vec![schedule(history, undo)],
            State::Failed(_) => return vec![wait(undo, history.activity(undo).attempts)],
        }
    }
    let failed = FailWorkflowExecution {
        reason: Some(format!("{failed}: {reason}")),
        details: None,
    };
    vec![failed.into()]
}

/// Schedules the next attempt, with the workflow's own input.
fn schedule(history: &History<'_>, activity: &str) -> Decision {
    let attempt = history.activity(activity).attempts + 1;
    let activity_type = ActivityType::new(activity, "1.0");
    let mut schedule = ScheduleActivityTask::new(activity_type, format!("{activity}-{attempt}"));
    schedule.input = history.input.cloned();
    schedule.task_list = Some(ACTIVITIES.to_owned());
    schedule.into()
}

/// Waits before the next attempt, with a timer of the activity's name.
fn wait(activity: &str, attempts: u32) -> Decision {
    let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
    let wait = LONGEST_WAIT.min(FIRST_WAIT.saturating_mul(doubled));
    let timer = StartTimer {
        timer_id: activity.to_owned(),
        control: None,
        start_to_fire_timeout: wait.into(),
    };
    timer.into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::screen;

    /// A history in the making.
    #[derive(Default)]
    struct Story(Vec<Value>);

    impl Story {
        fn begun() -> Self {
            let attributes = json!({"childPolicy": "TERMINATE", "input": "the order",
                "taskList": {"name": "decisions"}, "workflowType": {"name": "order", "version": "1.0"}});
            Self::default().and("workflowExecutionStarted", &attributes)
        }

        fn and(mut self, event: &str, attributes: &Value) -> Self {
            let number = self.0.len() + 1;
            let member = format!("{event}EventAttributes");
            self.0
                .push(json!({"eventId": number, "eventTimestamp": 0, member: attributes}));
            self
        }

        /// The activity is scheduled, and ends with this event.
        fn ended(self, activity: &str, event: &str, mut attributes: Value) -> Self {
            let story = self.scheduled(activity);
            attributes["scheduledEventId"] = story.0.len().into();
            attributes["startedEventId"] = story.0.len().into();
            story.and(event, &attributes)
        }

        fn scheduled(self, activity: &str) -> Self {
            let attributes = json!({"activityId": activity, "taskList": {"name": "shop"},
                "activityType": {"name": activity, "version": "1.0"},
                "decisionTaskCompletedEventId": 1});
            self.and("activityTaskScheduled", &attributes)
        }

        fn completed(self, activity: &str) -> Self {
            self.ended(activity, "activityTaskCompleted", json!({}))
        }

        fn failed(self, activity: &str, reason: &str) -> Self {
            self.ended(activity, "activityTaskFailed", json!({"reason": reason}))
        }

        fn timed_out(self, activity: &str) -> Self {
            let timeout = json!({"timeoutType": "HEARTBEAT"});
            self.ended(activity, "activityTaskTimedOut", timeout)
        }

        fn waiting(self, activity: &str) -> Self {
            let attributes = json!({"timerId": activity, "startToFireTimeout": "1",
                "decisionTaskCompletedEventId": 1});
            self.and("timerStarted", &attributes)
        }

        fn waited(self, activity: &str) -> Self {
            let story = self.waiting(activity);
            story.and(
                "timerFired",
                &json!({"timerId": activity, "startedEventId": 1}),
            )
        }

        fn paid() -> Self {
            Self::begun().completed("reserve").completed("pay")
        }

        fn events(&self) -> Vec<HistoryEvent> {
            let event = |event: &Value| serde_json::from_value(event.clone()).expect("an event");
            self.0.iter().map(event).collect()
        }

        #[track_caller]
        fn is_decided(&self, expected: &[&str]) {
            let decisions: Vec<_> = decide(&self.events())
                .iter()
                .map(screen::decision)
                .collect();
            assert_eq!(decisions, expected);
        }
    }

    #[test]
    fn one_step_comes_after_the_other_and_the_last_completes_the_workflow() {
        Story::begun().is_decided(&["schedule reserve-1"]);
        Story::begun()
            .completed("reserve")
            .is_decided(&["schedule pay-1"]);
        Story::paid().is_decided(&["schedule ship-1"]);
        Story::paid()
            .completed("ship")
            .is_decided(&["complete the workflow"]);
    }

    #[test]
    fn while_something_is_under_way_nothing_is_decided() {
        Story::begun().scheduled("reserve").is_decided(&[]);
        Story::paid()
            .failed("ship", "CARRIER_BUSY")
            .waiting("ship")
            .is_decided(&[]);
        Story::paid()
            .failed("ship", "NO_SUCH_ADDRESS")
            .scheduled("refund")
            .is_decided(&[]);
    }

    #[test]
    fn every_activity_gets_the_workflow_s_input() {
        let decisions = decide(&Story::begun().events());
        let [Decision::ScheduleActivityTask(schedule)] = &decisions[..] else {
            panic!("{decisions:?}");
        };
        let input = schedule.input.as_ref().map(|input| input.as_str());
        assert_eq!(input, Some("the order"));
        assert_eq!(schedule.task_list.as_deref(), Some(ACTIVITIES));
    }

    #[test]
    fn what_fails_is_tried_again_and_each_wait_is_twice_as_long() {
        let once = Story::paid().failed("ship", "CARRIER_BUSY");
        once.is_decided(&["ship again in 100ms"]);
        let twice = once.waited("ship");
        twice.is_decided(&["schedule ship-2"]);
        let twice = twice.timed_out("ship");
        twice.is_decided(&["ship again in 200ms"]);
        let thrice = twice.waited("ship");
        thrice.is_decided(&["schedule ship-3"]);
        thrice
            .failed("ship", "CARRIER_BUSY")
            .is_decided(&["schedule refund-1"]);
    }

    #[test]
    fn what_failed_for_good_is_undone_from_the_last_to_the_first() {
        let failed = Story::paid().failed("ship", "NO_SUCH_ADDRESS");
        failed.is_decided(&["schedule refund-1"]);
        let refunded = failed.completed("refund");
        refunded.is_decided(&["schedule release-1"]);
        let released = refunded.completed("release");
        released.is_decided(&["fail the workflow: ship: NO_SUCH_ADDRESS"]);
    }

    #[test]
    fn a_step_that_failed_is_undone_too_and_one_that_never_began_is_not() {
        let declined = Story::begun()
            .completed("reserve")
            .failed("pay", "CARD_DECLINED");
        declined.is_decided(&["schedule refund-1"]);
        let mut nothing_paid = Story::begun();
        for _ in 0..ATTEMPTS {
            nothing_paid = nothing_paid.failed("reserve", "OUT_OF_REACH");
        }
        nothing_paid.is_decided(&["schedule release-1"]);
        let released = nothing_paid.completed("release");
        released.is_decided(&["fail the workflow: reserve: OUT_OF_REACH"]);
    }

    #[test]
    fn an_undo_is_tried_without_end_and_at_least_once_a_minute() {
        let mut story = Story::paid().failed("ship", "NO_SUCH_ADDRESS");
        for attempt in 1..=40 {
            story.is_decided(&[&*format!("schedule refund-{attempt}")]);
            story = story.failed("refund", "BANK_CLOSED");
            let decisions: Vec<_> = decide(&story.events())
                .iter()
                .map(screen::decision)
                .collect();
            assert!(
                decisions[0].starts_with("refund again in "),
                "{decisions:?}"
            );
            story = story.waited("refund");
        }
        story
            .failed("refund", "BANK_CLOSED")
            .is_decided(&["refund again in 60s"]);
    }

    #[test]
    fn an_activity_that_cannot_be_scheduled_is_a_failed_attempt() {
        let failed = json!({"activityType": {"name": "reserve", "version": "1.0"},
            "activityId": "reserve-1", "cause": "ACTIVITY_TYPE_DOES_NOT_EXIST",
            "decisionTaskCompletedEventId": 1});
        let story = Story::begun().and("scheduleActivityTaskFailed", &failed);
        story.is_decided(&["reserve again in 100ms"]);
    }
}
