//! What was seen last, and no more of it than so much.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// A map that forgets what was set the longest ago.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    most: usize,
    turn: u64,
    entries: HashMap<K, (u64, V)>,
    order: BTreeMap<u64, K>,
}

impl<K: Hash + Eq + Clone, V> Recent<K, V> {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            turn: 0,
            entries: HashMap::new(),
            order: BTreeMap::new(),
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key).map(|(_, value)| value)
    }

    /// The value of a key, which is the last to be forgotten now. It is made if it is not there.
    pub(crate) fn touch(&mut self, key: &K) -> &mut V
    where
        V: Default,
    {
        let value = self.remove(key).unwrap_or_default();
        self.set(key.clone(), value);
        let (_, value) = self.entries.entry(key.clone()).or_default();
        value
    }

    /// Sets a value, and gives back the one before.
    pub(crate) fn set(&mut self, key: K, value: V) -> Option<V> {
        self.turn = self.turn.saturating_add(1);
        self.order.insert(self.turn, key.clone());
        let before = self.entries.insert(key, (self.turn, value));
        let before = before.map(|(turn, value)| {
            self.order.remove(&turn);
            value
        });
        while self.entries.len() > self.most {
            let Some((_, oldest)) = self.order.pop_first() else {
                break;
            };
            self.entries.remove(&oldest);
        }
        before
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let (turn, value) = self.entries.remove(key)?;
        self.order.remove(&turn);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_what_was_set_last() {
        let mut recent = Recent::new(2);
        assert_eq!(recent.set("a", 1), None);
        assert_eq!(recent.set("b", 2), None);
        assert_eq!(recent.set("a", 3), Some(1));
        assert_eq!(recent.set("c", 4), None);
        assert_eq!(recent.get(&"b"), None);
        assert_eq!(recent.get(&"a"), Some(&3));
        assert_eq!(recent.remove(&"a"), Some(3));
        assert_eq!(recent.remove(&"a"), None);
        assert_eq!(recent.order.len(), recent.entries.len());
    }

    #[test]
    fn what_is_touched_is_kept() {
        let mut recent = Recent::new(2);
        *recent.touch(&"a") += 1;
        *recent.touch(&"b") += 2;
        *recent.touch(&"a") += 3;
        *recent.touch(&"c") += 4;
        assert_eq!(recent.get(&"a"), Some(&4));
        assert_eq!(recent.get(&"b"), None);
        assert_eq!(recent.order.len(), recent.entries.len());
    }
}
