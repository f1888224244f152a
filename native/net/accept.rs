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
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use mio::{Registry, Token};

use crate::net::accepted::Accepted;
use crate::net::budget::Budget;
use crate::net::endpoint::Endpoint;
use crate::net::health::Health;
use crate::net::inherited::Held;
use crate::net::listener::Listener;
use crate::net::platform::{is_exhausted, spare_descriptor};

/// Accepts of one turn of the loop, so that live connections are served in between.
const ACCEPT_BUDGET: usize = 64;
/// How long the listener rests when descriptors have run out, in milliseconds.
const REST_MS: u64 = 100;

/// How a server ends: it is emptied, and closes.
const DRAINING: u8 = 1;
const CLOSING: u8 = 2;

/// What all threads of a server know about each other's connections.
#[derive(Debug, Default)]
pub struct Open {
    count: AtomicUsize,
    /// Connections above which nobody is let in; 0 stands for no such number, and all others for one less.
    most: AtomicUsize,
    waiting: AtomicBool,
    ending: AtomicU8,
    last_call: AtomicBool,
    is_shared: AtomicBool,
    tunnels: AtomicBool,
    upgrades: AtomicU8,
    tells_connections: AtomicBool,
    tells_refusals: AtomicBool,
    continues: AtomicBool,
    expectations: AtomicBool,
    on_demand: AtomicBool,
    /// What is told to those who watch over the server.
    pub health: Health,
    /// Memory for unfinished requests.
    pub budget: Budget,
}

/// Requests with Upgrade that may become something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrades {
    /// None: all are ordinary requests.
    None,
    /// Those that offer `websocket`.
    WebSockets,
    /// All of them, if JavaScript says so.
    All,
}

impl Open {
    /// The server closes: whatever is answered from now on is the last of its connection. Known
    /// at once, where the command takes its way through the threads.
    pub fn set_closing(&self) {
        self.ending.fetch_max(CLOSING, Ordering::AcqRel);
    }

    /// Whether the server closes.
    pub fn is_closing(&self) -> bool {
        self.ending.load(Ordering::Acquire) == CLOSING
    }

    /// The server is emptied: the same of its answers.
    pub fn set_draining(&self) {
        self.ending.fetch_max(DRAINING, Ordering::AcqRel);
    }

    /// Whether it closes or is emptied.
    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire) != 0
    }

    /// Every connection is dealt out: from here on threads need not hear of anything by way of the
    /// first one, which may be gone.
    pub fn set_last_call(&self) {
        self.last_call.store(true, Ordering::Release);
    }

    /// Whether that is so.
    pub fn is_last_call(&self) -> bool {
        self.last_call.load(Ordering::Acquire)
    }

    /// The listening socket was given to somebody else, who may go on with it.
    pub fn share_listener(&self) {
        self.is_shared.store(true, Ordering::Release);
    }

    /// Says whether somebody waits for CONNECT.
    pub fn set_tunnels(&self, serves: bool) {
        self.tunnels.store(serves, Ordering::Relaxed);
    }

    /// Whether CONNECT is served.
    pub fn serves_tunnels(&self) -> bool {
        self.tunnels.load(Ordering::Relaxed)
    }

    /// Says which requests with Upgrade somebody waits for.
    pub fn set_upgrades(&self, upgrades: Upgrades) {
        self.upgrades.store(upgrades as u8, Ordering::Relaxed);
    }

    /// Which of them may become something else.
    pub fn upgrades(&self) -> Upgrades {
        match self.upgrades.load(Ordering::Relaxed) {
            0 => Upgrades::None,
            1 => Upgrades::WebSockets,
            _ => Upgrades::All,
        }
    }

    /// Says whether somebody wants to hear of everybody who is accepted.
    pub fn set_connections(&self, tells: bool) {
        self.tells_connections.store(tells, Ordering::Relaxed);
    }

    /// Whether everybody who is accepted is told of.
    pub fn tells_connections(&self) -> bool {
        self.tells_connections.load(Ordering::Relaxed)
    }

    /// Says whether JavaScript answers requests that are refused.
    pub fn set_refusals(&self, tells: bool) {
        self.tells_refusals.store(tells, Ordering::Relaxed);
    }

    /// Whether it does.
    pub fn tells_refusals(&self) -> bool {
        self.tells_refusals.load(Ordering::Relaxed)
    }

    /// Says whether JavaScript sends the 100 that a client waits for.
    pub fn set_continues(&self, serves: bool) {
        self.continues.store(serves, Ordering::Relaxed);
    }

    /// Whether it does, so that nobody else may.
    pub fn serves_continues(&self) -> bool {
        self.continues.load(Ordering::Relaxed)
    }

    /// Says whether somebody meets other expectations than `100-continue`.
    pub fn set_expectations(&self, serves: bool) {
        self.expectations.store(serves, Ordering::Relaxed);
    }

    /// Whether somebody does; they are 417 otherwise.
    pub fn serves_expectations(&self) -> bool {
        self.expectations.load(Ordering::Relaxed)
    }

    /// From the start nobody is accepted without a ticket.
    pub fn accept_on_demand(&self) {
        self.on_demand.store(true, Ordering::Relaxed);
    }

    /// Open connections of the server.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// From so many connections on further clients are dropped; `None`: never.
    pub fn set_most(&self, most: Option<usize>) {
        let most = most.map_or(0, |most| most.saturating_add(1));
        self.most.store(most, Ordering::Relaxed);
    }

    /// Whether there are so many.
    fn is_full(&self) -> bool {
        let most = self.most.load(Ordering::Relaxed);
        most != 0 && self.count() + 1 >= most
    }

    /// Counts one connection more.
    pub fn opened(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one connection as closed. `true`: the listener waits for that and must be told.
    pub fn closed(&self) -> bool {
        self.count.fetch_sub(1, Ordering::Relaxed);
        self.waiting.swap(false, Ordering::AcqRel)
    }
}

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
        let tickets = open.on_demand.load(Ordering::Relaxed).then(VecDeque::new);
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

    /// Accepts who waits, at most one budget of them, or all of them for the last time.
    pub fn accept(
        &mut self,
        now_ms: u64,
        registry: &Registry,
        all: bool,
        accepted: &mut Vec<Accepted>,
    ) {
        let mut faults = 0;
        while self.is_ready() && (all || accepted.len() + self.dropped.len() < ACCEPT_BUDGET) {
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
        if self.open.is_shared.load(Ordering::Acquire) {
            self.listener.leave_path();
        }
    }

    fn rest(&mut self, now_ms: u64, registry: &Registry) {
        // A listener that stays in the poll only costs wake-ups.
        let _ = self.listener.deregister(registry);
        self.rests_until = Some(now_ms + REST_MS);
        self.rests += 1;
        self.open.waiting.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
