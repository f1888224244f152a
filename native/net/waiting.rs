//! Requests that were handed up and not taken up yet: how long they wait, and whether too long.

use std::collections::VecDeque;

/// In the order handed up. Empty unless a limit is set.
#[derive(Debug, Default)]
pub struct Waiting {
    queue: VecDeque<Entry>,
    shed: usize,
    overloaded: bool,
}

#[derive(Debug)]
struct Entry {
    count: u32,
    id: Option<(u32, u32)>,
    since_ms: u64,
}

impl Waiting {
    /// Notes that record number `count` was handed up. `id` names its connection if nothing else
    /// of it is unanswered, so that it can be given up.
    pub fn add(&mut self, count: u32, id: Option<(u32, u32)>, now: u64) {
        self.queue.push_back(Entry {
            count,
            id,
            since_ms: now,
        });
    }

    /// Whether further requests are to be refused.
    pub fn is_overloaded(&self) -> bool {
        self.overloaded
    }

    /// Forgets what was taken up. `Some(delay)`: the limit is exceeded since now.
    pub fn look(&mut self, taken: u32, now: u64, limit: u64) -> Option<u64> {
        while self
            .queue
            .front()
            .is_some_and(|entry| is_taken(entry.count, taken))
        {
            self.queue.pop_front();
            self.shed = self.shed.saturating_sub(1);
        }
        let delay = self
            .queue
            .front()
            .map_or(0, |entry| now.saturating_sub(entry.since_ms));
        let was_overloaded = self.overloaded;
        self.overloaded = delay > limit;
        (self.overloaded && !was_overloaded).then_some(delay)
    }

    /// The next connection whose request has waited longer than `limit`; each one once. Its entry
    /// stays, so that the overload lasts until it is taken up.
    pub fn next_overdue(&mut self, now: u64, limit: u64) -> Option<(u32, u32)> {
        while let Some(entry) = self.queue.get(self.shed) {
            if now.saturating_sub(entry.since_ms) <= limit {
                return None;
            }
            self.shed += 1;
            if entry.id.is_some() {
                return entry.id;
            }
        }
        None
    }
}

/// Counts wrap.
fn is_taken(count: u32, taken: u32) -> bool {
    taken.wrapping_sub(count) as i32 >= 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overload_begins_with_the_oldest_and_ends_when_it_is_taken_up() {
        let mut waiting = Waiting::default();
        waiting.add(u32::MAX, Some((1, 1)), 0);
        waiting.add(0, None, 5);
        waiting.add(1, Some((2, 1)), 8);
        assert_eq!(waiting.look(u32::MAX - 1, 10, 10), None);
        assert_eq!(waiting.look(u32::MAX - 1, 11, 10), Some(11));
        assert_eq!(waiting.look(u32::MAX - 1, 12, 10), None);
        assert!(waiting.is_overloaded());
        assert_eq!(waiting.next_overdue(12, 10), Some((1, 1)));
        assert_eq!(waiting.next_overdue(12, 10), None);
        assert_eq!(waiting.next_overdue(19, 10), Some((2, 1)));
        assert_eq!(waiting.look(1, 30, 10), None);
        assert!(!waiting.is_overloaded());
    }
}
