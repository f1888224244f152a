//! Requests of all sizes up and answers down between two real threads, through chunks and a ring
//! that are always full, with nobody to wake them but each other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;
use std::time::Duration;

use super::lane::Lane;
use crate::bridge::batch::tests::reader::{Reader, Record};
use crate::bridge::batch::tests::sample::{Sample, sample};
use crate::bridge::crossing::SharedCrossing;
use crate::bridge::handshake::{Word, must_wake};
use crate::bridge::mail::MailBox;
use crate::bridge::memory::Words;
use crate::bridge::ring::control;
use crate::bridge::ring::tests::writer::{Down, Writer};
use crate::http::tests::seeded::Seeded;
use crate::net::crossing::{Crossing, Deliver};

const REQUESTS: u32 = 200_000;
/// Without an answer for so long both sides hang.
const DEADLINE: Duration = Duration::from_secs(60);

/// The n-th request.
fn request(number: u32) -> Sample {
    let mut seeded = Seeded::new(u64::from(number));
    let most = *seeded.pick(&[1, 30, 300, 300, 3000]);
    let size = seeded.below(most);
    let mut sample = sample(&mut seeded, size);
    sample.token.index = number;
    sample
}

/// The answer to the n-th request.
fn answer(number: u32) -> Down {
    let mut seeded = Seeded::new(!u64::from(number));
    let size = seeded.below(200);
    let mut down = Down::new(&mut seeded, size);
    down.token.index = number;
    down
}

/// The thread's side: at most 64 requests are unanswered, and answers come in any order.
fn io_thread<F: FnMut()>(mut crossing: SharedCrossing<F>) {
    let (mut sent, mut answered) = (0, 0);
    while answered < REQUESTS {
        let taken = crossing.answers(&mut |token, found| {
            assert_eq!(Down::of(token, &found), answer(token.index));
            answered += 1;
        });
        taken.unwrap();
        while sent < REQUESTS && sent - answered < 64 && crossing.has_room() {
            crossing.request(request(sent).request(sent.is_multiple_of(3)));
            sent += 1;
        }
        crossing.publish();
        if answered < REQUESTS && crossing.before_sleep().is_some() {
            while crossing.words.at(control::SLEEPING).get() == 1 {
                std::thread::park();
            }
        }
        crossing.after_sleep();
    }
}

/// JavaScript's side.
struct Script {
    reader: Reader,
    writer: Writer,
    words: Words,
    scheduled: Words,
    mail: Arc<MailBox>,
    io: Thread,
    handled: u32,
    late: Vec<u32>,
    mailed: u32,
}

impl Script {
    fn run(&mut self, is_called: &AtomicBool) {
        while self.handled < REQUESTS {
            while !is_called.swap(false, Ordering::AcqRel) {
                std::thread::park();
            }
            self.drain();
            for number in std::mem::take(&mut self.late) {
                self.answer(number);
                self.flush();
            }
        }
        assert!(self.mailed > 0, "the ring was never full");
    }

    fn drain(&mut self) {
        loop {
            let published = self.words.at(control::PUBLISHED).get();
            while let Some(record) = self.reader.next(published) {
                self.handle(record);
            }
            for chunk in self.reader.freed() {
                self.mail.lend(chunk);
            }
            self.flush();
            self.scheduled.at(0).set(0);
            let has_more = self.words.at(control::PUBLISHED).get() != self.reader.read();
            if !has_more || self.scheduled.at(0).exchange(1) != 0 {
                return;
            }
        }
    }

    fn handle(&mut self, record: Record) {
        let Record::Request(found) = record else {
            panic!("{record:?}");
        };
        let number = found.token.index;
        assert_eq!(*found, request(number).expected());
        self.handled += 1;
        if number.is_multiple_of(5) {
            self.late.push(number);
        } else {
            self.answer(number);
        }
    }

    fn answer(&mut self, number: u32) {
        let down = answer(number);
        if !self.writer.write(&down) {
            self.mail.answer(down.token, down.answer().into_owned());
            self.mailed += 1;
            self.flush();
        }
    }

    fn flush(&self) {
        if must_wake(self.words.at(control::SLEEPING)) {
            self.io.unpark();
        }
    }
}

/// Tells that a side has ended, however it ended.
struct Ended(Sender<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        // The only failure is that nobody listens any more.
        let _ = self.0.send(());
    }
}

#[test]
fn carries_everything_over_without_a_hang() {
    let (script_thread, is_called) = (Arc::new(OnceLock::new()), Arc::new(AtomicBool::new(false)));
    let (to_wake, flag) = (script_thread.clone(), is_called.clone());
    let call = move || {
        let was_called = flag.swap(true, Ordering::AcqRel);
        assert!(!was_called, "two calls are pending");
        let thread: &Thread = to_wake.wait();
        thread.unpark();
    };
    let mut lane = Lane::with_call(2048, Box::new(call));
    for _ in 0..4 {
        lane.lend(4096);
    }
    let crossing = lane.crossing;
    let (words, scheduled, mail) = (crossing.words, crossing.scheduled, crossing.mail.clone());
    let (ended, watch) = channel();
    let both = [Ended(ended.clone()), Ended(ended)];
    let [io_ended, script_ended] = both;
    let io = std::thread::spawn(move || {
        let _ended = io_ended;
        io_thread(crossing);
    });
    let mut script = Script {
        reader: lane.reader,
        writer: lane.writer,
        words,
        scheduled,
        mail,
        io: io.thread().clone(),
        handled: 0,
        late: Vec::new(),
        mailed: 0,
    };
    let script = std::thread::spawn(move || {
        let _ended = script_ended;
        script_thread.set(std::thread::current()).unwrap();
        script.run(&is_called);
    });
    let (mut seen, mut ends) = (0, 0);
    while ends < 2 {
        if watch.recv_timeout(DEADLINE).is_ok() {
            ends += 1;
            continue;
        }
        let head = words.at(control::HEAD).get();
        let state = [control::PUBLISHED, control::TAIL, control::SLEEPING].map(|at| words.at(at));
        assert!(head != seen, "hung: {head} {state:?} {:?}", scheduled.at(0));
        seen = head;
    }
    io.join().unwrap();
    script.join().unwrap();
}
