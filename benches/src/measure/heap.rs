//! What the counting allocator says.

/// What was allocated so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "made by the binary")]
pub struct Heap {
    /// How many allocations there were, growth of one included.
    pub allocations: u64,
    /// How many bytes are held now.
    pub bytes: u64,
}

/// Asks the allocator, where it counts.
pub type HeapCount = fn() -> Heap;
