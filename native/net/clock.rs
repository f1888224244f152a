//! The time of one I/O thread, read once a turn.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::http::date::DateCache;

/// Milliseconds since the loop began, and the value of `Date`.
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    now_ms: u64,
    frozen_ms: u64,
    date: DateCache,
    rendered: [u8; 29],
    render_at: u64,
}

impl Clock {
    /// A clock that begins now.
    pub fn start() -> Self {
        let mut clock = Self {
            start: Instant::now(),
            now_ms: 0,
            frozen_ms: 0,
            date: DateCache::new(),
            rendered: [0; 29],
            render_at: 0,
        };
        clock.tick(false);
        clock
    }

    /// Reads the clocks: the monotonic one always, the calendar only when a second is over.
    /// `frozen`: the time since the last tick does not count against any client.
    pub fn tick(&mut self, frozen: bool) {
        let before = self.now_ms;
        self.now_ms = self.start.elapsed().as_millis() as u64;
        if frozen {
            self.frozen_ms += self.now_ms - before;
        }
        if self.now_ms >= self.render_at {
            // A clock before 1970 shows as 1970: nothing depends on it.
            let unix = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            self.rendered = *self.date.render(unix.as_secs());
            self.render_at = self.now_ms + u64::from(1000 - unix.subsec_millis());
        }
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
