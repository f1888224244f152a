//! The first loop looks again and again whether JavaScript shows life, where somebody asks for that.

use super::EventLoop;
use crate::net::crossing::Crossing;
use crate::net::probes::interval_ms;

/// What was seen of JavaScript, in the loop's milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    every_ms: u64,
    next: u64,
    pulse: u32,
    alive: u64,
}

impl<C: Crossing> EventLoop<C> {
    /// Takes what is asked from here on.
    pub(super) fn set_probes(&mut self) {
        let probes = self.scratch.probes.as_deref();
        let every_ms = probes.and_then(interval_ms);
        let every_ms = every_ms.filter(|_| self.peers.own == 0);
        let now = self.clock.now_ms();
        self.beat = every_ms.map(|every_ms| Beat {
            every_ms,
            next: now,
            pulse: self.crossing.pulse(),
            alive: self.beat.map_or(now, |beat| beat.alive),
        });
    }

    /// Looks whether it has shown life since the last look, and asks it for the next one.
    pub(super) fn beat(&mut self) {
        let now = self.clock.now_ms();
        let Some(beat) = &mut self.beat else { return };
        if now < beat.next {
            return;
        }
        beat.next = now + beat.every_ms;
        let pulse = self.crossing.pulse();
        if pulse != beat.pulse {
            (beat.pulse, beat.alive) = (pulse, now);
        }
        self.peers.open.health.set_stuck(now - beat.alive);
        self.crossing.probe();
    }

    /// When that is due again.
    pub(super) fn beat_due(&self) -> Option<u64> {
        self.beat.map(|beat| beat.next)
    }
}
