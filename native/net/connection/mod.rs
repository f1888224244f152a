//! One connection: bytes in, requests up; answers down, bytes out.
//!
//! Generic over the socket, and with the clock kept outside, so that a test can drive it with any
//! sequence of short reads, short writes and errors. Requests leave in the order received, answers
//! are written in that order whatever order they come in, and after the last one nothing is parsed.

// In the order of its life: it is lent a turn, reads, hands up, answers, writes, and ends.

/// What the event loop lends to a connection for a turn, and has to do behind it.
mod turn;

/// Where it is on its way to its end, which says what the bytes are that it reads.
mod course;

/// The memory that it may hold while a request is unfinished.
mod budget;

/// Bytes in: when it reads, and what it finds.
mod reading;

/// Heads, read and judged.
mod heads;

/// Requests up: whatever is complete and may be taken.
mod requests;

/// Bodies that go up with their head.
mod bodies;

/// Bodies that go up in pieces.
mod uploads;

/// What is unread of a body when its request is answered.
mod leftovers;

/// Answers down, each in its turn.
mod answers;

/// Complete answers as responses.
mod responses;

/// The answer that is sent piece by piece.
mod sending;

/// Such an answer, framed here.
mod streams;

/// Such an answer, framed by its handler.
mod raw;

/// Such an answer, and one that is there whole, by node's rules.
mod node;

/// Files on their way out.
mod files;

/// How quickly a client takes what it is sent.
mod pace;

/// Bytes out: what the socket takes.
mod writing;

/// What it waits for, and for how long.
mod phases;

/// Replies in place of answers.
mod refusals;

/// Such replies that JavaScript writes.
mod parking;

/// Its way to another owner.
mod takeover;

/// Its end, and how it is closed.
mod ending;

/// What JavaScript hears of it, if it wants to.
mod telling;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::VecDeque;

pub use answers::note_late;
use course::{Course, Goodbye};
use pace::Pace;
pub use phases::Overdue;
use sending::Sending;
use takeover::Taking;
pub use turn::{After, Queued, Scratch, Turn};
use turn::{READ_BUDGET, WRITE_BUDGET};

use crate::net::answer::Answer;
use crate::net::config::Config;
use crate::net::crossing::{Deliver, Withdrawal};
use crate::net::endpoint::Endpoint;
use crate::net::inbox::Inbox;
use crate::net::outbox::Outbox;
use crate::net::phase::Phase;
use crate::net::refused::Kept;
use crate::net::request::{RequestToken, SEQUENCE};
use crate::net::stream::Socket;
use crate::net::timer::Deadline;

/// One connection.
#[derive(Debug)]
pub struct Connection<S> {
    /// The socket.
    pub stream: S,
    /// When it is due, and why is its own affair.
    pub deadline: Deadline,
    inbox: Option<Box<Inbox>>,
    outbox: Option<Box<Outbox>>,
    early: VecDeque<(RequestToken, Answer<'static>)>,
    sending: Option<Box<Sending>>,
    refused: Option<Box<Kept>>,
    course: Course,
    remote: Endpoint,
    local: Endpoint,
    index: u32,
    generation: u32,
    next_request: u32,
    next_answer: u32,
    told: u32,
    held: usize,
    begun_ms: u64,
    probed: Option<u32>,
    phase: Phase,
    progressed: bool,
    readable: bool,
    writable: bool,
    peer_closing: bool,
    peer_closed: bool,
    /// A read may be short although there is more.
    may_split: bool,
    barrier: bool,
    /// The first request that waits is known to need a handler, which has no room.
    needs_room: bool,
    taking: Taking,
    warming: bool,
    is_wide: bool,
    /// The kernel takes as much as it likes, whatever is sent.
    is_unbound: bool,
    pace: Pace,
    /// JavaScript has heard of it, and hears of its end.
    is_known: bool,
    /// It counts as closed, and JavaScript was told.
    has_left: bool,
    has_failed: bool,
    /// The event loop's mark: it will have a turn anyway.
    pub queued: Queued,
}

impl<S: Socket> Connection<S> {
    /// A connection that was just accepted, in slot `index` for the `generation`th time.
    pub fn new(stream: S, (index, generation): (u32, u32), ends: (Endpoint, Endpoint)) -> Self {
        Self {
            may_split: stream.may_split(),
            stream,
            deadline: Deadline::default(),
            inbox: None,
            outbox: None,
            early: VecDeque::new(),
            sending: None,
            refused: None,
            course: Course::Open,
            remote: ends.0,
            local: ends.1,
            index,
            generation,
            next_request: 0,
            next_answer: 0,
            told: 0,
            held: 0,
            begun_ms: 0,
            probed: None,
            phase: Phase::Idle,
            progressed: false,
            readable: false,
            writable: true,
            peer_closing: false,
            peer_closed: false,
            barrier: false,
            needs_room: false,
            taking: Taking::No,
            warming: false,
            is_wide: false,
            is_unbound: false,
            pace: Pace::default(),
            is_known: false,
            has_left: false,
            has_failed: false,
            queued: Queued::No,
        }
    }

    /// Slot and generation.
    pub fn id(&self) -> (u32, u32) {
        (self.index, self.generation)
    }

    /// Notes what the poll said.
    pub fn ready(&mut self, readable: bool, writable: bool, peer_closing: bool) {
        self.readable |= readable || peer_closing;
        self.writable |= writable;
        self.peer_closing |= peer_closing;
    }

    /// Notes that the client has sent urgent data, at which reads end.
    pub fn note_urgent(&mut self) {
        self.may_split = true;
    }

    /// Requests handed up and not answered.
    pub fn in_flight(&self) -> u32 {
        self.next_request.wrapping_sub(self.next_answer)
    }

    /// Requests handed up since the beginning, wrapping.
    pub fn taken(&self) -> u32 {
        self.next_request
    }

    /// Between requests: nothing received, nothing to answer, nothing to send.
    pub fn is_idle(&self) -> bool {
        // Who closes another one could reset it before its last answer has arrived.
        self.is_answered() && self.outbox.is_none() && self.is_open()
    }

    /// Whether all that is left of it is an answer that its client has not taken.
    pub fn is_only_sending(&self) -> bool {
        self.is_answered() && self.unsent() > 0 && (self.is_open() || self.is_over())
    }

    fn is_answered(&self) -> bool {
        let has_received = self.inbox.as_deref().is_some_and(|inbox| !inbox.is_blank());
        self.in_flight() == 0 && !has_received
    }

    /// Whether nothing of its is lost if it is dropped.
    pub fn is_done(&self) -> bool {
        self.is_idle() || (self.is_lingering() && self.outbox.is_none())
    }

    /// Does whatever can be done: writes, parses, reads, ends.
    pub fn advance<D: Deliver>(&mut self, turn: &mut Turn<'_, D>) -> After {
        if self.is_lingering() {
            return self.linger(turn);
        }
        let mut budget = READ_BUDGET;
        // Who asks what was taken wants his memory back: no less is sent than the kernel has room for.
        let is_asked = turn.scratch.asking == Some(self.id());
        let mut output = if is_asked { usize::MAX } else { WRITE_BUDGET };
        let taken = self.next_request;
        let outcome = self.flush(&mut output, turn).and_then(|()| {
            self.catch_up(turn);
            while budget > 0 && self.may_read(turn) {
                self.claim(turn);
                self.read(&mut budget, turn)?;
            }
            // What came behind a body was not looked at while that was read.
            self.catch_up(turn);
            self.settle(turn);
            self.flush(&mut output, turn)
        });
        self.acknowledge(turn);
        self.hold(turn.scratch);
        if self.is_over() && !turn.config.follows_node() {
            // Behind the last answer nothing is answered any more. Node's handlers see what was read.
            turn.deliver
                .withdraw(self.id(), self.next_answer & SEQUENCE, Withdrawal::All);
        }
        if self.next_request != taken {
            // Whoever finishes one request after the other lets others go on between them.
            turn.scratch.right_of_way.give_back(self.id());
        }
        match self.course {
            Course::Ending(Goodbye::Cut) => {
                self.stream.reset_on_close();
                return After::Close;
            }
            _ if outcome.is_err() => {
                self.fail();
                return After::Close;
            }
            Course::Ending(goodbye) if self.outbox.is_none() => return self.end(goodbye, turn),
            _ => {}
        }
        if self.is_free() {
            return After::Free;
        }
        let after = self.wait(turn);
        self.line_up(after, turn);
        after
    }

    /// Whether requests were read that may not be taken yet.
    fn is_waiting(&self) -> bool {
        self.is_open() && self.holds_bytes()
    }

    /// Whether the order of answers, and not the room for requests, allows one more.
    fn may_take(&self, config: &Config) -> bool {
        let is_barred = self.barrier && self.in_flight() > 0;
        self.is_open()
            && !is_barred
            && self.in_flight() < config.max_pipelined
            && self.unsent() <= config.max_unsent as u64
    }

    fn wait<D: Deliver>(&self, turn: &mut Turn<'_, D>) -> After {
        if self.waits_to_tell() {
            return After::Starved;
        }
        let has_bytes = self.readable || self.holds_bytes();
        let wants_room = has_bytes && self.wants_bytes(turn.config);
        let is_short = self.is_waiting() && self.in_flight() == 0 && self.unsent() == 0;
        let has_room = turn.deliver.has_room() && self.may_grow(turn);
        let may_read = self.may_read(turn);
        let goes_on = has_room || (turn.scratch.looks_ahead() && !self.needs_room);
        if is_short && wants_room && goes_on && turn.scratch.answers_some() {
            // Answers that need no handler had filled the outbox, which is empty now.
            After::Again
        } else if !self.has_yielded() && wants_room && (is_short || !(has_room || may_read)) {
            After::Starved
        } else if may_read || self.has_yielded() {
            After::Again
        } else {
            After::Wait
        }
    }
}
