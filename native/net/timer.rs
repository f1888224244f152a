//! A coarse timing wheel: who is due in this tick. Cost does not grow with what waits.
//!
//! A connection keeps its own deadline. The wheel holds at most one live entry for it and is not
//! told when a deadline moves away: an entry that fires early is put back at the true time. So an
//! idle connection that answers a million requests costs no wheel operation for any of them.

use std::time::Duration;

/// Length of a tick, in milliseconds. Deadlines are met within one tick.
pub const TICK_MS: u64 = 50;
const SLOTS: usize = 2048;
const WORDS: usize = SLOTS / 64;

/// No deadline, or no entry in the wheel.
pub const NEVER: u32 = u32::MAX;

/// A connection's part of the wheel: when it is due, and where its entry lies.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// The tick at which the connection is due; `NEVER` for not at all.
    pub due: u32,
    entry: u32,
}

impl Default for Deadline {
    fn default() -> Self {
        Self {
            due: NEVER,
            entry: NEVER,
        }
    }
}

/// Slots of (index, generation), one slot a tick.
#[derive(Debug)]
pub struct Wheel {
    slots: Vec<Vec<(u32, u32)>>,
    occupied: [u64; WORDS],
    tick: u32,
}

impl Default for Wheel {
    fn default() -> Self {
        Self {
            slots: vec![Vec::new(); SLOTS],
            occupied: [0; WORDS],
            tick: 0,
        }
    }
}

impl Wheel {
    /// Makes `deadline` due `after_ms` from `now_ms`.
    pub fn arm(&mut self, deadline: &mut Deadline, id: (u32, u32), now_ms: u64, after_ms: u64) {
        let due = u32::try_from((now_ms + after_ms).div_ceil(TICK_MS)).unwrap_or(NEVER - 1);
        deadline.due = due.max(self.tick + 1);
        if deadline.due < deadline.entry {
            self.insert(deadline, id);
        }
    }

    fn insert(&mut self, deadline: &mut Deadline, id: (u32, u32)) {
        // Beyond the horizon an entry waits in the last slot and is then put back.
        let at = deadline.due.min(self.tick + SLOTS as u32 - 1);
        deadline.entry = at;
        let slot = at as usize % SLOTS;
        self.slots[slot].push(id);
        self.occupied[slot / 64] |= 1 << (slot % 64);
    }

    /// How long the poll may sleep before the next occupied tick; `None` if nothing waits.
    pub fn sleep(&self, now_ms: u64) -> Option<Duration> {
        let first = self.tick as usize + 1;
        let ahead = (0..=WORDS).find_map(|step| {
            let slot = first % SLOTS;
            let word = (slot / 64 + step) % WORDS;
            let bits = match step {
                0 => self.occupied[word] & (!0 << (slot % 64)),
                WORDS => self.occupied[word] & !(!0 << (slot % 64)),
                _ => self.occupied[word],
            };
            let found = word * 64 + bits.trailing_zeros() as usize;
            (bits != 0).then_some((found + SLOTS - slot) % SLOTS)
        })?;
        let due = (first + ahead) as u64 * TICK_MS;
        Some(Duration::from_millis(due.saturating_sub(now_ms)))
    }

    /// Moves to `now_ms` and lists in `fired` every entry that was passed.
    pub fn advance(&mut self, now_ms: u64, fired: &mut Vec<(u32, u32)>) {
        let now = u32::try_from(now_ms / TICK_MS).unwrap_or(NEVER - 1);
        let steps = (now.saturating_sub(self.tick) as usize).min(SLOTS);
        for step in 1..=steps {
            let slot = (self.tick as usize + step) % SLOTS;
            if self.occupied[slot / 64] & 1 << (slot % 64) != 0 {
                self.occupied[slot / 64] &= !(1 << (slot % 64));
                // Given back: a busy time would else leave its memory in every slot that it filled.
                fired.append(&mut std::mem::take(&mut self.slots[slot]));
            }
        }
        self.tick = self.tick.max(now);
    }

    /// Whether a connection whose entry fired is really due; if not, its entry is put back.
    pub fn is_due(&mut self, deadline: &mut Deadline, id: (u32, u32)) -> bool {
        if deadline.entry > self.tick {
            return false;
        }
        deadline.entry = NEVER;
        if deadline.due <= self.tick {
            deadline.due = NEVER;
            return true;
        }
        if deadline.due != NEVER {
            self.insert(deadline, id);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fires_within_a_tick_whatever_the_distance() {
        for after in [0, 1, 49, 50, 51, 2000, 65_000, 102_400, 300_000, 1_000_000] {
            let mut wheel = Wheel::default();
            let (mut deadline, id, mut now) = (Deadline::default(), (7, 1), 123);
            wheel.advance(now, &mut Vec::new());
            wheel.arm(&mut deadline, id, now, after);
            let due = loop {
                let mut fired = Vec::new();
                now += wheel.sleep(now).unwrap().as_millis() as u64;
                wheel.advance(now, &mut fired);
                if fired.contains(&id) && wheel.is_due(&mut deadline, id) {
                    break now;
                }
            };
            assert!(
                (123 + after..=123 + after + 2 * TICK_MS).contains(&due),
                "{after}: {due}"
            );
            assert_eq!(wheel.sleep(now), None);
        }
    }

    #[test]
    fn a_deadline_that_moves_away_costs_no_entry() {
        let mut wheel = Wheel::default();
        let (mut deadline, id) = (Deadline::default(), (1, 1));
        for now in 0..10_000 {
            wheel.arm(&mut deadline, id, now, 65_000);
        }
        assert_eq!(wheel.slots.iter().map(Vec::len).sum::<usize>(), 1);
    }

    #[test]
    fn keeps_no_memory_of_what_has_fired() {
        let (mut wheel, mut fired) = (Wheel::default(), Vec::new());
        for now in (0..300_000).step_by(50) {
            for index in 0..50 {
                wheel.arm(&mut Deadline::default(), (index, 1), now, 1_000);
            }
            fired.clear();
            wheel.advance(now, &mut fired);
        }
        wheel.advance(400_000, &mut fired);
        assert_eq!(wheel.slots.iter().map(Vec::capacity).sum::<usize>(), 0);
    }

    #[test]
    fn an_earlier_deadline_fires_first_and_the_stale_entry_is_harmless() {
        let mut wheel = Wheel::default();
        let (mut deadline, id, mut fired) = (Deadline::default(), (1, 1), Vec::new());
        wheel.arm(&mut deadline, id, 0, 10_000);
        wheel.arm(&mut deadline, id, 0, 1_000);
        wheel.advance(1_050, &mut fired);
        assert_eq!(fired, [id]);
        assert!(wheel.is_due(&mut deadline, id));
        wheel.advance(10_050, &mut fired);
        assert!(!wheel.is_due(&mut deadline, id));
    }
}
