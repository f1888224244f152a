//! One connection: bytes in, requests up; answers down, bytes out.
//!
//! Generic over the socket, and with the clock kept outside, so that a test can drive it with any
//! sequence of short reads, short writes and errors. Requests leave in the order received, answers
//! are written in that order whatever order they come in, and after the last one nothing is parsed.

mod answers;
mod bodies;
mod body_up;
mod budget;
mod ending;
mod files;
mod phases;
mod raw_out;
mod reading;
mod requests;
mod stream_out;
mod takeover;
#[cfg(test)]
pub(crate) mod tests;
mod turn;

use std::collections::VecDeque;
use std::io;

pub use answers::note_late;
use body_up::BodyUp;
pub use phases::{Overdue, Phase};
use stream_out::Sending;
use takeover::Taking;
use turn::READ_BUDGET;
pub use turn::{After, Queued, Scratch, Turn};

use crate::net::config::Config;
use crate::net::crossing::{Answer, Deliver, Notice, RequestToken, SEQUENCE};
use crate::net::endpoint::Endpoint;
use crate::net::file::FILE_TURN;
use crate::net::inbox::{Inbox, Stage};
use crate::net::outbox::{Outbox, OutboxPool, Written};
use crate::net::stats::Counter;
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
    body_up: Option<Box<BodyUp>>,
    remote: Endpoint,
    local: Endpoint,
    index: u32,
    generation: u32,
    next_request: u32,
    next_answer: u32,
    told: u32,
    linger_left: usize,
    held: usize,
    begun_ms: u64,
    probed: Option<u32>,
    phase: Phase,
    progressed: bool,
    refusal: u16,
    readable: bool,
    writable: bool,
    peer_closing: bool,
    peer_closed: bool,
    barrier: bool,
    /// The first request that waits is known to need a handler, which has no room.
    needs_room: bool,
    last_taken: bool,
    taking: Taking,
    ending: bool,
    lingering: bool,
    quiet: bool,
    warming: bool,
    is_cut: bool,
    is_wide: bool,
    /// The event loop's mark: it will have a turn anyway.
    pub queued: Queued,
}

impl<S: Socket> Connection<S> {
    /// A connection that was just accepted, in slot `index` for the `generation`th time.
    pub fn new(stream: S, (index, generation): (u32, u32), ends: (Endpoint, Endpoint)) -> Self {
        Self {
            stream,
            deadline: Deadline::default(),
            inbox: None,
            outbox: None,
            early: VecDeque::new(),
            sending: None,
            body_up: None,
            remote: ends.0,
            local: ends.1,
            index,
            generation,
            next_request: 0,
            next_answer: 0,
            told: 0,
            linger_left: 0,
            held: 0,
            begun_ms: 0,
            probed: None,
            phase: Phase::Idle,
            progressed: false,
            refusal: 0,
            readable: false,
            writable: true,
            peer_closing: false,
            peer_closed: false,
            barrier: false,
            needs_room: false,
            last_taken: false,
            taking: Taking::No,
            ending: false,
            lingering: false,
            quiet: false,
            warming: false,
            is_cut: false,
            is_wide: false,
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
        self.in_flight() == 0 && self.inbox.is_none() && self.outbox.is_none()
    }

    /// Does whatever can be done: writes, parses, reads, ends.
    pub fn advance<D: Deliver>(&mut self, turn: &mut Turn<'_, D>) -> After {
        if self.lingering {
            return self.linger(turn);
        }
        let (mut budget, mut files) = (READ_BUDGET, FILE_TURN);
        let taken = self.next_request;
        let outcome = self.flush(&mut files, turn).and_then(|()| {
            self.catch_up(turn);
            while budget > 0 && self.may_read(turn) {
                self.claim(turn);
                self.read(&mut budget, turn)?;
            }
            // What came behind a body was not looked at while that was read.
            self.catch_up(turn);
            self.settle(turn);
            self.flush(&mut files, turn)
        });
        self.acknowledge(turn);
        self.hold(turn.scratch);
        if self.next_request != taken {
            // Whoever finishes one request after the other lets others go on between them.
            turn.scratch.right_of_way.give_back(self.id());
        }
        if self.is_cut {
            self.stream.reset_on_close();
        }
        if outcome.is_err() || self.is_cut {
            return After::Close;
        }
        if self.ending && self.outbox.is_none() {
            return self.end(turn);
        }
        if self.is_free() {
            return After::Free;
        }
        self.wait(turn)
    }

    /// The client is gone, or will send no more: whoever handles its requests hears of it, once of
    /// each.
    pub fn gone(&mut self, deliver: &mut impl Deliver) {
        if let Some(notice) = self.abort() {
            deliver.notice(notice);
        }
    }

    /// What whoever handles its unanswered requests is to hear, if they have not heard it yet.
    fn abort(&mut self) -> Option<Notice> {
        let untold = self.next_request.wrapping_sub(self.told);
        let count = untold.min(self.in_flight());
        (count > 0).then(|| {
            self.told = self.next_request;
            Notice::Abort {
                index: self.index,
                generation: self.generation,
                first: self.next_request.wrapping_sub(count) & SEQUENCE,
                count,
            }
        })
    }

    fn unsent(&self) -> u64 {
        self.outbox.as_ref().map_or(0, |outbox| outbox.len())
    }

    fn is_waiting(&self) -> bool {
        self.inbox
            .as_ref()
            .is_some_and(|inbox| matches!(inbox.stage, Stage::Waiting))
    }

    /// Whether the order of answers, and not the room for requests, allows one more.
    fn may_take(&self, config: &Config) -> bool {
        let is_barred = self.barrier && self.in_flight() > 0;
        !self.last_taken
            && !is_barred
            && self.body_up.is_none()
            && self.in_flight() < config.max_pipelined
            && self.unsent() <= config.max_unsent as u64
    }

    fn outbox(&mut self, pool: &mut OutboxPool) -> &mut Outbox {
        self.outbox.get_or_insert_with(|| pool.take())
    }

    /// Writes what the socket takes, and at most `files` bytes of files.
    fn flush<D>(&mut self, files: &mut usize, turn: &mut Turn<'_, D>) -> io::Result<()> {
        self.widen(turn.scratch);
        let Some(outbox) = &mut self.outbox else {
            return Ok(());
        };
        if (!self.writable && !outbox.is_empty()) || self.warming {
            return Ok(());
        }
        let before = outbox.len();
        let written = outbox.write_to(&mut self.stream, files);
        // Also what was written before a failure.
        let sent = before - outbox.len();
        self.progressed |= sent > 0;
        turn.scratch.stats.add(Counter::BytesOut, sent);
        let written = written.inspect_err(|error| files::note_shrunk(error, turn.scratch))?;
        self.writable = written != Written::Blocked;
        if written == Written::Cold {
            self.warm(turn.scratch);
        }
        if written == Written::All
            && let Some(outbox) = self.outbox.take()
        {
            turn.pool.put(outbox);
        }
        Ok(())
    }

    fn wait<D: Deliver>(&self, turn: &mut Turn<'_, D>) -> After {
        let wants_room = match self.may_read_body() {
            Some(may_read) => may_read && (self.readable || self.holds_body()),
            None => (self.readable || self.is_waiting()) && self.may_take(turn.config),
        };
        let is_short = self.is_waiting() && self.in_flight() == 0 && self.unsent() == 0;
        let has_room = turn.deliver.has_room() && self.may_grow(turn);
        let may_read = self.may_read(turn);
        let goes_on = has_room || (turn.scratch.looks_ahead() && !self.needs_room);
        if is_short && wants_room && goes_on && turn.scratch.routing.is_some() {
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
