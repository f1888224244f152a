//! Memory for unfinished requests: how much of it is in use, and who may have more.
//!
//! Counted is what is really kept, over all connections and threads of a server: a client that only
//! announces a large body takes nothing from others. Over the limit small requests are served as
//! ever, and a larger one goes on only with the right of way, which one connection of a thread has
//! at a time: so one after the other is finished, and connections that each hold a part never wait
//! for each other. As long as JavaScript has not fetched what is finished nobody has it: what is
//! finished next would only lie beside it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Milliseconds in which the right of way has to be worth something, and bytes that are.
const PATIENCE_MS: u64 = 250;
const WORTH: usize = 8 << 10;
/// Who was not worth it stays behind the others for this long, twice as long each time.
const PENALTY_MS: u64 = 1000;
const MAX_PENALTY_MS: u64 = 64_000;

/// Bytes that requests take which are unfinished, or finished and not fetched.
#[derive(Debug, Default)]
pub struct Budget {
    held: AtomicUsize,
    finished: AtomicUsize,
}

impl Budget {
    /// Changes what one connection holds from `before` to `after`.
    pub fn change(&self, before: usize, after: usize) {
        if after > before {
            self.held.fetch_add(after - before, Ordering::Relaxed);
        } else if before > after {
            self.held.fetch_sub(before - after, Ordering::Relaxed);
        }
    }

    /// A finished request of `len` bytes waits for JavaScript.
    pub fn finish(&self, len: usize) {
        self.finished.fetch_add(len, Ordering::Relaxed);
    }

    /// JavaScript has it, or nobody will.
    pub fn fetch(&self, len: usize) {
        self.finished.fetch_sub(len, Ordering::Relaxed);
    }

    /// Whether something finished waits for JavaScript.
    pub fn has_finished(&self) -> bool {
        self.finished.load(Ordering::Relaxed) > 0
    }

    /// Whether more than `max` is taken.
    pub fn is_over(&self, max: usize) -> bool {
        let finished = self.finished.load(Ordering::Relaxed);
        self.held.load(Ordering::Relaxed).saturating_add(finished) > max
    }
}

/// Who may go on reading although the budget is used up: one connection of a thread.
#[derive(Debug, Default)]
pub struct RightOfWay {
    holder: Option<(u32, u32)>,
    /// Bytes that it has read since `moved_ms`.
    moved: usize,
    moved_ms: u64,
    now_ms: u64,
    /// Who was too slow: until when others go first, and for how long the next time.
    slow: HashMap<(u32, u32), (u64, u64)>,
}

impl RightOfWay {
    /// Whether `id` has it or could have it.
    pub fn is_open_to(&self, id: (u32, u32)) -> bool {
        match self.holder {
            Some(holder) => holder == id,
            None => self.slow.get(&id).is_none_or(|slow| slow.0 <= self.now_ms),
        }
    }

    /// Gives it to `id`, which is about to read.
    pub fn take(&mut self, id: (u32, u32)) {
        if self.holder != Some(id) {
            self.holder = Some(id);
            (self.moved, self.moved_ms) = (0, self.now_ms);
        }
    }

    /// Its holder, if `id` is the one, has read so many bytes.
    pub fn advance(&mut self, id: (u32, u32), bytes: usize) {
        if self.holder == Some(id) {
            self.moved = self.moved.saturating_add(bytes);
        }
    }

    /// Takes it back from `id`, which has finished a request or is gone.
    pub fn give_back(&mut self, id: (u32, u32)) {
        if self.holder == Some(id) {
            self.holder = None;
        }
        if !self.slow.is_empty() {
            self.slow.remove(&id);
        }
    }

    /// Takes it from a holder that makes too little of it, so that another one can go on.
    pub fn look(&mut self, now_ms: u64) {
        self.now_ms = now_ms;
        let Some(holder) = self.holder else { return };
        if now_ms.saturating_sub(self.moved_ms) < PATIENCE_MS {
            return;
        }
        if self.moved >= WORTH {
            (self.moved, self.moved_ms) = (0, now_ms);
            return;
        }
        self.holder = None;
        let slow = self.slow.entry(holder).or_insert((0, PENALTY_MS));
        *slow = (now_ms + slow.1, (2 * slow.1).min(MAX_PENALTY_MS));
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
    fn counts_what_nobody_has_fetched() {
        let budget = Budget::default();
        budget.change(0, 7);
        budget.finish(5);
        assert!(budget.is_over(11) && !budget.is_over(12) && budget.has_finished());
        budget.fetch(5);
        assert!(!budget.is_over(7) && !budget.has_finished());
    }

    #[test]
    fn gives_the_right_of_way_to_one_that_moves() {
        let mut right = RightOfWay::default();
        let (first, second) = ((1, 1), (2, 1));
        right.look(1000);
        right.take(first);
        assert!(right.is_open_to(first) && !right.is_open_to(second));
        right.give_back(second);
        right.look(1000 + PATIENCE_MS - 1);
        assert!(!right.is_open_to(second), "its time is not over");
        right.advance(first, WORTH);
        right.advance(second, WORTH);
        right.look(1000 + PATIENCE_MS);
        assert!(!right.is_open_to(second), "it has moved");
        right.take(first);
        right.advance(first, WORTH - 1);
        right.look(1000 + 2 * PATIENCE_MS);
        assert!(right.is_open_to(second) && !right.is_open_to(first));
        right.take(second);
        right.give_back(second);
        assert!(right.is_open_to(second) && !right.is_open_to(first));
        right.look(1000 + 2 * PATIENCE_MS + PENALTY_MS);
        assert!(right.is_open_to(first), "its time has come again");
        right.give_back(first);
        assert!(right.slow.is_empty());
    }

    #[test]
    fn who_trickles_leaves_most_of_the_time_to_others() {
        let (mut right, slow) = (RightOfWay::default(), (1, 1));
        let (mut held, mut now) = (0, 0);
        while now < 300_000 {
            right.look(now);
            if right.is_open_to(slow) {
                right.take(slow);
                right.advance(slow, 4);
                held += 10;
            }
            now += 10;
        }
        assert!(held < 5000, "{held} ms of {now}");
    }
}
