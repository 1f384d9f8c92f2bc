//! A worker's metrics: each of the table moves, with each value of its labels; a recorder is
//! somebody else's code; the documentation says what the table says.

mod bounds;
mod documented;
mod figures;
mod moves;
mod observability;
mod recorder;
mod services;
mod times;
