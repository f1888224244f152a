//! The turns of a loop: wait, take answers, read requests, hand them over, write.

use std::io;
use std::time::Duration;

use mio::Events;

use super::EventLoop;
use crate::net::crossing::Crossing;
use crate::net::fd;
use crate::net::platform::descriptor_of;
use crate::net::stats::Counter;

/// Events that are taken in one turn where others on the same thread have to have theirs.
const FEW_EVENTS: usize = 256;
/// Milliseconds after which JavaScript is behind if it takes up nothing.
const BEHIND_MS: u64 = 10;

impl<C: Crossing> EventLoop<C> {
    /// Runs until the server is closed and the last connection is gone. Fails only if the kernel
    /// can no longer be waited for, or the other side publishes what is no answer.
    pub fn run(mut self) -> io::Result<()> {
        fd::block_sigpipe();
        while !self.is_over() {
            let limit = self.rest();
            self.turn(limit)?;
        }
        self.crossing.publish();
        Ok(())
    }

    /// Whether the server is closed and the last connection gone.
    pub fn is_over(&self) -> bool {
        self.is_last_call() && self.connections.is_empty() && self.prefaces.is_empty()
    }

    /// One turn: waits for the kernel, at most for `limit`, and does what there is to do. Fails as `run`.
    pub fn turn(&mut self, limit: Option<Duration>) -> io::Result<()> {
        let result = self.poll.poll(&mut self.events, limit);
        self.crossing.after_sleep();
        match result {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.events.clear(),
            result => result?,
        }
        self.tick();
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        let result = self.work(&events);
        self.events = events;
        result
    }

    /// A turn without the kernel, behind what the other side has done meanwhile. Fails as `run`.
    pub fn follow_up(&mut self) -> io::Result<()> {
        self.crossing.after_sleep();
        self.tick();
        self.work(&Events::with_capacity(0))
    }

    /// The same, or no more of it than to write the answers where a turn is due anyway, and what the client of
    /// a connection has taken by then of the answer under way, in bytes since that was told last. Fails as `run`.
    pub fn follow_up_for(&mut self, id: (u32, u32), is_turn_due: bool) -> io::Result<u64> {
        self.scratch.asking = Some(id);
        let followed = if is_turn_due {
            self.tick();
            self.take_answers()
        } else {
            self.follow_up()
        };
        self.scratch.asking = None;
        followed?;
        let connection = self.connections.get_mut(id.0 as usize);
        let connection = connection.filter(|connection| connection.id() == id);
        Ok(connection.map_or(0, |connection| {
            connection.own_unsent();
            connection.take_acknowledged()
        }))
    }

    /// Hands over what is left, behind the last turn.
    pub fn hand_over(&mut self) {
        self.crossing.publish();
    }

    /// The descriptor that is readable when the kernel has something for a turn, where there is one.
    pub fn descriptor(&self) -> Option<i32> {
        descriptor_of(&self.poll)
    }

    /// Takes turns that leave time for what else is on its thread.
    pub fn share_thread(&mut self) {
        self.events = Events::with_capacity(FEW_EVENTS);
    }

    /// For a loop that shares its thread: how long this has waited in all, in milliseconds since any
    /// moment. Where it does something else for long, no client is to blame.
    pub fn note_idle(&mut self, total_ms: u64) {
        self.clock.note_idle(total_ms);
    }

    /// Milliseconds since the loop began, as of the last turn.
    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Requests and notices handed over since the beginning, wrapping.
    pub fn handed_over(&self) -> u32 {
        self.crossing.handed_over()
    }

    fn work(&mut self, events: &Events) -> io::Result<()> {
        self.take_answers()?;
        self.take_commands();
        for event in events {
            self.take_event(event);
        }
        self.accept();
        self.advance_queued();
        self.shed();
        self.fire_timers();
        if self.draining.is_some() {
            self.drain_on();
        }
        if self.beat.is_some() {
            self.beat();
        }
        self.settle_files();
        self.share_memory();
        self.tell_quiet();
        self.crossing.publish();
        self.gauge();
        Ok(())
    }

    /// While JavaScript is stuck the clients' clocks stand still: none of them is to blame.
    fn tick(&mut self) {
        let was_stuck = self.is_stuck;
        if self.clock.tick(was_stuck) {
            self.stalls = self.stalls.wrapping_add(1);
        }
        self.is_stuck = self.crossing.is_stuck(self.clock.now_ms());
        if was_stuck && !self.is_stuck {
            self.stalls = self.stalls.wrapping_add(1);
        }
    }

    /// Shows how much JavaScript has not taken up, and for how long.
    fn gauge(&mut self) {
        let (handed, taken) = (self.crossing.handed_over(), self.crossing.taken_up());
        let now = self.clock.now_ms();
        if handed == taken || taken != self.taken_at.0 {
            self.taken_at = (taken, now);
        }
        let was_behind = self.scratch.is_behind;
        self.scratch.is_behind = now - self.taken_at.1 >= BEHIND_MS;
        if self.scratch.is_behind && !was_behind {
            // Some of those that wait for room may need none.
            self.queue.append(&mut self.starved);
        }
        let stats = &self.scratch.stats;
        stats.set(Counter::QueueDepth, u64::from(handed.wrapping_sub(taken)));
        stats.set(Counter::QueueDelay, now - self.taken_at.1);
    }
}
