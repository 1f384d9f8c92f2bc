//! What quotas carry: pure arithmetic, which asks no service.

mod group;
mod heartbeats;
mod plan;
mod quota;

#[cfg(test)]
mod agreement_tests;
#[cfg(test)]
mod page_tests;

pub(crate) use group::Group;
pub(crate) use heartbeats::Heartbeats;
pub(crate) use plan::{CARRIED, LEARNED, PROMISED, Plan, Question, Verdict};
pub(crate) use quota::{
    HEARTBEATS, HEARTBEATS_OF_AN_EXECUTION, OPEN_ACTIVITIES, POLLERS, POLLS, Quota, RESPONSES,
    ROUNDING, SCHEDULES, SOURCE, Use,
};
