//! How things are measured: CPU, memory, instructions, allocations, and two sides in turn.

mod counting;
mod cpu;
mod heap;
mod instructions;
mod memory;
mod side;
mod spread;

#[cfg(feature = "sdk")]
pub(crate) use cpu::of_process as cpu_of_process;
pub(crate) use cpu::of_this_process as cpu;
pub use heap::{Heap, HeapCount};
pub(crate) use memory::{peak, resident};
pub(crate) use side::{Side, count, figures_of};
pub(crate) use spread::{Spread, in_turn};
