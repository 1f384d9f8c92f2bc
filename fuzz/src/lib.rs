//! What the fuzz targets do with their bytes. Each is a function that panics where something
//! is wrong, so that a finding can be replayed without a fuzzer too.

mod adapter;
mod codec;
mod engine;
mod macros;
mod odd;
mod request;
mod restore;
mod shapes;

pub use adapter::adapter_errors;
pub use codec::codec;
pub use engine::engine_calls;
pub use macros::macro_attribute;
pub use request::server_request;
pub use restore::engine_restore;

// The engine's own tests check the same things of random calls.
#[allow(dead_code)]
#[path = "../../crates/workbeat-local/tests/engine/contract.rs"]
mod contract;
#[allow(dead_code)]
#[path = "../../crates/workbeat-local/tests/engine/run.rs"]
mod run;
#[allow(dead_code)]
#[path = "../../crates/workbeat-local/tests/engine/sound.rs"]
mod sound;
#[allow(dead_code)]
#[path = "../../crates/workbeat-local/tests/engine/step.rs"]
mod step;

// A crate of macros exports nothing else, so its modules are taken in as they are.
#[path = "../../crates/workbeat-macros/src/attributes/mod.rs"]
mod attributes;
#[path = "../../crates/workbeat-macros/src/description.rs"]
mod description;
#[path = "../../crates/workbeat-macros/src/errors.rs"]
mod errors;
#[path = "../../crates/workbeat-macros/src/expand.rs"]
mod expand;
#[path = "../../crates/workbeat-macros/src/generate/mod.rs"]
mod generate;
#[path = "../../crates/workbeat-macros/src/item.rs"]
mod item;
#[path = "../../crates/workbeat-macros/src/naming.rs"]
mod naming;
#[path = "../../crates/workbeat-macros/src/signature/mod.rs"]
mod signature;
