//! `bench` on an allocator that counts, which makes it slow: `bench` runs it for its counts.
//!
//! Run by hand with `WORKBEAT_HEAP_PROFILE=FILE`, it writes who allocated what, for DHAT's viewer.

use std::path::PathBuf;
use std::process::ExitCode;

use workbeat_benches::Heap;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() -> ExitCode {
    let profiler = match std::env::var_os("WORKBEAT_HEAP_PROFILE") {
        Some(file) => dhat::Profiler::builder().file_name(PathBuf::from(file)),
        None => dhat::Profiler::builder().testing(),
    };
    let _profiler = profiler.build();
    workbeat_benches::run(Some(|| {
        let stats = dhat::HeapStats::get();
        Heap {
            allocations: stats.total_blocks,
            bytes: stats.curr_bytes as u64,
        }
    }))
}
