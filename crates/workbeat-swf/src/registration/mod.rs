//! Makes domain and activity types known to the service.

mod domain;
mod drift;
mod types;
