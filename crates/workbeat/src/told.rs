//! What the worker tells: tracing's events, behind a wall.
//!
//! A subscriber is the application's code and can panic. An event stands in the middle of things,
//! where a task would be lost with the panic, or a slot, or the report of a run.

/// Runs what a subscriber takes part in. Its panic gives nothing, and goes no further.
pub(crate) fn told<T>(tell: impl FnOnce() -> T) -> Option<T> {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    catch_unwind(AssertUnwindSafe(tell))
        .map_err(crate::panic::discard)
        .ok()
}

macro_rules! walled {
    ($($name:ident as $outer:ident),*) => { $(
        walled!(@define ($) $name $outer);
        pub(crate) use $outer as $name;
    )* };
    (@define ($dollar:tt) $name:ident $outer:ident) => {
        macro_rules! $outer {
            ($dollar($dollar event:tt)*) => {{
                let _: Option<()> = $crate::told::told(|| ::tracing::$name!($dollar($dollar event)*));
            }};
        }
    };
}

walled!(
    trace as told_trace,
    debug as told_debug,
    info as told_info,
    warn as told_warn,
    error as told_error
);
