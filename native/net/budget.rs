//! Memory for unfinished requests, over all connections and threads of a server.
//!
//! A body reserves what it may come to before it is collected, so that whatever was begun can be
//! finished: connections that each hold a part of the budget and wait for more would wait for
//! ever. What cannot be reserved waits with its clock stopped.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that are taken, and the bodies for which some of them are reserved.
#[derive(Debug, Default)]
pub struct Budget {
    taken: AtomicUsize,
    bodies: AtomicUsize,
}

impl Budget {
    /// Takes `bytes` for a body if that stays within `max`, or if no other body has reserved any:
    /// what else is taken may be waiting for that body.
    pub fn reserve(&self, bytes: usize, max: usize) -> bool {
        let is_first = self.bodies.fetch_add(1, Ordering::Relaxed) == 0;
        let fits = |taken: usize| (is_first || taken + bytes <= max).then_some(taken + bytes);
        let reserved = self
            .taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits)
            .is_ok();
        if !reserved {
            self.end_body();
        }
        reserved
    }

    /// A body that had reserved is over; its bytes are given back by `change`.
    pub fn end_body(&self) {
        self.bodies.fetch_sub(1, Ordering::Relaxed);
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
        budget.end_body();
        assert!(budget.reserve(4, 10));
        assert!(budget.reserve(6, 10));
        assert!(!budget.reserve(1, 10));
        assert!(!budget.is_over(10));
        budget.change(4, 5);
        assert!(budget.is_over(10));
    }

    #[test]
    fn one_body_may_go_on_whatever_waits_for_it() {
        let budget = Budget::default();
        budget.change(0, 100);
        assert!(budget.reserve(1, 10));
        assert!(!budget.reserve(1, 10));
        budget.end_body();
        assert!(budget.reserve(1, 10));
    }
}
