//! Many uploads of one thread when memory is short: who goes on, and what all of them take.

use super::recorder::Recorder;
use super::rig::Bench;
use super::script::Script;
use crate::net::budget::Memory;
use crate::net::connection::Connection;

const POST: &[u8] = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n";
const BODY: usize = 1 << 20;
/// Milliseconds between two looks of the loop.
const STEP: u64 = 10;

/// Connections of one thread, and what its loop does for them.
struct Crowd {
    bench: Bench,
    all: Vec<Connection<Script>>,
    recorder: Recorder,
    given_up: usize,
    now: u64,
}

impl Crowd {
    /// Those who have sent so many bytes of a body each.
    fn new(sent: &[usize]) -> Self {
        let mut bench = Bench::default();
        bench.config.max_buffered = BODY;
        let connection = |(index, sent): (usize, &usize)| {
            let bytes = [POST, &vec![b'x'; *sent]].concat();
            let script = Script::new([&bytes[..]]);
            Connection::new(script, (index as u32, 1), Default::default())
        };
        Self {
            bench,
            all: sent.iter().enumerate().map(connection).collect(),
            recorder: Recorder::default(),
            given_up: 0,
            now: 0,
        }
    }

    fn send(&mut self, index: usize, bytes: &[u8]) {
        let more = Script::new([bytes]).reads;
        self.all[index].stream.reads.extend(more);
    }

    fn step(&mut self) {
        for index in 0..self.all.len() {
            let connection = &mut self.all[index];
            let is_readable = connection.stream.is_readable();
            connection.ready(is_readable, true, false);
            if !self.bench.scratch.right_of_way.is_waiting(connection.id()) {
                self.advance(index);
            }
        }
        while let Some(id) = self.next() {
            self.advance(id.0 as usize);
        }
        let max = self.bench.config.max_buffered;
        while self.bench.scratch.open.budget.is_far_over(max)
            && let Some(id) = self.bench.scratch.right_of_way.give_up()
        {
            self.given_up += 1;
            self.all[id.0 as usize].give_up(503, &mut self.recorder);
            self.advance(id.0 as usize);
        }
        self.now += STEP;
    }

    fn next(&mut self) -> Option<(u32, u32)> {
        let max = self.bench.config.max_buffered;
        let memory = match self.bench.scratch.open.budget.is_over(max) {
            true => Memory::Short,
            false => Memory::Enough,
        };
        self.bench.scratch.right_of_way.look(self.now, memory)
    }

    fn advance(&mut self, index: usize) {
        let mut turn = self.bench.turn(&mut self.recorder, false);
        self.all[index].advance(&mut turn);
    }

    fn held(&self) -> usize {
        self.all.iter().map(|connection| connection.held).sum()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        for connection in &mut self.all {
            connection.release(&mut self.bench.scratch);
        }
        assert!(!self.bench.scratch.open.budget.is_over(0));
        assert!(!self.bench.scratch.right_of_way.has_waiting());
    }
}

#[test]
fn uploads_wait_for_no_crowd_that_trickles() {
    let mut crowd = Crowd::new(&[&[9000; 300][..], &[BODY]].concat());
    while crowd.recorder.taken.is_empty() {
        if crowd.now.is_multiple_of(1000) && crowd.now > 0 {
            for index in 0..300 {
                crowd.send(index, b"xxxx");
            }
        }
        crowd.step();
        assert!(crowd.now < 10_000, "it waits for ever");
    }
    assert_eq!(crowd.recorder.taken[0].seen.body.len(), BODY);
}

#[test]
fn uploads_that_are_whole_are_finished_one_after_the_other() {
    let mut crowd = Crowd::new(&[BODY; 60]);
    let mut most = 0;
    while crowd.recorder.taken.len() < 60 {
        crowd.step();
        most = most.max(crowd.held());
        assert!(crowd.now < 60_000, "it waits for ever");
    }
    assert_eq!(crowd.given_up, 0);
    assert!(most < 8 * BODY, "{most}");
}

#[test]
fn what_never_ends_takes_no_more_than_the_limit_and_its_slack() {
    let mut crowd = Crowd::new(&[BODY - 1; 200]);
    let mut most = 0;
    while crowd.all.iter().any(|one| one.stream.is_readable()) {
        crowd.step();
        most = most.max(crowd.held());
        assert!(crowd.now < 600_000, "it waits for ever");
    }
    // 12 KiB of each go on freely, and one has the right of way.
    assert!(most < 5 * BODY + 200 * (12 << 10) + 2 * BODY, "{most}");
    assert!(crowd.given_up > 100);
}
