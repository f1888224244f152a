//! Memory for unfinished requests, over all connections and threads of a server.
//!
//! A body reserves what it may come to before it is collected, so that whatever was begun can be
//! finished: connections that each hold a part of the budget and wait for more would wait for
//! ever. What cannot be reserved waits with its clock stopped.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that are taken.
#[derive(Debug, Default)]
pub struct Budget {
    taken: AtomicUsize,
}

impl Budget {
    /// Takes `bytes` if that stays within `max`, or if nothing else is taken.
    pub fn reserve(&self, bytes: usize, max: usize) -> bool {
        let fits = |taken: usize| (taken == 0 || taken + bytes <= max).then_some(taken + bytes);
        self.taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits)
            .is_ok()
    }

    /// Changes what one connection holds from `before` to `after`.
    pub fn change(&self, before: usize, after: usize) {
        if after > before {
            self.taken.fetch_add(after - before, Ordering::Relaxed);
        } else if before > after {
            self.taken.fetch_sub(before - after, Ordering::Relaxed);
        }
    }

    /// Whether more than `max` is taken.
    pub fn is_over(&self, max: usize) -> bool {
        self.taken.load(Ordering::Relaxed) > max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_may_exceed_the_budget_but_not_two() {
        let budget = Budget::default();
        assert!(budget.reserve(100, 10));
        assert!(!budget.reserve(1, 10));
        budget.change(100, 0);
        assert!(budget.reserve(4, 10));
        assert!(budget.reserve(6, 10));
        assert!(!budget.reserve(1, 10));
        assert!(!budget.is_over(10));
        budget.change(4, 5);
        assert!(budget.is_over(10));
    }
}
