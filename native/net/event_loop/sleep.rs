//! How long a thread may wait for the kernel.

use std::time::Duration;

use super::EventLoop;
use crate::net::accept::Acceptor;
use crate::net::crossing::Crossing;

/// How often connections that found no room try again.
const RETRY: Duration = Duration::from_millis(10);

impl<C: Crossing> EventLoop<C> {
    /// Makes ready to sleep and says for how long at most: not at all if there is something to do.
    pub fn rest(&mut self) -> Option<Duration> {
        match self.crossing.before_sleep() {
            Some(limit) if !self.has_work() => self.earliest(limit),
            _ => Some(Duration::ZERO),
        }
    }

    fn has_work(&self) -> bool {
        !self.queue.is_empty() || self.acceptor.as_ref().is_some_and(Acceptor::is_ready)
    }

    fn earliest(&self, limit: Option<Duration>) -> Option<Duration> {
        let rest = self.acceptor.as_ref().and_then(Acceptor::rests_until);
        let until = |at: u64| Duration::from_millis(at.saturating_sub(self.clock.now_ms()));
        // The budget is shared with other threads, which do not say when they give some back.
        let waits = !self.starved.is_empty() || self.scratch.right_of_way.has_waiting();
        let retry = waits.then_some(RETRY);
        let timers = [
            retry,
            limit,
            self.wheel.sleep(self.clock.patient_ms()),
            rest.map(until),
            self.cut_at.map(until),
            self.drain_due().map(until),
            self.beat_due().map(until),
        ];
        timers.into_iter().flatten().min()
    }
}
