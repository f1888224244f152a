//! The time of one I/O thread, read once a turn.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::http::date::DateCache;

/// Whatever the thread of a loop did for longer than so many milliseconds, its clients did not cause.
const STALL_MS: u64 = 100;

/// Milliseconds since the loop began, and the value of `Date`.
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    now_ms: u64,
    frozen_ms: u64,
    idle: Option<Idle>,
    date: DateCache,
    rendered: [u8; 29],
    render_at: u64,
}

/// What is known of a thread that has more to do than one loop.
#[derive(Debug)]
struct Idle {
    total_ms: u64,
    /// How much of it was since the last tick.
    waited_ms: u64,
}

impl Idle {
    /// How much of the time since the last tick it was busy, if that is long.
    fn stalled(&mut self, passed_ms: u64) -> u64 {
        let busy = passed_ms.saturating_sub(std::mem::take(&mut self.waited_ms));
        if busy > STALL_MS { busy } else { 0 }
    }
}

impl Clock {
    /// A clock that begins now.
    pub fn start() -> Self {
        let mut clock = Self {
            start: Instant::now(),
            now_ms: 0,
            frozen_ms: 0,
            idle: None,
            date: DateCache::new(),
            rendered: [0; 29],
            render_at: 0,
        };
        clock.tick(false);
        clock
    }

    /// Reads the clocks: the monotonic one always, the calendar only when a second is over.
    /// `frozen`: the time since the last tick does not count against any client. Nor does what a thread
    /// that has more to do was busy with for long; says whether it was.
    pub fn tick(&mut self, frozen: bool) -> bool {
        let before = self.now_ms;
        self.now_ms = self.start.elapsed().as_millis() as u64;
        let passed = self.now_ms - before;
        let stalled = self.idle.as_mut().map_or(0, |idle| idle.stalled(passed));
        self.frozen_ms += if frozen { passed } else { stalled };
        if self.now_ms >= self.render_at {
            // A clock before 1970 shows as 1970: nothing depends on it.
            let unix = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            self.rendered = *self.date.render(unix.as_secs());
            self.render_at = self.now_ms + u64::from(1000 - unix.subsec_millis());
        }
        stalled > 0
    }

    /// How long the thread has waited in all, in milliseconds since any moment. From here on what it
    /// does else is told from waiting.
    pub fn note_idle(&mut self, total_ms: u64) {
        let idle = self.idle.get_or_insert(Idle {
            total_ms,
            // What was before the first note is nobody's fault.
            waited_ms: u64::MAX,
        });
        idle.waited_ms = idle.waited_ms.saturating_add(total_ms - idle.total_ms);
        idle.total_ms = total_ms;
    }

    /// Milliseconds since the loop began.
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// The same, less the time in which we were the ones who did not read or answer.
    pub fn patient_ms(&self) -> u64 {
        self.now_ms - self.frozen_ms
    }

    /// The value of `Date`, true to the second.
    pub fn date(&self) -> &[u8; 29] {
        &self.rendered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_thread_did_for_long_is_a_stall() {
        // Milliseconds that have passed, those of them that the thread waited, those that do not count.
        let cases = [
            (1_000, 1_000, 0),
            (1_000, 950, 0),
            (100, 0, 0),
            (101, 0, 101),
            (12_000, 3_000, 9_000),
            // Clocks of different grain.
            (5, 6, 0),
        ];
        let mut idle = Idle {
            total_ms: 0,
            waited_ms: 0,
        };
        for (passed, waited, stalled) in cases {
            idle.waited_ms = waited;
            assert_eq!(idle.stalled(passed), stalled, "{passed} {waited}");
        }
        // Nothing was waited behind the last tick.
        assert_eq!(idle.stalled(200), 200);
    }
}
