//! What the tests that cross crates share: a service that misbehaves on request and writes
//! down every call, a look at what was logged, clients of the real SDK, and waiting for conditions.

pub mod decider;
mod delicate;
mod events;
mod faulty;
mod flow;
#[cfg(doctest)]
mod guides;
mod pieces;
mod proxy;
mod sdk;
mod states;
mod swf;
mod wait;
mod wire;
mod worker;

pub use delicate::{Delicate, Heard};
pub use events::{Events, Logged};
pub use faulty::{Call, Fault, FaultyService, Operation};
pub use flow::{Flow, flow_on, said, scheduled};
pub use pieces::{OnDrop, code, forever, millis, rest, seconds, stage_that_keeps_polls};
pub use proxy::{Cut, Fate, Greeting, Passed, Passing, Proxy, Trouble, Way};
pub use sdk::{sdk_client, sdk_client_in, sdk_config};
pub use states::{States, TaskEnded, states_client, states_config};
pub use swf::{DOMAIN, SwfStage};
pub use wait::{eventually, eventually_some, hears};
pub use wire::{Reply, Request, Wire};
pub use worker::{Ended, LIST, Spawned, Stage, run, spawn, start};
