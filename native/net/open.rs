//! What all threads of one server know: how many are connected, how it ends, and what JavaScript wants to hear.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use crate::net::budget::Budget;
use crate::net::health::Health;

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

    /// Whether it was.
    pub fn shares_listener(&self) -> bool {
        self.is_shared.load(Ordering::Acquire)
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

    /// Whether that is so.
    pub fn accepts_on_demand(&self) -> bool {
        self.on_demand.load(Ordering::Relaxed)
    }

    /// The listener rests until a connection closes, which `closed` says.
    pub fn wait_for_room(&self) {
        self.waiting.store(true, Ordering::Release);
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
    pub fn is_full(&self) -> bool {
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
