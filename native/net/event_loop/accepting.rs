//! Who is accepted, and which thread gets them.

use super::EventLoop;
use crate::net::accept::{ACCEPT_BUDGET, LAST_BUDGET};
use crate::net::crossing::Crossing;
use crate::net::notice::{Notice, Parting};
use crate::net::remote::Command;
use crate::net::stats::Counter;

impl<C: Crossing> EventLoop<C> {
    /// Somebody wants one more client. Where there is no listener, or no more, it is told so.
    pub(super) fn ask(&mut self, ticket: u32) {
        let asked = self.acceptor.as_mut().ok_or(ticket);
        if let Err(ticket) = asked.and_then(|acceptor| acceptor.ask(ticket)) {
            self.crossing.notice(Notice::NotAccepted { ticket });
        }
    }

    /// Clients whom the kernel has accepted already are served, then the listener goes.
    pub(super) fn accept_the_rest(&mut self) {
        if let Some(acceptor) = &mut self.acceptor {
            acceptor.ready();
            self.accept_some(LAST_BUDGET);
            self.accept_no_more();
        }
    }

    /// The listener goes with those who are not accepted yet, and whoever waits for a client is told that there will
    /// be none.
    pub fn accept_no_more(&mut self) {
        let Some(mut acceptor) = self.acceptor.take() else {
            return;
        };
        acceptor.leave(self.poll.registry());
        for ticket in acceptor.unmet() {
            self.crossing.notice(Notice::NotAccepted { ticket });
        }
    }

    /// Tells whoever asked for a connection that it is there, ahead of its first request.
    pub(super) fn announce(&mut self, generation: u32, ticket: u32) {
        self.asked.insert(generation);
        self.crossing
            .notice(Notice::Accepted { ticket, generation });
    }

    /// Tells whoever listens that a client was accepted, ahead of its first request.
    pub(super) fn introduce(&mut self, index: u32) {
        if !self.peers.open.tells_connections() {
            return;
        }
        if let Some(connection) = self.connections.get_mut(index as usize) {
            self.crossing.notice(connection.introduce());
        }
    }

    /// The same of everybody who was accepted before somebody listened, at once.
    pub(super) fn introduce_all(&mut self) {
        for (_, connection) in &mut self.connections {
            if !connection.is_known() && !connection.has_left() {
                self.crossing.notice(connection.introduce());
            }
        }
        self.crossing.publish();
    }

    /// Tells whoever asked for a connection, or knows it, that it brings no more requests.
    pub(super) fn leave(&mut self, id: (u32, u32), is_known: bool, how: Parting) {
        let (index, generation) = id;
        let was_asked = !self.asked.is_empty() && self.asked.remove(&generation);
        if was_asked || is_known {
            // What was said of it comes before.
            for notice in self.scratch.notices.drain(..) {
                self.crossing.notice(notice);
            }
            self.crossing.notice(Notice::Left {
                index,
                generation,
                how,
            });
        }
    }

    pub(super) fn accept(&mut self) {
        self.accept_some(ACCEPT_BUDGET);
    }

    fn accept_some(&mut self, budget: usize) {
        let Some(acceptor) = &mut self.acceptor else {
            return;
        };
        if acceptor
            .rests_until()
            .is_some_and(|at| at <= self.clock.now_ms())
        {
            acceptor.resume(self.clock.now_ms(), self.poll.registry());
        }
        if !acceptor.is_ready() {
            return;
        }
        let mut accepted = std::mem::take(&mut self.accepted);
        acceptor.accept(
            self.clock.now_ms(),
            self.poll.registry(),
            budget,
            &mut accepted,
        );
        self.scratch.stats.set(Counter::Rests, acceptor.rests);
        for (remote, local) in acceptor.dropped.drain(..) {
            self.crossing.notice(Notice::Dropped { remote, local });
        }
        for connection in accepted.drain(..) {
            let peer = self.next_peer;
            self.next_peer = (peer + 1) % self.peers.remotes.len();
            if peer == self.peers.own {
                self.adopt(connection);
            } else {
                self.peers.remotes[peer].send(Command::Adopt(connection));
            }
        }
        self.accepted = accepted;
    }
}
