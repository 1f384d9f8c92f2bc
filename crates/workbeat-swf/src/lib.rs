//! Amazon SWF for `workbeat`.
