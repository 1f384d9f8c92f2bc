//! Values of the application's that travel with a task.

use std::any::{Any, TypeId};
use std::sync::Arc;

use crate::panic::discard;

type Value = Arc<dyn Any + Send + Sync>;

/// Values by their types; most tasks have none.
#[derive(Default)]
pub(crate) struct Extensions(Vec<(TypeId, Value)>);

impl Extensions {
    /// Adds a value; gives back what was there of its type, to be dropped elsewhere.
    #[must_use = "its drop is code of the application's"]
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: Arc<T>) -> Option<Value> {
        let key = TypeId::of::<T>();
        let there = self.0.iter_mut().find(|(known, _)| *known == key);
        if let Some((_, there)) = there {
            return Some(std::mem::replace(there, value));
        }
        self.0.push((key, value));
        None
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let key = TypeId::of::<T>();
        let (_, value) = self.0.iter().find(|(known, _)| *known == key)?;
        Arc::clone(value).downcast().ok()
    }
}

impl Drop for Extensions {
    fn drop(&mut self) {
        // Each alone: a drop that panics must neither be heard of nor keep the others from theirs.
        self.0.drain(..).for_each(discard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bomb(Arc<()>);

    impl Drop for Bomb {
        fn drop(&mut self) {
            let _ = &self.0;
            panic!("on purpose");
        }
    }

    #[test]
    fn a_value_is_found_by_its_type_and_replaced_by_another_of_it() {
        let mut extensions = Extensions::default();
        assert!(extensions.insert(Arc::new(1_u32)).is_none());
        assert!(extensions.insert(Arc::new("one")).is_none());
        assert!(extensions.insert(Arc::new(2_u32)).is_some());
        assert_eq!(extensions.get::<u32>().as_deref(), Some(&2));
        assert_eq!(extensions.get::<&str>().as_deref(), Some(&"one"));
        assert!(extensions.get::<u64>().is_none());
    }

    #[test]
    fn a_drop_that_panics_keeps_nothing_else_from_being_dropped() {
        struct Other(#[allow(dead_code, reason = "it is counted")] Arc<()>);

        let alive = Arc::new(());
        let mut extensions = Extensions::default();
        let _ = extensions.insert(Arc::new(Bomb(Arc::clone(&alive))));
        let _ = extensions.insert(Arc::new(Other(Arc::clone(&alive))));
        drop(extensions);
        assert_eq!(Arc::strong_count(&alive), 1);
    }
}
