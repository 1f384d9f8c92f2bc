//! Panics of code that is not the framework's.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a panic said.
pub(crate) fn message(panic: Box<dyn Any + Send>) -> String {
    let text = if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else {
        "the panic's payload is no text".to_owned()
    };
    discard(panic);
    text
}

/// Drops a value of the user's, whose drop may panic too.
pub(crate) fn discard<T>(value: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        // A payload whose drop panics could go on so for ever.
        std::mem::forget(panic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                std::panic::panic_any(Self);
            }
        }
    }

    #[test]
    fn what_a_panic_said_is_told_and_a_payload_that_panics_too_does_no_harm() {
        assert_eq!(message(Box::new("boom")), "boom");
        assert_eq!(message(Box::new("boom".to_owned())), "boom");
        assert_eq!(message(Box::new(Bomb)), "the panic's payload is no text");
    }
}
