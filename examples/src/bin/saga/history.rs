//! What a history says of the activities, as far as the decider wants to know.

use std::collections::BTreeMap;

use workbeat_local::engine::{EventAttributes as Event, EventId, HistoryEvent, Payload};

/// How far one activity is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State<'a> {
    /// It is to be scheduled: for the first time, or because the wait is over.
    #[default]
    Due,
    /// It is scheduled, or it runs, or it waits before the next attempt.
    UnderWay,
    Failed(&'a str),
    Done,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Activity<'a> {
    pub(crate) state: State<'a>,
    /// How many attempts there were, one under way included.
    pub(crate) attempts: u32,
}

#[derive(Debug, Default)]
pub(crate) struct History<'a> {
    /// The workflow's input.
    pub(crate) input: Option<&'a Payload>,
    activities: BTreeMap<&'a str, Activity<'a>>,
    /// Which activity an ActivityTaskScheduled event is of: later events name that event alone.
    scheduled: BTreeMap<EventId, &'a str>,
}

impl<'a> History<'a> {
    pub(crate) fn of(events: &'a [HistoryEvent]) -> Self {
        let mut history = Self::default();
        for event in events {
            history.read(event);
        }
        history
    }

    /// The activity of this name; there is one of each.
    pub(crate) fn activity(&self, name: &str) -> Activity<'a> {
        self.activities.get(name).copied().unwrap_or_default()
    }

    /// The name of the activity that this ActivityTaskScheduled event is of.
    pub(crate) fn scheduled(&self, event: EventId) -> Option<&'a str> {
        self.scheduled.get(&event).copied()
    }

    fn read(&mut self, event: &'a HistoryEvent) {
        match &event.attributes {
            Event::WorkflowExecutionStarted(started) => self.input = started.input.as_ref(),
            Event::ActivityTaskScheduled(scheduled) => {
                let name = &*scheduled.activity_type.name;
                self.scheduled.insert(event.event_id, name);
                self.attempt(name, State::UnderWay);
            }
            Event::ScheduleActivityTaskFailed(failed) => {
                self.attempt(&failed.activity_type.name, State::Failed("NOT_SCHEDULED"));
            }
            Event::ActivityTaskCompleted(ended) => {
                self.ended(ended.scheduled_event_id, State::Done);
            }
            Event::ActivityTaskFailed(ended) => {
                let reason = ended.reason.as_deref().unwrap_or_default();
                self.ended(ended.scheduled_event_id, State::Failed(reason));
            }
            Event::ActivityTaskTimedOut(ended) => {
                self.ended(ended.scheduled_event_id, State::Failed("TIMED_OUT"));
            }
            Event::ActivityTaskCanceled(ended) => {
                self.ended(ended.scheduled_event_id, State::Failed("CANCELED"));
            }
            // A timer has the name of the activity that waits for it.
            Event::TimerStarted(timer) => self.set(&timer.timer_id, State::UnderWay),
            Event::TimerFired(timer) => self.set(&timer.timer_id, State::Due),
            _ => {}
        }
    }

    fn attempt(&mut self, name: &'a str, state: State<'a>) {
        self.set(name, state);
        if let Some(activity) = self.activities.get_mut(name) {
            activity.attempts += 1;
        }
    }

    fn ended(&mut self, scheduled: EventId, state: State<'a>) {
        if let Some(name) = self.scheduled(scheduled) {
            self.set(name, state);
        }
    }

    fn set(&mut self, name: &'a str, state: State<'a>) {
        self.activities.entry(name).or_default().state = state;
    }
}
