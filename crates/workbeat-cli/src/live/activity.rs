//! One activity, as far as it has come: what the lines about it add up to.

use super::line::{ActivityLine, Names, OpenActivity, What};
use crate::history::{Event, Outcome};
use crate::output::{Progress, escape};

/// An activity that is watched.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    pub(crate) names: Names,
    /// What it last said of itself.
    pub(crate) progress: Option<Progress>,
    state: State,
    cancel_requested: bool,
}

#[derive(Clone, Debug)]
enum State {
    Waiting { task_list: String },
    Running { identity: Option<String> },
}

/// What a line changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// Its state.
    State,
    /// Its progress.
    Progress,
    /// Nothing that one sees.
    Nothing,
    /// It ended.
    Ended(End),
}

/// How an activity ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct End {
    /// As an exit code.
    pub(crate) exit_code: u8,
    /// In words.
    pub(crate) words: String,
}

impl Activity {
    /// From the list of open ones.
    pub(crate) fn listed(open: OpenActivity) -> Self {
        Self {
            progress: open.details.as_deref().map(Progress::of),
            state: match open.started_at {
                None => State::Waiting {
                    task_list: open.task_list,
                },
                Some(_) => State::Running { identity: None },
            },
            cancel_requested: open.cancel_requested,
            names: open.names,
        }
    }

    /// From the first line about it, which is news whatever it says.
    pub(crate) fn met(line: &ActivityLine) -> (Self, Change) {
        let mut met = Self {
            names: line.names.clone(),
            progress: None,
            state: State::Running { identity: None },
            cancel_requested: false,
        };
        let change = match met.apply(line) {
            Change::Nothing => Change::State,
            change => change,
        };
        (met, change)
    }

    /// Follows a line about it.
    pub(crate) fn apply(&mut self, line: &ActivityLine) -> Change {
        match &line.what {
            What::Started { identity } => {
                self.state = State::Running {
                    identity: identity.clone(),
                };
                Change::State
            }
            What::Heartbeat {
                details,
                cancel_requested,
            } => {
                let news = *cancel_requested && !self.cancel_requested;
                self.cancel_requested |= cancel_requested;
                let progress = details.as_deref().map(Progress::of);
                let moved = progress.is_some() && progress != self.progress;
                if moved {
                    self.progress = progress;
                }
                match (news, moved) {
                    (true, _) => Change::State,
                    (false, true) => Change::Progress,
                    (false, false) => Change::Nothing,
                }
            }
            What::Closed(event) => Change::Ended(End::of(event)),
        }
    }

    /// Follows the list of open ones, which also tells what no line does.
    pub(crate) fn refresh(&mut self, open: OpenActivity) -> Change {
        let before = self.state_words();
        let listed = Self::listed(open);
        self.cancel_requested = listed.cancel_requested;
        let known = matches!(&self.state, State::Running { identity: Some(_) });
        if !(known && matches!(listed.state, State::Running { .. })) {
            self.state = listed.state;
        }
        let moved = listed.progress.is_some() && listed.progress != self.progress;
        if moved {
            self.progress = listed.progress;
        }
        if before != self.state_words() {
            Change::State
        } else if moved {
            Change::Progress
        } else {
            Change::Nothing
        }
    }

    /// Its workflow and its type, for a line.
    pub(crate) fn title(&self) -> String {
        let Names {
            workflow_id,
            activity_type,
            activity_id,
            ..
        } = &self.names;
        // What `workbeat start` makes has one activity, whose id says nothing.
        let id = if activity_id == crate::decider::ACTIVITY_ID {
            String::new()
        } else {
            format!(" {activity_id}")
        };
        escape(&format!("{workflow_id}{id} {activity_type}"))
    }

    /// How it stands.
    pub(crate) fn state_words(&self) -> String {
        let words = match &self.state {
            State::Waiting { task_list } => {
                format!("waiting for a worker on task list {task_list}")
            }
            State::Running {
                identity: Some(who),
            } => format!("running on {who}"),
            State::Running { identity: None } => "running".to_owned(),
        };
        let words = escape(&words);
        if self.cancel_requested {
            format!("{words}, cancel requested")
        } else {
            words
        }
    }

    /// Whether no worker has it yet.
    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting { .. })
    }

    /// Whether its cancellation is requested.
    pub(crate) fn is_cancel_requested(&self) -> bool {
        self.cancel_requested
    }
}

impl End {
    /// It is no longer there, and nobody said why.
    pub(crate) fn unseen() -> Self {
        Self {
            exit_code: 0,
            words: "is gone; `workbeat show` may tell why".to_owned(),
        }
    }

    /// How it ended, by the last event about it.
    pub(crate) fn of(event: &Event) -> Self {
        let text = |name| event.text(name).map(str::to_owned);
        let (outcome, word) = match event.kind() {
            "ActivityTaskCompleted" => (
                Outcome::Completed {
                    result: text("result"),
                },
                "completed",
            ),
            "ActivityTaskTimedOut" => (
                Outcome::TimedOut {
                    timeout: text("timeoutType"),
                    details: text("details"),
                },
                "timed out",
            ),
            "ActivityTaskCanceled" => (
                Outcome::Canceled {
                    details: text("details"),
                },
                "canceled",
            ),
            "ActivityTaskFailed" => (
                Outcome::Failed {
                    reason: text("reason"),
                    details: text("details"),
                },
                "failed",
            ),
            _ => (
                Outcome::Terminated {
                    reason: None,
                    details: None,
                },
                "ended with its workflow",
            ),
        };
        let facts = ["timeoutType", "reason", "result", "details"];
        let facts: Vec<_> = facts
            .iter()
            .filter_map(|name| event.text(name))
            .map(escape)
            .collect();
        let words = if facts.is_empty() {
            word.to_owned()
        } else {
            format!("{word}: {}", facts.join(", "))
        };
        Self {
            exit_code: outcome.exit_code(),
            words,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::line::tests::line;
    use super::*;

    #[test]
    fn lines_add_up() {
        let started = line("started", json!({"identity": "worker-1"}));
        let (mut activity, change) = Activity::met(&started);
        assert_eq!(change, Change::State);
        assert_eq!(activity.state_words(), "running on worker-1");
        assert_eq!(activity.title(), "job-7 resize/1.0");

        let beat = |details: &str| line("heartbeat", json!({"details": details}));
        assert_eq!(activity.apply(&beat("[3,8]")), Change::Progress);
        assert_eq!(activity.apply(&beat("[3,8]")), Change::Nothing);
        let silent = line("heartbeat", json!({}));
        assert_eq!(activity.apply(&silent), Change::Nothing);
        let fraction = activity.progress.clone().unwrap().fraction;
        assert_eq!(fraction, Some(0.375));

        let told = line("heartbeat", json!({"cancelRequested": true}));
        assert_eq!(activity.apply(&told), Change::State);
        assert_eq!(
            activity.state_words(),
            "running on worker-1, cancel requested"
        );
    }

    #[test]
    fn a_heartbeat_that_says_nothing_is_news_of_an_activity_that_nobody_has_seen() {
        let silent = line("heartbeat", json!({}));
        let (mut activity, change) = Activity::met(&silent);
        assert_eq!(change, Change::State);
        assert_eq!(activity.state_words(), "running");
        assert_eq!(activity.apply(&silent), Change::Nothing);
    }

    #[test]
    fn an_end_has_words_and_a_code() {
        let cases = [
            (
                "Completed",
                json!({"result": "{\"a\":1}"}),
                0,
                "completed: {\"a\":1}",
            ),
            ("Completed", json!({}), 0, "completed"),
            (
                "Failed",
                json!({"reason": "no disk\n", "details": "sda1"}),
                1,
                "failed: no disk\\n, sda1",
            ),
            (
                "TimedOut",
                json!({"timeoutType": "HEARTBEAT", "details": "[3,8]"}),
                4,
                "timed out: HEARTBEAT, [3,8]",
            ),
            (
                "Canceled",
                json!({"details": "clean"}),
                5,
                "canceled: clean",
            ),
        ];
        for (end, attributes, exit_code, words) in cases {
            let kind = format!("ActivityTask{end}");
            let name = format!("activityTask{end}EventAttributes");
            let event = json!({"eventId": 7, "eventType": kind, name: attributes});
            let closed = line("closed", json!({"historyEvent": event}));
            let (_, change) = Activity::met(&closed);
            let expected = End {
                exit_code,
                words: words.to_owned(),
            };
            assert_eq!(change, Change::Ended(expected));
        }
    }
}
