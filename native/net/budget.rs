//! Memory for unfinished requests: how much of it is in use, and who may have more.
//!
//! Counted is what is really kept, over all connections and threads of a server: a client that only
//! announces a large body takes nothing from others. Over the limit small requests are served as
//! ever, and a larger one goes on only with the right of way, which one connection of a thread has
//! at a time: so one after the other is finished, and connections that each hold a part never wait
//! for each other.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Milliseconds for which the right of way is kept without progress.
const PATIENCE_MS: u64 = 250;

/// Bytes that unfinished requests take.
#[derive(Debug, Default)]
pub struct Budget(AtomicUsize);

impl Budget {
    /// Changes what one connection holds from `before` to `after`.
    pub fn change(&self, before: usize, after: usize) {
        if after > before {
            self.0.fetch_add(after - before, Ordering::Relaxed);
        } else if before > after {
            self.0.fetch_sub(before - after, Ordering::Relaxed);
        }
    }

    /// Whether more than `max` is taken.
    pub fn is_over(&self, max: usize) -> bool {
        self.0.load(Ordering::Relaxed) > max
    }
}

/// Who may go on reading although the budget is used up: one connection of a thread.
#[derive(Debug, Default)]
pub struct RightOfWay {
    holder: Option<(u32, u32)>,
    has_moved: bool,
    moved_ms: u64,
}

impl RightOfWay {
    /// Whether `id` has it or could have it.
    pub fn is_open_to(&self, id: (u32, u32)) -> bool {
        self.holder.is_none_or(|holder| holder == id)
    }

    /// Gives it to `id`, which reads.
    pub fn take(&mut self, id: (u32, u32)) {
        self.holder = Some(id);
        self.has_moved = true;
    }

    /// Takes it back from `id`, if it has it.
    pub fn give_back(&mut self, id: (u32, u32)) {
        if self.holder == Some(id) {
            self.holder = None;
        }
    }

    /// Takes it from a holder that has not read for too long, so that another one can go on.
    pub fn look(&mut self, now_ms: u64) {
        if std::mem::take(&mut self.has_moved) {
            self.moved_ms = now_ms;
        } else if now_ms.saturating_sub(self.moved_ms) >= PATIENCE_MS {
            self.holder = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_held() {
        let budget = Budget::default();
        budget.change(0, 7);
        budget.change(7, 11);
        assert!(budget.is_over(10) && !budget.is_over(11));
        budget.change(11, 10);
        assert!(!budget.is_over(10));
    }

    #[test]
    fn gives_the_right_of_way_to_one_that_moves() {
        let mut right = RightOfWay::default();
        let (first, second) = ((1, 1), (2, 1));
        right.take(first);
        right.look(1000);
        assert!(right.is_open_to(first) && !right.is_open_to(second));
        right.give_back(second);
        right.look(1000 + PATIENCE_MS - 1);
        assert!(!right.is_open_to(second), "its time is not over");
        right.take(first);
        right.look(1000 + PATIENCE_MS);
        assert!(!right.is_open_to(second), "it has moved");
        right.look(1000 + 2 * PATIENCE_MS);
        assert!(right.is_open_to(second));
        right.take(second);
        right.give_back(second);
        assert!(right.is_open_to(first));
    }
}
