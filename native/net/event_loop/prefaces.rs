//! Connections that wait for the header of their proxy, beside those that are served.

use mio::Token;
use mio::event::{Event, Source};

use super::EventLoop;
use crate::net::accepted::Accepted;
use crate::net::crossing::Crossing;
use crate::net::preface::{Ahead, Preface};
use crate::net::remote::Command;
use crate::net::stats::Counter;

/// A bit of their slots: they are counted apart from connections, and share the poll and the wheel.
const APART: u32 = 1 << 31;

/// A connection before its header, and which one it is.
#[derive(Debug)]
pub(super) struct Waiting {
    preface: Preface,
    generation: u32,
}

impl<C: Crossing> EventLoop<C> {
    /// Takes a connection of a server to which proxies tell whose it is.
    pub(super) fn adopt_proxied(&mut self, accepted: Accepted) {
        let Some(rule) = self.peers.proxies.clone() else {
            return self.serve(accepted);
        };
        if !rule.from.contains(&accepted.remote) {
            return match rule.required {
                true => self.refuse_preface(accepted),
                false => self.serve(accepted),
            };
        }
        self.generation = self.generation.wrapping_add(1);
        let generation = self.generation;
        let entry = self.prefaces.vacant_entry();
        let slot = entry.key() as u32;
        let mut preface = Preface::new(accepted);
        let token = Token((u64::from(generation) << 32 | u64::from(slot | APART)) as usize);
        let stream = &mut preface.accepted.stream;
        let interest = stream.interest();
        if stream
            .register(self.poll.registry(), token, interest)
            .is_err()
        {
            return self.forget_preface(preface.accepted);
        }
        if rule.timeout_ms > 0 {
            let (id, now) = ((slot | APART, generation), self.clock.patient_ms());
            self.wheel
                .arm(&mut preface.deadline, id, now, rule.timeout_ms);
        }
        entry.insert(Box::new(Waiting {
            preface,
            generation,
        }));
        self.advance_preface(slot);
    }

    /// An event that is meant for no connection that is served.
    pub(super) fn take_preface_event(&mut self, id: (u32, u32), event: &Event) {
        if let Some(slot) = self.find_preface(id) {
            match event.is_error() {
                true => self.end_preface(slot, Ahead::Gone),
                false => self.advance_preface(slot),
            }
        }
    }

    /// A deadline that is meant for no connection that is served.
    pub(super) fn fire_preface(&mut self, id: (u32, u32)) {
        if let Some(slot) = self.find_preface(id)
            && let Some(waiting) = self.prefaces.get_mut(slot as usize)
            && self.wheel.is_due(&mut waiting.preface.deadline, id)
        {
            self.end_preface(slot, Ahead::Refuse);
        }
    }

    /// Gives each of them a last turn, or none.
    pub(super) fn end_prefaces(&mut self, looks_again: bool) {
        let all: Vec<u32> = self.prefaces.iter().map(|(slot, _)| slot as u32).collect();
        for slot in all {
            if looks_again {
                self.advance_preface(slot);
            }
            self.end_preface(slot, Ahead::Gone);
        }
    }

    fn find_preface(&self, (index, generation): (u32, u32)) -> Option<u32> {
        let slot = index & !APART;
        let found = self.prefaces.get(slot as usize);
        let is_it = found.is_some_and(|waiting| waiting.generation == generation);
        (index & APART != 0 && is_it).then_some(slot)
    }

    fn advance_preface(&mut self, slot: u32) {
        let Some(waiting) = self.prefaces.get_mut(slot as usize) else {
            return;
        };
        match waiting.preface.advance() {
            // The server has no time left for it.
            Ahead::Wait if self.closing => self.end_preface(slot, Ahead::Gone),
            Ahead::Wait => {}
            ahead => self.end_preface(slot, ahead),
        }
    }

    /// It becomes a connection like any other, or none.
    fn end_preface(&mut self, slot: u32, ahead: Ahead) {
        let Some(waiting) = self.prefaces.try_remove(slot as usize) else {
            return;
        };
        let mut accepted = waiting.preface.accepted;
        // Registered anew under its own token; a failure shows there.
        let _ = accepted.stream.deregister(self.poll.registry());
        match ahead {
            Ahead::Serve => self.serve(accepted),
            Ahead::Refuse => self.refuse_preface(accepted),
            Ahead::Wait | Ahead::Gone => self.forget_preface(accepted),
        }
    }

    fn refuse_preface(&mut self, accepted: Accepted) {
        self.scratch.stats.add(Counter::Unproxied, 1);
        self.forget_preface(accepted);
    }

    fn forget_preface(&mut self, accepted: Accepted) {
        if let Some(ticket) = accepted.ticket {
            // It was good for a client, and this was none.
            self.peers.remotes[0].send(Command::Accept(ticket));
        }
        drop(accepted);
        self.closed();
    }
}
