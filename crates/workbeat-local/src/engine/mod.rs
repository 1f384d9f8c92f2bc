//! The rules of Amazon SWF as a state machine: no I/O, no clock, no tasks, no locks.
//!
//! [`Engine::apply`] takes one of SWF's operations and the time at which it arrives, and
//! gives its answer or a [`Fault`]. Time passes only when the engine is told so: `apply`
//! first fires every deadline up to `now`, [`Engine::advance`] does that alone, and
//! [`Engine::next_deadline`] says when there will be something to fire. What a call brings
//! about for others (a task for a poll that waits, the end of an activity) is left in
//! [`Engine::take_notices`].
//!
//! ```
//! use std::time::Duration;
//! use workbeat_local::engine::{
//!     Engine, Notice, PollForActivityTask, Polled, RegisterDomain, Timestamp,
//! };
//!
//! let now = Timestamp::from_millis(0);
//! let mut engine = Engine::default();
//! engine.apply(RegisterDomain { name: "tests".into(), ..Default::default() }, now)?;
//!
//! let poll = PollForActivityTask {
//!     domain: "tests".into(),
//!     task_list: "video".into(),
//!     ..Default::default()
//! };
//! let Polled::Parked(parked) = engine.apply(poll, now)? else {
//!     panic!("there was a task")
//! };
//!
//! // Nobody schedules anything, so the poll ends empty when SWF's 60 s are over.
//! let end = now + Duration::from_secs(60);
//! assert_eq!(engine.next_deadline(), Some(end));
//! engine.advance(end);
//! let notices = engine.take_notices();
//! assert!(matches!(
//!     notices[..],
//!     [Notice::PollAnswered { poll, task: None }] if poll == parked
//! ));
//! # Ok::<(), workbeat_local::engine::Fault>(())
//! ```
//!
//! # Rules of time
//!
//! - Everything is exact to the millisecond, and an event that a deadline brings about
//!   carries the deadline's time, however late the engine is told of it.
//! - At the same instant a deadline fires before the request that arrives then: a
//!   heartbeat that comes exactly at its timeout comes too late.
//! - What falls due by a request itself (a timeout of zero) fires within that request.
//! - Time never goes back: a `now` before the last one counts as the last one.
//!
//! # Deciders
//!
//! A decider polls with [`PollForDecisionTask`] and answers with
//! [`RespondDecisionTaskCompleted`]. Where nobody wants to write one, [`Decide`] stands for
//! it: it takes and answers a decision task in one go, with SWF's own decisions, and the
//! history shows the whole cycle. This built-in decider does nothing by itself; an execution
//! stays open until it is closed or its timeout passes.
//!
//! # Not like the real service
//!
//! Timeouts may have fractions of a second. There is no throttling and no access control, so
//! no decision fails with `OPERATION_NOT_PERMITTED` or for its rate.

mod activity;
mod call;
mod child;
mod contract;
mod core;
mod deadlines;
mod decision;
mod decision_task;
mod domain;
mod drive;
mod effect;
mod event;
mod execution;
mod external;
mod fault;
mod ids;
pub mod limits;
mod notice;
mod open_activity;
mod operations;
mod page;
mod payload;
mod query;
mod rows;
mod seed;
mod settings;
mod task_list;
mod time;
mod timer;
mod token;
mod validate;
mod visibility;
mod wire;
mod words;

pub use activity::ActivityTimeouts;
pub use call::Answered;
pub use contract::operation_names;
pub use core::Engine;
pub use decision::{
    CancelTimer, CancelWorkflowExecution, CompleteWorkflowExecution,
    ContinueAsNewWorkflowExecution, Decision, DecisionFailure, DecisionOutcome,
    FailWorkflowExecution, RecordMarker, RequestCancelActivityTask,
    RequestCancelExternalWorkflowExecution, ScheduleActivityTask, ScheduleLambdaFunction,
    SignalExternalWorkflowExecution, StartChildWorkflowExecution, StartTimer,
};
pub use decision_task::DecisionTask;
pub use domain::{RegistrationStatus, ResourceTag};
pub use event::*;
pub use execution::CloseStatus;
pub use fault::{Fault, FaultKind, Resource};
pub use ids::{ActivityKey, EventId, PollId, WorkflowType};
pub use notice::Notice;
pub use open_activity::OpenActivity;
pub use operations::*;
pub use payload::Payload;
pub use rows::{Change, RestoreError, RestoreErrorKind};
pub use settings::Settings;
pub use time::Timestamp;
pub use validate::characters;
pub use visibility::{
    CloseStatusFilter, ExecutionStatus, ExecutionTimeFilter, ListedExecution, TagFilter,
    WorkflowExecutionFilter, WorkflowExecutionInfo, WorkflowExecutionInfos, WorkflowTypeFilter,
};
pub use wire::{activity_task_text, decision_task_text, timeout_text};
