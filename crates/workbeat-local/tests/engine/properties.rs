//! What holds whatever happens: random requests and random times.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use workbeat::service::{TaskToken, Timeout, WorkflowExecution};
use workbeat_local::engine::{
    CompleteWorkflowExecution, CountPendingActivityTasks, Decision, EventAttributes, HistoryEvent,
    Notice, Operation, PollId, Polled, RecordActivityTaskHeartbeat, RequestCancelActivityTask,
    RespondActivityTaskCanceled, RespondActivityTaskCompleted, RespondActivityTaskFailed, Settings,
    TerminateWorkflowExecution,
};

use crate::kit::{DOMAIN, World, activity, decide, poll_of};
use crate::sound::closes;

const WORKFLOWS: [&str; 2] = ["flow-a", "flow-b"];
const LISTS: [&str; 2] = ["files", "scans"];
const ACTIVITIES: [&str; 3] = ["a", "b", "c"];

/// One thing that happens. The numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Pass(u64),
    Start(usize),
    Schedule {
        workflow: usize,
        activity: usize,
        list: usize,
        priority: i32,
        timeouts: [Option<u64>; 4],
    },
    RequestCancel {
        workflow: usize,
        activity: usize,
    },
    Poll(usize),
    Abandon(usize),
    Withdraw(usize),
    Beat(usize),
    Complete(usize),
    Fail(usize),
    Cancel(usize),
    CompleteWorkflow(usize),
    Terminate(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let timeouts = prop::array::uniform4(prop::option::weighted(0.4, 0_u64..400));
    let schedule = (0..2_usize, 0..3_usize, 0..2_usize, -1..2, timeouts);
    prop_oneof![
        6 => (0_u64..150).prop_map(Step::Pass),
        3 => (0..2_usize).prop_map(Step::Start),
        8 => schedule.prop_map(|(workflow, activity, list, priority, timeouts)| {
            Step::Schedule { workflow, activity, list, priority, timeouts }
        }),
        2 => (0..2_usize, 0..3_usize)
            .prop_map(|(workflow, activity)| Step::RequestCancel { workflow, activity }),
        8 => (0..2_usize).prop_map(Step::Poll),
        1 => any::<usize>().prop_map(Step::Abandon),
        1 => any::<usize>().prop_map(Step::Withdraw),
        5 => any::<usize>().prop_map(Step::Beat),
        2 => any::<usize>().prop_map(Step::Complete),
        1 => any::<usize>().prop_map(Step::Fail),
        1 => any::<usize>().prop_map(Step::Cancel),
        1 => (0..2_usize).prop_map(Step::CompleteWorkflow),
        1 => (0..2_usize).prop_map(Step::Terminate),
    ]
}

/// A world, and all that came out of it.
struct Run {
    world: World,
    /// Whether a poll that its client leaves keeps its place.
    phantom: bool,
    workflows: Vec<WorkflowExecution>,
    /// Every token ever handed to somebody, in order.
    tokens: Vec<TaskToken>,
    waiting: BTreeSet<PollId>,
    polls: Vec<PollId>,
    closed: Vec<(String, i64)>,
}

impl Run {
    fn new(phantom: bool) -> Self {
        let settings = Settings::default().poll_hold(Duration::from_millis(300));
        Self {
            world: World::with(settings),
            phantom,
            workflows: Vec::new(),
            tokens: Vec::new(),
            waiting: BTreeSet::new(),
            polls: Vec::new(),
            closed: Vec::new(),
        }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Pass(millis) => self.world.pass(millis),
            Step::Start(workflow) => self.start(WORKFLOWS[workflow]),
            Step::Schedule {
                workflow,
                activity: id,
                list,
                priority,
                timeouts,
            } => {
                let timeout = |at: usize| {
                    let millis = timeouts[at].map(Duration::from_millis);
                    Some(millis.map_or(Timeout::None, Timeout::After))
                };
                let mut decision = activity(ACTIVITIES[id]);
                decision.task_list = Some(LISTS[list].to_owned());
                decision.task_priority = Some(priority);
                decision.schedule_to_start_timeout = timeout(0);
                decision.schedule_to_close_timeout = timeout(1);
                decision.start_to_close_timeout = timeout(2);
                decision.heartbeat_timeout = timeout(3);
                self.decide(workflow, decision.into());
            }
            Step::RequestCancel { workflow, activity } => {
                let activity_id = ACTIVITIES[activity].to_owned();
                self.decide(workflow, RequestCancelActivityTask { activity_id }.into());
            }
            Step::Poll(list) => match self.world.ok(poll_of(LISTS[list])) {
                Polled::Task(task) => self.tokens.push(task.token),
                Polled::Parked(poll) => {
                    self.waiting.insert(poll);
                    self.polls.push(poll);
                }
                other => panic!("{other:?}"),
            },
            Step::Abandon(poll) => {
                if let Some(&poll) = pick(&self.polls, poll) {
                    self.world.engine.abandon(poll, self.phantom);
                    self.waiting.remove(&poll);
                }
            }
            Step::Withdraw(poll) => {
                if let Some(&poll) = pick(&self.polls, poll) {
                    self.world.engine.withdraw(poll);
                    self.waiting.remove(&poll);
                }
            }
            Step::Beat(token) => self.call(token, |task_token| RecordActivityTaskHeartbeat {
                task_token,
                details: None,
            }),
            Step::Complete(token) => self.call(token, |task_token| RespondActivityTaskCompleted {
                task_token,
                result: None,
            }),
            Step::Fail(token) => self.call(token, |task_token| RespondActivityTaskFailed {
                task_token,
                reason: None,
                details: None,
            }),
            Step::Cancel(token) => self.call(token, |task_token| RespondActivityTaskCanceled {
                task_token,
                details: None,
            }),
            Step::CompleteWorkflow(workflow) => {
                self.decide(workflow, CompleteWorkflowExecution::default().into());
            }
            Step::Terminate(workflow) => {
                let workflow_id = WORKFLOWS[workflow].to_owned();
                let domain = DOMAIN.to_owned();
                let terminate = TerminateWorkflowExecution {
                    domain,
                    workflow_id,
                    ..Default::default()
                };
                let _ = self.world.apply(terminate);
            }
        }
        self.listen();
    }

    fn start(&mut self, workflow_id: &str) {
        if self.world.engine.open_run(DOMAIN, workflow_id).is_none() {
            self.workflows.push(self.world.workflow(workflow_id));
        }
    }

    fn decide(&mut self, workflow: usize, decision: Decision) {
        // Refused if no such execution is open, and that is fine.
        let _ = self
            .world
            .apply(decide(WORKFLOWS[workflow], vec![decision]));
    }

    fn call<O: Operation>(&mut self, token: usize, request: impl FnOnce(TaskToken) -> O) {
        if let Some(token) = pick(&self.tokens, token).cloned() {
            let _ = self.world.apply(request(token));
        }
    }

    fn listen(&mut self) {
        for notice in self.world.engine.take_notices() {
            match notice {
                Notice::PollAnswered { poll, task } => {
                    assert!(
                        self.waiting.remove(&poll),
                        "an answer for a poll that does not wait"
                    );
                    self.tokens.extend(task.map(|task| task.token));
                }
                Notice::ActivityClosed { activity, .. } => {
                    let closed = (activity.run_id.to_string(), activity.scheduled_event_id);
                    self.closed.push(closed);
                }
                _ => {}
            }
        }
    }

    fn histories(&self) -> Vec<Vec<HistoryEvent>> {
        let history = |workflow: &WorkflowExecution| {
            self.world
                .engine
                .history(&workflow.run_id)
                .map(<[_]>::to_vec)
                .unwrap_or_default()
        };
        self.workflows.iter().map(history).collect()
    }

    /// Everything that must hold after every step.
    fn check(&mut self) {
        let now = self.world.engine.now();
        if let Some(next) = self.world.next_deadline() {
            assert!(next > now, "a deadline was left in the past");
        }
        let unique: BTreeSet<_> = self.tokens.iter().map(TaskToken::expose).collect();
        assert_eq!(
            unique.len(),
            self.tokens.len(),
            "a task was handed out twice"
        );

        let mut waiting: BTreeMap<String, usize> = BTreeMap::new();
        let mut ended = 0;
        for (workflow, history) in self.workflows.clone().iter().zip(self.histories()) {
            let open = self.world.engine.is_open(&workflow.run_id) == Some(true);
            let activities = check_history(&history, open);
            let closed = activities.values().filter(|it| it.ended > 0).count();
            let unfinished = activities.len() - closed;
            let counted = self.world.engine.open_activities(&workflow.run_id).len();
            assert_eq!(counted, if open { unfinished } else { 0 });
            ended += if open { closed } else { activities.len() };
            for it in activities
                .values()
                .filter(|it| open && it.started == 0 && it.ended == 0)
            {
                *waiting.entry(it.list.clone()).or_default() += 1;
            }
        }
        let unique: BTreeSet<_> = self.closed.iter().collect();
        assert_eq!(
            unique.len(),
            self.closed.len(),
            "an activity was said to be closed twice"
        );
        assert_eq!(
            ended,
            self.closed.len(),
            "an activity was closed and nobody was told"
        );
        for list in LISTS {
            let (domain, task_list) = (DOMAIN.to_owned(), list.to_owned());
            let count = self
                .world
                .ok(CountPendingActivityTasks { domain, task_list })
                .count;
            assert_eq!(count, waiting.get(list).copied().unwrap_or_default());
        }
    }
}

/// What a history says of one activity.
#[derive(Debug, Default)]
struct Seen {
    list: String,
    started: u32,
    ended: u32,
}

fn check_history(history: &[HistoryEvent], open: bool) -> BTreeMap<i64, Seen> {
    let mut activities: BTreeMap<i64, Seen> = BTreeMap::new();
    for (event, id) in history.iter().zip(1..) {
        assert_eq!(event.event_id, id, "event ids are dense");
        match &event.attributes {
            EventAttributes::ActivityTaskScheduled(it) => {
                let seen = Seen {
                    list: it.task_list.to_string(),
                    ..Seen::default()
                };
                activities.insert(event.event_id, seen);
            }
            EventAttributes::ActivityTaskStarted(it) => {
                let seen = activities
                    .get_mut(&it.scheduled_event_id)
                    .expect("it was scheduled");
                assert_eq!(seen.ended, 0, "it started after its end");
                seen.started += 1;
            }
            _ => {}
        }
        if let Some(scheduled) = closes(event) {
            activities
                .get_mut(&scheduled)
                .expect("it was scheduled")
                .ended += 1;
        }
    }
    for seen in activities.values() {
        assert!(seen.started <= 1, "an activity started twice");
        assert!(seen.ended <= 1, "an activity ended twice");
    }
    assert!(
        history.is_sorted_by_key(|event| event.timestamp),
        "time went back"
    );
    let closing = history.iter().position(|event| {
        matches!(
            event.event_type(),
            "WorkflowExecutionCompleted" | "WorkflowExecutionTerminated"
        )
    });
    assert_eq!(
        closing,
        (!open).then(|| history.len() - 1),
        "nothing follows the end"
    );
    activities
}

fn pick<T>(all: &[T], number: usize) -> Option<&T> {
    all.get(number.checked_rem(all.len())?)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_invariants_hold_after_every_step(
        steps in prop::collection::vec(step(), 1..120),
        phantom: bool,
    ) {
        let mut run = Run::new(phantom);
        run.start(WORKFLOWS[0]);
        for step in &steps {
            run.take(step);
            run.check();
        }
        // When everything has timed out that can, nothing is left to come.
        run.world.pass(10_000);
        run.listen();
        run.check();
        prop_assert_eq!(run.world.next_deadline(), None);
        prop_assert!(run.waiting.is_empty());
    }

    #[test]
    fn many_small_steps_of_time_are_one_big_step(
        steps in prop::collection::vec(step(), 1..80),
        grain in 1_u64..40,
    ) {
        let (mut big, mut small) = (Run::new(false), Run::new(false));
        for step in &steps {
            big.take(step);
            match *step {
                Step::Pass(millis) => {
                    for _ in 0..millis / grain {
                        small.take(&Step::Pass(grain));
                    }
                    small.take(&Step::Pass(millis % grain));
                }
                _ => small.take(step),
            }
        }
        prop_assert_eq!(big.histories(), small.histories());
        prop_assert_eq!(&big.tokens, &small.tokens);
        prop_assert_eq!(&big.closed, &small.closed);
        prop_assert_eq!(&big.waiting, &small.waiting);
    }
}
