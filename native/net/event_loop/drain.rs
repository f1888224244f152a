//! A loop that is emptied without losing a request: it serves on, then accepts no more, and then
//! lets connections go that bring nothing for a while.

use super::EventLoop;
use crate::net::crossing::Crossing;
use crate::net::drain::Drain;
use crate::net::remote::Command;

/// How far that is, in the loop's milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Draining {
    /// Clients are accepted until then. The first loop has the listener, and tells the others.
    LameDuck { until: u64, grace_ms: u64 },
    /// No connection comes any more, and those that are idle end then.
    LastCall { until: u64 },
}

impl<C: Crossing> EventLoop<C> {
    pub(super) fn drain(&mut self, drain: Drain) {
        if let Some(timeout) = drain.timeout_ms {
            self.cut_after(timeout);
        }
        if self.closing || self.draining.is_some() {
            return;
        }
        self.scratch.keeps_idle = true;
        self.draining = Some(Draining::LameDuck {
            until: self.clock.now_ms() + drain.lame_duck_ms,
            grace_ms: drain.grace_ms,
        });
        if self.peers.own == 0 {
            for remote in &self.peers.remotes[1..] {
                remote.send(Command::Drain(drain));
            }
        }
        self.drain_on();
    }

    /// Nobody is dealt out any more.
    pub(super) fn last_call(&mut self, grace_ms: u64) {
        if matches!(self.draining, Some(Draining::LameDuck { .. })) {
            let until = self.clock.now_ms() + grace_ms;
            self.draining = Some(Draining::LastCall { until });
        }
    }

    /// Goes on to what is due.
    pub(super) fn drain_on(&mut self) {
        let now = self.clock.now_ms();
        match self.draining {
            Some(Draining::LameDuck { until, grace_ms }) if until <= now && self.peers.own == 0 => {
                self.accept_the_rest();
                for remote in &self.peers.remotes[1..] {
                    remote.send(Command::LastCall(grace_ms));
                }
                self.peers.open.set_last_call();
                self.last_call(grace_ms);
            }
            Some(Draining::LastCall { until }) if until <= now => self.close(None),
            _ => {}
        }
    }

    /// When `drain_on` has something to do.
    pub(super) fn drain_due(&self) -> Option<u64> {
        match self.draining {
            Some(Draining::LameDuck { until, .. }) if self.peers.own == 0 => Some(until),
            Some(Draining::LastCall { until }) if !self.closing => Some(until),
            _ => None,
        }
    }

    /// Whether each answer is the last one of its connection.
    pub(super) fn is_ending(&self) -> bool {
        self.closing || self.draining.is_some()
    }

    /// Whether no connection comes any more.
    pub(super) fn is_last_call(&self) -> bool {
        self.closing || matches!(self.draining, Some(Draining::LastCall { .. }))
    }
}
