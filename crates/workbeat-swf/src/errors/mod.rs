//! What the SDK's errors mean to a worker. What they have in common with those of other services is
//! in [`workbeat_aws`].

mod classify;
mod permission;

pub(crate) use self::classify::Call;
