//! Accepting: one listener, many threads, and descriptors that may run out.
//!
//! An error here is never fatal and never spins. When no descriptor is left the listener leaves
//! the poll, so that nobody is lost: clients wait in the kernel's queue. It comes back after 100 ms
//! or when a connection closes. One descriptor is kept in reserve and spent on one more client,
//! so that the server answers even when the rest of the process holds all others.
//!
//! A server may also accept on demand: then each ticket is good for one client, and without one
//! nobody is accepted. The listener stays in the poll meanwhile; an edge that is not followed up
//! costs one wake-up.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::sync::Arc;

use mio::{Registry, Token};

use crate::net::accepted::Accepted;
use crate::net::endpoint::Endpoint;
use crate::net::inherited::Held;
use crate::net::listener::Listener;
use crate::net::open::Open;
use crate::net::platform::{is_exhausted, spare_descriptor};

/// Accepts of one turn of the loop, so that live connections are served in between.
pub const ACCEPT_BUDGET: usize = 64;
/// The same for the last time: as many as may wait in the kernel's queue where nobody has set another length. Those
/// who come meanwhile may come as fast as they are accepted, and everybody else waits.
pub const LAST_BUDGET: usize = 4096;
/// How long the listener rests when descriptors have run out, in milliseconds.
const REST_MS: u64 = 100;

/// The listener and its state; lives on thread 0.
#[derive(Debug)]
pub struct Acceptor {
    listener: Listener,
    /// Dropped behind it.
    _held: Held,
    open: Arc<Open>,
    max_open: usize,
    reserve: Option<File>,
    token: Token,
    is_readable: bool,
    rests_until: Option<u64>,
    /// Tickets of a server that accepts on demand, in the order in which they are met.
    tickets: Option<VecDeque<u32>>,
    /// The ends of those who were dropped, the client's and ours, until that is told.
    pub dropped: Vec<(Endpoint, Endpoint)>,
    /// How often it had to rest.
    pub rests: u64,
}

impl Acceptor {
    /// Takes over a listener, which is put into the poll under `token`.
    pub fn new(
        mut listener: Listener,
        open: Arc<Open>,
        max_open: usize,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        listener.register(registry, token)?;
        let reserve = spare_descriptor();
        let tickets = open.accepts_on_demand().then(VecDeque::new);
        Ok(Self {
            _held: Held::new(listener.number()),
            listener,
            open,
            max_open,
            reserve,
            token,
            is_readable: false,
            rests_until: None,
            tickets,
            dropped: Vec::new(),
            rests: 0,
        })
    }

    /// The poll says that someone is waiting.
    pub fn ready(&mut self) {
        self.is_readable = true;
    }

    /// Whether there is something to do at once.
    pub fn is_ready(&self) -> bool {
        let may_accept = self.tickets.as_ref().is_none_or(|left| !left.is_empty());
        self.is_readable && self.rests_until.is_none() && may_accept
    }

    /// One more client may be accepted. Fails where everybody is.
    pub fn ask(&mut self, ticket: u32) -> Result<(), u32> {
        let tickets = self.tickets.as_mut().ok_or(ticket)?;
        tickets.push_back(ticket);
        Ok(())
    }

    /// The tickets that are not met.
    pub fn unmet(&mut self) -> impl Iterator<Item = u32> {
        self.tickets.take().into_iter().flatten()
    }

    /// When a resting listener comes back, in the loop's milliseconds.
    pub fn rests_until(&self) -> Option<u64> {
        self.rests_until
    }

    /// A connection was closed, or the time is over: back into the poll.
    pub fn resume(&mut self, now_ms: u64, registry: &Registry) {
        if self.rests_until.take().is_some() {
            if self.reserve.is_none() {
                self.reserve = spare_descriptor();
            }
            // Registering reports at once whoever waits already. It fails when the kernel has no
            // memory or no watch left; outside the poll nobody would ever be heard of again.
            match self.listener.register(registry, self.token) {
                Ok(()) => self.is_readable = true,
                Err(_) => self.rest(now_ms, registry),
            }
        }
    }

    /// Accepts who waits, at most so many of them.
    pub fn accept(
        &mut self,
        now_ms: u64,
        registry: &Registry,
        budget: usize,
        accepted: &mut Vec<Accepted>,
    ) {
        let mut faults = 0;
        while self.is_ready() && accepted.len() + self.dropped.len() < budget {
            if self.open.count() >= self.max_open {
                return self.rest(now_ms, registry);
            }
            match self.listener.accept() {
                Ok((_, remote, local)) if self.open.is_full() => self.dropped.push((remote, local)),
                Ok((stream, remote, local)) => {
                    self.open.opened();
                    let ticket = self.tickets.as_mut().and_then(VecDeque::pop_front);
                    accepted.push(Accepted {
                        stream,
                        remote,
                        local,
                        ticket,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.is_readable = false,
                Err(error) if is_exhausted(&error) => {
                    if self.reserve.take().is_none() {
                        return self.rest(now_ms, registry);
                    }
                }
                // The client's fault, or the network's: the next one may be fine.
                Err(_) if faults < ACCEPT_BUDGET => faults += 1,
                // But an error that stays must not keep the thread.
                Err(_) => return self.rest(now_ms, registry),
            }
        }
    }

    /// Out of the poll: somebody else may have the listening socket, and then it is not closed.
    pub fn leave(&mut self, registry: &Registry) {
        // One that rests is out of it already.
        let _ = self.listener.deregister(registry);
        if self.open.shares_listener() {
            self.listener.leave_path();
        }
    }

    fn rest(&mut self, now_ms: u64, registry: &Registry) {
        // A listener that stays in the poll only costs wake-ups.
        let _ = self.listener.deregister(registry);
        self.rests_until = Some(now_ms + REST_MS);
        self.rests += 1;
        self.open.wait_for_room();
    }
}

#[cfg(test)]
mod tests;
