//! Thousands of connections on a simulated kernel, driven by one seed.
//!
//! What happens next is drawn: bytes arrive or leave in pieces, edges are delivered late, answers
//! come out of order, room for requests comes and goes, clients leave. After each step the rules
//! of `Peer` hold; in the end, when everything that can move has moved, nothing is lost.

use super::kernel::KernelSocket;
use super::peer::Peer;
use super::recorder::Recorder;
use super::rig::Bench;
use super::traffic::{End, Traffic};
use crate::http::tests::seeded::Seeded;
use crate::net::budget::Memory;
use crate::net::connection::Connection;
use crate::net::endpoint::Endpoint;
use crate::net::timer::Wheel;

const SLOTS: usize = 96;

/// What happened in one world.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) connections: u32,
    pub(super) requests: usize,
    pub(super) steps: u64,
    pub(super) starved: usize,
    pub(super) again: usize,
    pub(super) timed_out: usize,
}

/// One I/O thread, its clients, and the network between them.
pub(super) struct World {
    pub(super) seeded: Seeded,
    pub(super) bench: Bench,
    pub(super) recorder: Recorder,
    pub(super) peers: Vec<Option<Peer>>,
    pub(super) wheel: Wheel,
    pub(super) now: u64,
    pub(super) closing: bool,
    /// Only time passes any more.
    pub(super) is_over: bool,
    pub(super) tally: Tally,
}

#[test]
fn keeps_every_rule_over_thousands_of_connections() {
    let (mut connections, mut requests) = (0, 0);
    for seed in 0..24 {
        let tally = World::new(seed).run(250);
        eprintln!("seed {seed}: {tally:?}");
        connections += tally.connections;
        requests += tally.requests;
    }
    assert!(connections >= 6000 && requests > 15_000);
}

impl World {
    fn new(seed: u64) -> Self {
        let mut seeded = Seeded::new(seed);
        let mut bench = Bench::default();
        bench.config.max_pipelined = *seeded.pick(&[1, 2, 5, 16]);
        bench.config.max_unsent = *seeded.pick(&[1, 1000, 64 << 10]);
        bench.config.max_requests = *seeded.pick(&[0, 0, 5]);
        bench.config.max_buffered = *seeded.pick(&[256 << 20, 256 << 20, 20_000]);
        bench.config.linger_bytes = *seeded.pick(&[100, 256 << 10]);
        Self {
            seeded,
            bench,
            recorder: Recorder::default(),
            peers: (0..SLOTS).map(|_| None).collect(),
            wheel: Wheel::default(),
            now: 0,
            closing: false,
            is_over: false,
            tally: Tally::default(),
        }
    }

    fn run(mut self, connections: u32) -> Tally {
        while self.tally.connections < connections {
            self.step();
        }
        for _ in 0..20_000 {
            self.step();
        }
        if self.seeded.below(2) == 0 {
            self.close();
        }
        self.settle();
        for slot in 0..SLOTS {
            if let Some(peer) = &self.peers[slot] {
                peer.check_end(false, self.closing);
            }
        }
        self.time_out();
        self.tally
    }

    fn step(&mut self) {
        self.tally.steps += 1;
        self.now = self.tally.steps / 50;
        self.share_memory();
        let slot = self.seeded.below(SLOTS);
        if self.seeded.below(50) == 0 {
            self.recorder.room = *self.seeded.pick(&[0, 1, 20, usize::MAX]);
        }
        let Some(peer) = &mut self.peers[slot] else {
            return self.open(slot);
        };
        match self.seeded.below(8) {
            0 | 1 => {
                let most = *self.seeded.pick(&[1, 9, 200, 5000, 100_000]);
                let most = 1 + self.seeded.below(most);
                peer.send(most);
                if peer.sent == peer.traffic.bytes.len() && self.seeded.below(20) == 0 {
                    peer.leave();
                }
                if peer.traffic.end == End::Fin && self.seeded.below(200) == 0 {
                    peer.die();
                }
            }
            2 => {
                let most = *self.seeded.pick(&[1, 100, 100_000]);
                peer.connection.stream.leave(most, &mut peer.got);
            }
            3 | 4 => self.report(slot),
            5 | 6 => self.answer(slot),
            _ => self.advance_if(slot),
        }
    }

    fn open(&mut self, slot: usize) {
        self.tally.connections += 1;
        let number = self.tally.connections;
        let capacity = *self.seeded.pick(&[10, 1000, 60_000]);
        let interrupts = *self.seeded.pick(&[0, 0, 2, 7]);
        let traffic = Traffic::new(&mut self.seeded, number);
        let ends = (Endpoint::default(), Endpoint::default());
        let socket = KernelSocket::new(capacity, interrupts);
        let connection = Connection::new(socket, (slot as u32, number), ends);
        self.peers[slot] = Some(Peer::new(traffic, connection));
    }

    fn close(&mut self) {
        self.closing = true;
        for slot in 0..SLOTS {
            if let Some(peer) = &mut self.peers[slot] {
                peer.connection.ready(true, false, false);
                self.advance(slot);
            }
        }
    }

    /// Every phase of a connection ends in time.
    fn time_out(&mut self) {
        self.is_over = true;
        let mut fired = Vec::new();
        while let Some(sleep) = self.wheel.sleep(self.now) {
            self.now += sleep.as_millis() as u64;
            self.wheel.advance(self.now, &mut fired);
            for id in fired.drain(..) {
                self.fire(id);
            }
            self.settle();
        }
        assert!(
            self.peers.iter().all(Option::is_none),
            "some have no deadline"
        );
        let budget = &self.bench.scratch.open.budget;
        assert!(!budget.is_over(0), "{budget:?}");
    }

    /// Moves everything that can move.
    fn settle(&mut self) {
        self.recorder.room = usize::MAX;
        let mut moved = true;
        while moved {
            moved = self.rest();
            for slot in 0..SLOTS {
                let Some(peer) = &mut self.peers[slot] else {
                    continue;
                };
                let got = peer.got.len();
                peer.connection.stream.leave(usize::MAX, &mut peer.got);
                moved |= peer.got.len() > got || peer.send(usize::MAX);
                if peer.connection.stream.has_edges() {
                    moved = true;
                    self.report(slot);
                }
                if self.is_owed(slot) {
                    let reads = self.tally.again;
                    self.advance(slot);
                    moved |= !self.is_owed(slot) || self.tally.again > reads;
                }
                if self.peers[slot]
                    .as_ref()
                    .is_some_and(|peer| !peer.open().is_empty())
                {
                    moved = true;
                    self.answer(slot);
                }
            }
        }
    }

    /// Lets the next one go on that waits for memory, if there is one.
    fn share_memory(&mut self) -> bool {
        let budget = &self.bench.scratch.open.budget;
        let memory = match budget.is_over(self.bench.config.max_buffered) {
            false => Memory::Enough,
            true if self.recorder.room == 0 => Memory::Owed,
            true => Memory::Short,
        };
        let next = self.bench.scratch.right_of_way.look(self.now, memory);
        if let Some((slot, _)) = next {
            self.advance(slot as usize);
        }
        next.is_some()
    }

    /// Lets a while pass in which nobody reads.
    fn rest(&mut self) -> bool {
        let mut moved = false;
        for _ in 0..2 {
            moved |= self.share_memory();
            self.now += 250;
        }
        moved
    }

    /// Whether the loop would give it a turn of its own accord.
    fn is_owed(&self, slot: usize) -> bool {
        let peer = self.peers[slot].as_ref();
        peer.is_some_and(|peer| peer.again || peer.starved)
    }
}
