//! Who is accepted, and which thread gets them.

use super::EventLoop;
use crate::net::crossing::Crossing;
use crate::net::remote::Command;
use crate::net::stats::Counter;

impl<C: Crossing> EventLoop<C> {
    pub(super) fn accept(&mut self) {
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
            self.closing,
            &mut accepted,
        );
        self.scratch.stats.set(Counter::Rests, acceptor.rests);
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
