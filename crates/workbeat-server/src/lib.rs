//! An SWF-compatible server for one machine.
