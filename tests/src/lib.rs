//! What the tests that cross crates share: a service that misbehaves on request and writes
//! down every call, and waiting for conditions.

mod faulty;
mod wait;
mod worker;

pub use faulty::{Call, Fault, FaultyService, Operation};
pub use wait::{eventually, eventually_some};
pub use worker::{Spawned, spawn};
