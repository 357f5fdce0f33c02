//! What was computed once is kept. The tests of a run's claims mostly ask the same of the same protocols: of the rows
//! of `map` that say where a claim holds, three in five are the same as a row of another test. And several figures show
//! the same critical loads.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// `Kept` holds what was computed, by what was asked.
#[derive(Debug)]
pub struct Kept<K, V>(Mutex<HashMap<K, Arc<V>>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> Kept<K, V> {
    /// Returns what is kept under `asked`, or computes it. Two threads that ask at once may both compute it.
    pub fn or_make(&self, asked: K, make: impl FnOnce() -> V) -> Arc<V> {
        let all = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Not locked while it is computed, which takes other threads.
        let known = all().get(&asked).cloned();
        known.unwrap_or_else(|| {
            let made = Arc::new(make());
            all().entry(asked).or_insert(made).clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_before_is_not_computed_again() {
        let kept = Kept::default();
        assert_eq!(*kept.or_make(1, || "one"), "one");
        assert_eq!(*kept.or_make(1, || unreachable!("it is kept")), "one");
        assert_eq!(*kept.or_make(2, || "two"), "two");
    }

    #[test]
    fn one_thing_may_be_made_of_another() {
        let kept = Kept::default();
        assert_eq!(*kept.or_make(2, || *kept.or_make(1, || 1) + 1), 2);
        assert_eq!(*kept.or_make(1, || unreachable!("it is kept")), 1);
    }
}
