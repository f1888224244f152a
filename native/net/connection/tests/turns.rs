//! What the loop does with a connection of the simulation, and what must hold after each turn.

use super::peer::Given;
use super::rig::{DATE, ok};
use super::simulation::World;
use crate::http::tests::seeded::Seeded;
use crate::net::answer::{Answer, AnswerBody};
use crate::net::connection::{After, Overdue};
use crate::net::notice::Notice;

impl World {
    /// The poll reports what changed.
    pub(super) fn report(&mut self, slot: usize) {
        let Some(peer) = &mut self.peers[slot] else {
            return;
        };
        let edges = peer.connection.stream.take_edges();
        // The loop drops a connection on an error event, unless a call has found out before.
        if edges.error && self.seeded.below(2) == 0 {
            return self.drop_peer(slot);
        }
        if edges.error {
            peer.connection.stream.arrive_reset();
        }
        peer.connection
            .ready(edges.readable, edges.writable, edges.peer_closing);
        self.advance(slot);
    }

    /// A turn that the loop owes, or one for nothing.
    pub(super) fn advance_if(&mut self, slot: usize) {
        let Some(peer) = &mut self.peers[slot] else {
            return;
        };
        if peer.again || (peer.starved && self.recorder.room > 0) || self.seeded.below(8) == 0 {
            self.advance(slot);
        }
    }

    pub(super) fn advance(&mut self, slot: usize) {
        let Some(peer) = &mut self.peers[slot] else {
            return;
        };
        let socket = &peer.connection.stream;
        let is_stopped =
            socket.is_full() && peer.connection.unsent() > self.bench.config.max_unsent as u64;
        let taken = socket.taken;
        (peer.again, peer.starved) = (false, false);
        let lingers = peer.connection.is_lingering();
        let after = peer
            .connection
            .advance(&mut self.bench.turn(&mut self.recorder, self.closing));
        let taken = peer.connection.stream.taken - taken;
        assert!(
            !is_stopped || lingers || taken == 0,
            "read with too much unsent"
        );
        for taken in self.recorder.taken.drain(..) {
            self.tally.requests += 1;
            peer.deliver(&taken, &self.bench.config);
        }
        peer.check_counts(&self.bench.config);
        if after != After::Close {
            let (config, now) = (&self.bench.config, self.now);
            peer.connection
                .keep_time(after, config, now, &mut self.wheel);
        }
        match after {
            After::Wait => {}
            After::Again => {
                self.tally.again += 1;
                peer.again = true;
            }
            After::Starved => {
                let is_short = self.bench.config.max_buffered < 1 << 20;
                assert!(self.recorder.room == 0 || is_short);
                self.tally.starved += 1;
                peer.starved = true;
            }
            After::Free => unreachable!("nobody takes a connection over"),
            After::Close => {
                // A close with bytes unread is a reset, which overtakes what is not yet received.
                let has_lingered = peer.connection.is_lingering();
                let socket = &peer.connection.stream;
                assert!(has_lingered || socket.is_read() || socket.is_sent());
                return self.drop_peer(slot);
            }
        }
        self.note(slot);
    }

    /// The wheel says that a connection may be due.
    pub(super) fn fire(&mut self, id: (u32, u32)) {
        let slot = id.0 as usize;
        let peer = self.peers[slot].as_mut();
        let Some(peer) = peer.filter(|peer| peer.connection.id() == id) else {
            return;
        };
        if !self.wheel.is_due(&mut peer.connection.deadline, id) {
            return;
        }
        let (config, now) = (&self.bench.config, self.now);
        match peer.connection.overdue(config, now, 0, &mut self.wheel) {
            Overdue::Wait | Overdue::Probe => {}
            Overdue::Reply => self.advance(slot),
            Overdue::Close => self.drop_peer(slot),
            Overdue::Refuse(status) => {
                self.tally.timed_out += 1;
                peer.connection.gone(&mut self.recorder);
                peer.connection.give_up(status, &mut self.recorder);
                self.advance(slot);
            }
        }
    }

    /// Gives an answer to one of the unanswered requests, or now and then a second one.
    pub(super) fn answer(&mut self, slot: usize) {
        let Some(peer) = &mut self.peers[slot] else {
            return;
        };
        let open = peer.open();
        let is_second = !peer.requests.is_empty() && self.seeded.below(20) == 0;
        let number = match (is_second, open.is_empty()) {
            (true, _) => self.seeded.below(peer.requests.len()),
            (false, false) => *self.seeded.pick(&open),
            (false, true) => return,
        };
        let extra = *self.seeded.pick(&[0, 0, 100, 5000, 80_000]);
        let mut body = format!("{slot} {number} ").into_bytes();
        body.resize(body.len() + extra, b'.');
        let (answer, mut given) = draw(&mut self.seeded, &body);
        let token = peer.requests[number].token;
        let mut deliver = ();
        let mut turn = self.bench.turn(&mut deliver, self.closing);
        peer.connection.answer(token, answer, &mut turn);
        given.body = if given.status == 500 {
            FAILED.to_vec()
        } else {
            body
        };
        peer.requests[number].given.get_or_insert(given);
        peer.check_counts(&self.bench.config);
        self.bench.scratch.notices.clear();
        self.advance(slot);
    }

    pub(super) fn drop_peer(&mut self, slot: usize) {
        let Some(mut peer) = self.peers[slot].take() else {
            return;
        };
        peer.connection.gone(&mut self.recorder);
        peer.connection.release(&mut self.bench.scratch);
        peer.connection.stream.leave(usize::MAX, &mut peer.got);
        self.peers[slot] = Some(peer);
        self.note(slot);
        if let Some(peer) = self.peers[slot].take() {
            peer.check_aborted();
            if self.is_over {
                peer.check_timed_out(self.closing);
            } else {
                peer.check_end(true, self.closing);
            }
        }
    }

    fn note(&mut self, slot: usize) {
        let Some(peer) = &mut self.peers[slot] else {
            return;
        };
        for notice in self.recorder.notices.drain(..) {
            match notice {
                Notice::Abort {
                    index,
                    generation,
                    first,
                    count,
                } => {
                    assert_eq!((index, generation), peer.connection.id());
                    peer.abort(first, count);
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

const FAILED: &[u8] = b"Internal Server Error";

/// An answer of any kind, and what the client should see of it.
fn draw<'a>(seeded: &mut Seeded, body: &'a [u8]) -> (Answer<'a>, Given) {
    let mut given = Given {
        status: 200,
        body: Vec::new(),
        close: false,
    };
    let raw = || {
        let date = std::str::from_utf8(DATE).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let mut answer = ok(body);
    match seeded.below(30) {
        0 => {
            given.status = 500;
            answer = Answer::Raw {
                body: AnswerBody::Borrowed(b"not HTTP"),
                close: false,
            };
        }
        1 => {
            given.close = seeded.below(2) == 0;
            answer = Answer::Raw {
                body: AnswerBody::Owned(Box::new(raw())),
                close: given.close,
            };
        }
        2 => {
            if let Answer::Encoded { close, .. } = &mut answer {
                (*close, given.close) = (true, true);
            }
        }
        3..10 => answer = answer.into_owned(),
        _ => {}
    }
    (answer, given)
}
