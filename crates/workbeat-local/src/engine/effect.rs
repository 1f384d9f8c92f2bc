//! What a call brings about in other executions and in task lists, done when the call itself
//! is done.
//!
//! It goes through a queue: so the events of one decision task stand together, and a chain
//! of executions of any length needs no stack.

use std::sync::Arc;

use super::child::ChildStart;
use super::event::ChildPolicy;
use super::external::ExternalRequest;

/// One thing that is still to be done.
#[derive(Debug)]
pub(super) enum Effect {
    /// A decision starts a child.
    StartChild(Box<ChildStart>),
    /// A decision signals another execution, or asks it to cancel.
    Reach(Box<ExternalRequest>),
    /// A child's parent was terminated, or timed out.
    ApplyChildPolicy {
        child: Arc<str>,
        policy: ChildPolicy,
    },
}
