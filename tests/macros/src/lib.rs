//! The cases are in `tests/ui`. They are a package of their own because each case is built with
//! all that its package depends on, and these need the framework alone.
