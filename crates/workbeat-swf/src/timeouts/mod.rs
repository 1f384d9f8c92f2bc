//! Which timeouts a task has: Amazon SWF does not send them with it.

mod from_history;
mod from_type;

pub(crate) use from_type::TypeTimeouts;

/// How the worker learns which timeouts a task has.
///
/// A task as polled carries none of them. The worker needs the heartbeat timeout to beat often
/// enough, and the start-to-close timeout to give the activity its
/// [deadline](workbeat::ActivityContext::deadline).
///
/// | choice | calls | permission besides | throttle of the account (bucket / refill a second) |
/// |---|---|---|---|
/// | `Declared` | none | none | none |
/// | `FromHistory` | one a task, more if much happened in the workflow since the task was scheduled | `swf:GetWorkflowExecutionHistory` | 2000 / 60, and 400 / 200 for one execution |
/// | `FromType` | one an activity type | `swf:DescribeActivityType` | 2000 / 6 |
///
/// The calls go out beside the running activity, which does not wait for them, and through the
/// [heartbeat client](crate::SwfServiceBuilder::heartbeat_client). If one is throttled it is
/// tried again a few times; if it is refused, the worker goes on with what is declared. Of a
/// declared and a found heartbeat timeout the shorter counts; a found start-to-close timeout
/// holds over a declared one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Timeouts {
    /// From what the activity declares, and from nothing else. Right where deciders do not
    /// override the timeouts, or only with longer ones.
    #[default]
    Declared,
    /// From the task's own ActivityTaskScheduled event in the workflow's history: exact. What
    /// is left of the schedule-to-close timeout counts too.
    FromHistory,
    /// From the defaults that are registered for the activity type, asked for once a type. Wrong
    /// for a task whose decision overrode them.
    FromType,
}
