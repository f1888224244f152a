//! Bodies made of requests, against answers of every kind at every time: what runs is what was
//! sent as a request, in its order, and nothing of a body ever does.

use std::collections::VecDeque;

use super::answering::{Answering, MANNERS};
use super::kernel::KernelSocket;
use super::parts;
use super::recorder::Recorder;
use super::rig::{Bench, Order, Rig, ok};
use super::script::Script;
use super::sender::{Sender, Upload};
use super::uploads::streaming;
use crate::http::tests::seeded::Seeded;
use crate::net::answer::{Part, StreamHead};
use crate::net::connection::{After, Connection};
use crate::net::endpoint::Endpoint;

/// What came of the worlds of a run.
#[derive(Debug, Default)]
struct Tally {
    sent: usize,
    ran: usize,
    went_on: usize,
    by_manner: [usize; MANNERS.len()],
}

#[test]
fn nothing_of_a_body_runs() {
    let mut tally = Tally::default();
    for seed in 0..3000 {
        World::new(seed).run(&mut tally);
    }
    eprintln!("{tally:?}");
    assert!(tally.ran > 4000 && tally.ran < tally.sent && tally.went_on > 500);
    assert!(tally.by_manner.iter().all(|&count| count > 100));
}

const HEAD: &[u8] = b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const GET: &[u8] = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn behind_the_decision_to_end_nothing_is_parsed() {
    let begun: [(&str, &[u8]); 4] = [
        ("more than is dropped", b"fffff\r\n"),
        ("no chunk", b"no chunk\r\n"),
        ("no end of a chunk", b"3\r\nabcxx"),
        ("no trailer", b"0\r\nA : b\r\n"),
    ];
    let behind: [&[u8]; 4] = [b"", b"\r\n", b"0\r\n\r\n", b"\r\n0\r\n\r\n"];
    for (what, first) in begun {
        for second in behind {
            let mut bench = streaming();
            bench.config.linger_bytes = 100;
            let mut rig = Rig::new(&mut bench, Script::new([HEAD]));
            rig.run(Order::Never);
            rig.answer(rig.tokens()[0], ok(b"early"));
            // As much as is read at a time, so that the same turn goes on reading.
            let first = [first, &vec![b'x'; (8 << 10) - first.len()]].concat();
            let second = [second, GET].concat();
            rig.connection.stream.reads = Script::new([&first[..], &second]).reads;
            rig.run(Order::Never);
            assert_eq!(rig.tokens().len(), 1, "{what}");
            assert!(rig.connection.stream.is_shut, "{what}");
        }
    }
}

#[test]
fn who_waits_for_a_100_in_vain_does_not_go_on() {
    let (finals, chunks) = (
        [200, 204, 205, 304],
        ["Content-Length: 60", "Transfer-Encoding: chunked"],
    );
    for (method, status, framing) in ["HEAD", "PUT"].into_iter().flat_map(|method| {
        finals
            .into_iter()
            .flat_map(move |status| chunks.map(|framing| (method, status, framing)))
    }) {
        let what = format!("{method} {status} {framing}");
        let mut bench = streaming();
        let head =
            format!("{method} / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n{framing}\r\n\r\n");
        let mut rig = Rig::new(&mut bench, Script::new([head.as_bytes()]));
        rig.run(Order::Never);
        let token = rig.tokens()[0];
        let opened = StreamHead {
            status,
            ..parts::head()
        };
        rig.answer(token, parts::open(opened));
        // Too late for a 100, which does not make the client send it.
        rig.answer(token, parts::step(Part::Pull(1)));
        rig.answer(token, parts::step(Part::End));
        rig.connection.stream.reads = Script::new([GET]).reads;
        rig.run(Order::Never);
        assert_eq!(rig.tokens().len(), 1, "{what}");
        assert!(rig.connection.stream.is_shut, "{what}");
        let says =
            String::from_utf8_lossy(&rig.connection.stream.written).contains("Connection: close");
        // The head of a body says what is known when it is sent.
        assert!(says || (method, status) == ("PUT", 200), "{what}");
    }
}

struct World {
    seed: u64,
    seeded: Seeded,
    bench: Bench,
    recorder: Recorder,
    connection: Connection<KernelSocket>,
    sender: Sender,
    got: Vec<u8>,
    handlers: VecDeque<Answering>,
    ran: usize,
    is_closed: bool,
    piece: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut seeded = Seeded::new(seed);
        let mut bench = Bench::default();
        bench.config.stream_bodies = seeded.below(4) > 0;
        bench.config.linger_bytes = *seeded.pick(&[100, 10_000, 256 << 10, 256 << 10]);
        bench.config.limits.body_size = *seeded.pick(&[2 << 20, 2 << 20, 50_000]);
        let uploads = (0..1 + seeded.below(4)).map(|number| Upload::new(&mut seeded, number));
        let sender = Sender::new(uploads.collect());
        let piece = *seeded.pick(&[7, 300, 9000, 70_000, 2 << 20]);
        let socket = KernelSocket::new(1 << 20, *seeded.pick(&[0, 0, 3]));
        let ends = (Endpoint::default(), Endpoint::default());
        Self {
            seed,
            seeded,
            bench,
            recorder: Recorder::default(),
            connection: Connection::new(socket, (0, 1), ends),
            sender,
            got: Vec::new(),
            handlers: VecDeque::new(),
            ran: 0,
            is_closed: false,
            piece,
        }
    }

    fn run(mut self, tally: &mut Tally) {
        let mut idle = 0;
        while idle < 40 && !self.is_closed {
            let moved = match self.seeded.below(3) {
                0 => self.send(),
                1 => self.answer(tally),
                _ => self.turn(),
            };
            idle = if moved { 0 } else { idle + 1 };
        }
        self.check_end(tally);
        self.connection.release(&mut self.bench.scratch);
    }

    fn send(&mut self) -> bool {
        let most = 1 + self.seeded.below(self.piece);
        let bytes = self.sender.next(&self.got, most);
        self.connection.stream.arrive(bytes);
        !bytes.is_empty()
    }

    fn turn(&mut self) -> bool {
        let taken = self.connection.stream.taken;
        let edges = self.connection.stream.take_edges();
        self.connection
            .ready(edges.readable, edges.writable, edges.peer_closing);
        let mut turn = self.bench.turn(&mut self.recorder, false);
        let after = self.connection.advance(&mut turn);
        self.bench.scratch.notices.clear();
        self.is_closed = after == After::Close;
        self.take_handlers();
        let before = self.got.len();
        self.connection.stream.leave(usize::MAX, &mut self.got);
        self.got.len() > before || self.connection.stream.taken > taken || after == After::Again
    }

    /// Every request that arrives is the next one that was sent, and was sent whole as far as the
    /// server can know.
    fn take_handlers(&mut self) {
        for taken in self.recorder.taken.drain(..) {
            let target = String::from_utf8_lossy(&taken.seen.target).into_owned();
            assert_eq!(target, format!("/{}", self.ran), "seed {}", self.seed);
            let upload = &self.sender.uploads[self.ran];
            let is_whole = self.bench.config.stream_bodies || upload.is_good;
            assert!(is_whole, "seed {}: half of {target} ran", self.seed);
            let before = &self.sender.uploads[..self.ran];
            let is_behind = before.iter().any(|before| !before.is_good);
            assert!(!is_behind, "seed {}: {target} is behind", self.seed);
            self.ran += 1;
            let answering = Answering::new(&mut self.seeded, taken.token);
            self.handlers.push_back(answering);
        }
    }

    fn answer(&mut self, tally: &mut Tally) -> bool {
        if self.handlers.is_empty() {
            return false;
        }
        let which = self.seeded.below(self.handlers.len());
        let mut deliver = ();
        let mut turn = self.bench.turn(&mut deliver, false);
        let Some(handler) = self.handlers.get_mut(which) else {
            return false;
        };
        let has_more = handler.step(&mut self.seeded, |token, answer| {
            self.connection.answer(token, answer, &mut turn);
        });
        if !has_more {
            tally.by_manner[handler.manner] += 1;
            self.handlers.remove(which);
        }
        true
    }

    /// Nothing moves any more: a connection that goes on has lost nothing that was sent to it.
    fn check_end(&self, tally: &mut Tally) {
        tally.sent += self.sender.begun();
        tally.ran += self.ran;
        let is_over = self.is_closed || self.connection.stream.is_shut;
        if !is_over && self.sender.is_done() && self.handlers.is_empty() {
            tally.went_on += 1;
            let (ran, sent) = (self.ran, self.sender.uploads.len());
            assert_eq!(
                ran, sent,
                "seed {}: one was swallowed: {:?}",
                self.seed, self.connection
            );
        }
    }
}
