//! Request bodies that go up in pieces, no faster than they are wanted.
//!
//! The head goes up alone. What is read behind it waits, encoded as it came, and the socket is not
//! read, until the handler's side pulls; each portion of a pull is worth `PORTION` bytes. A client that
//! expects it gets its 100 with the first one. The body ends with the answer: what is unread then is read
//! and dropped within the bounds of a lingering close, or the connection is closed.

use std::mem;

use super::bodies::CONTINUE;
use super::course::{BodyUp, Course, Leftover};
use super::{Connection, Turn};
use crate::http::body::BodyDecoder;
use crate::http::framing::Framing;
use crate::http::head::RequestHead;
use crate::net::crossing::{Deliver, MOST_PIECE};
use crate::net::inbox::{BodyTimes, Inbox, Stage};
use crate::net::notice::{BodyEnd, Notice};
use crate::net::request::{RequestBytes, RequestToken, SEQUENCE};
use crate::net::stream::Socket;

/// Bytes that a portion asks for: no fewer than the least piece has, so that it is worth one whatever the
/// last one was exceeded by.
const PORTION: i64 = LEAST as i64;
/// Bytes that are read and handed up at a time, as far as so many are wanted: who wants little holds on to little
/// while he waits, and who wants much is not to pay for each piece.
const LEAST: usize = 8 << 10;

impl<S: Socket> Connection<S> {
    /// Hands up the head of a request whose body is to follow; keeps what came behind it.
    pub(super) fn open_body<D: Deliver>(
        &mut self,
        head: &RequestHead,
        framing: &Framing,
        bytes: &[u8],
        behind: &[u8],
        turn: &mut Turn<'_, D>,
    ) -> Option<Box<Inbox>> {
        self.course = Course::Upload(Box::new(BodyUp {
            decoder: BodyDecoder::new(framing.body),
            trailers: Vec::new(),
            meta: 0,
            wanted: 0,
            expects: framing.expect_continue && behind.is_empty(),
            is_last: false,
            paused_ms: None,
            times: BodyTimes::default(),
        }));
        let bytes = RequestBytes::Borrowed {
            head: bytes,
            body: b"",
        };
        self.take(head, framing, bytes, turn);
        // It may have been answered meanwhile, and the connection have ended with that.
        let is_read = self.is_in_body() && !behind.is_empty();
        is_read.then(|| Inbox::new(behind, Stage::Waiting))
    }

    /// Says which request a body belongs to; `false` if none was begun.
    pub(super) fn name_body(&mut self, meta: u32) -> bool {
        let Some(up) = self.upload_mut() else {
            return false;
        };
        up.meta = meta;
        true
    }

    /// The handler's side wants more.
    pub(super) fn pull<D>(&mut self, portions: u16, turn: &mut Turn<'_, D>) {
        let has_begun = self.has_begun_answer();
        let Some(up) = self.upload_mut() else {
            return;
        };
        up.wanted += i64::from(portions) * PORTION;
        // Behind the head of the answer a 100 comes too late, and the client goes on waiting.
        if up.expects && !has_begun && !turn.scratch.open.serves_continues() {
            up.expects = false;
            self.outbox(turn.pool)
                .append(|out| out.extend_from_slice(CONTINUE));
        }
    }

    /// Whether the client is to send more of the body, and somebody wants it.
    pub(super) fn wants_body(&self) -> bool {
        self.upload().is_some_and(BodyUp::is_wanted)
    }

    /// Bytes to read at most.
    pub(super) fn read_limit(&self, len: usize) -> usize {
        if self.is_in_body() {
            len.min(self.piece())
        } else {
            len
        }
    }

    /// Bytes that are handed up at a time now.
    fn piece(&self) -> usize {
        let wanted = self.upload().map_or(0, |up| up.wanted);
        usize::try_from(wanted).map_or(LEAST, |wanted| wanted.clamp(LEAST, MOST_PIECE))
    }

    /// Hands up what waits, as far as it is wanted.
    pub(super) fn feed<D: Deliver>(&mut self, turn: &mut Turn<'_, D>) {
        while self.is_in_body()
            && self.holds_bytes()
            && self.wants_bytes(turn.config)
            && (!self.wants_body() || turn.deliver.has_room())
            && let Some(mut inbox) = self.inbox.take()
        {
            let end = inbox.bytes.len().min(inbox.at + self.piece());
            let decoded = self.take_piece(&inbox.bytes[inbox.at..end], turn);
            inbox.at += decoded.unwrap_or(end - inbox.at);
            let is_kept = self.is_open() || self.is_in_body() || self.may_be_taken();
            if is_kept && !inbox.rest().is_empty() {
                self.inbox = Some(inbox);
            }
        }
    }

    /// Takes what was read of a body; what is behind its end waits.
    pub(super) fn receive_piece<D: Deliver>(&mut self, input: &[u8], turn: &mut Turn<'_, D>) {
        if let Some(consumed) = self.take_piece(input, turn)
            && consumed < input.len()
            && (self.is_open() || self.may_be_taken())
        {
            self.inbox = Some(Inbox::new(&input[consumed..], Stage::Waiting));
        }
    }

    /// `Some`: the body ended within `input`, behind so many bytes.
    fn take_piece<D: Deliver>(&mut self, input: &[u8], turn: &mut Turn<'_, D>) -> Option<usize> {
        match mem::replace(&mut self.course, Course::Last) {
            Course::Upload(up) => self.hand_piece_up(up, input, turn),
            Course::Drop(rest) => self.drop_piece(rest, input, turn),
            course => {
                self.course = course;
                None
            }
        }
    }

    fn hand_piece_up<D: Deliver>(
        &mut self,
        mut up: Box<BodyUp>,
        input: &[u8],
        turn: &mut Turn<'_, D>,
    ) -> Option<usize> {
        let mut joint = mem::take(&mut turn.scratch.body);
        joint.clear();
        // Data in one piece, as that of a body with a length is, lies in the input.
        let mut first: &[u8] = b"";
        let BodyUp {
            decoder, trailers, ..
        } = &mut *up;
        let keep_trailers = |lines: &[u8]| {
            if turn.config.keeps_trailers {
                trailers.extend_from_slice(lines);
            }
        };
        let keep = |piece| {
            if first.is_empty() {
                first = piece;
                return;
            }
            if joint.is_empty() {
                joint.extend_from_slice(first);
            }
            joint.extend_from_slice(piece);
        };
        let decoded = decoder.walk_all(input, &turn.config.limits, keep, keep_trailers);
        let token = self.token(up.meta);
        let data = if joint.is_empty() { first } else { &joint };
        if !data.is_empty() && decoded.is_ok() {
            self.progressed = true;
            up.expects = false;
            up.wanted -= data.len() as i64;
            turn.deliver.body(token, data);
        }
        turn.scratch.body = joint;
        match decoded {
            Err(error) => {
                self.course = Course::Upload(up);
                turn.scratch.stats.refused(error);
                self.keep_refused(error, input, turn);
                self.give_up(turn.config.status_of(error), turn.deliver);
            }
            Ok(decoded) if decoded.done => {
                self.course = if up.is_last {
                    Course::Last
                } else {
                    Course::Open
                };
                // Without the blank line that ends them.
                if let Some(lines @ [_, ..]) = up.trailers.strip_suffix(b"\r\n") {
                    turn.deliver.trailers(token, lines);
                }
                let end = BodyEnd::Complete;
                turn.deliver.notice(Notice::BodyEnded { token, end });
                return Some(decoded.consumed);
            }
            Ok(_) => self.course = Course::Upload(up),
        }
        None
    }

    /// The rest of the body will not come, or nobody will see it: whoever reads it hears of it, and
    /// nothing behind it is looked at.
    pub fn lose_body(&mut self, end: BodyEnd, deliver: &mut impl Deliver) {
        if let Some(up) = self.take_upload() {
            let token = self.token(up.meta);
            deliver.notice(Notice::BodyEnded { token, end });
        } else if self.is_in_body() {
            self.take_no_more();
        }
    }

    /// The answer is complete: what is unread of the body is dropped.
    pub(super) fn drop_body<D>(&mut self, turn: &mut Turn<'_, D>) {
        let Some(up) = self.take_upload() else {
            return;
        };
        let (token, end) = (self.token(up.meta), BodyEnd::Answered);
        turn.scratch.notices.push(Notice::BodyEnded { token, end });
        if !up.is_last {
            let left = turn.config.linger_bytes;
            self.course = Course::Drop(Leftover::new(up.decoder, left));
        }
    }

    /// Whether too much is unread of the request that is answered next for the connection to go on, or it
    /// may never come.
    pub(super) fn leaves_body<D>(&self, turn: &Turn<'_, D>) -> bool {
        let most = turn.config.linger_bytes as u64;
        let up = self.upload().filter(|_| self.is_body_of(self.next_answer));
        up.is_some_and(|up| up.expects || up.decoder.remaining_hint() > most)
    }

    /// Whether the body that comes is that of the request with this word, or this number.
    pub(super) fn is_body_of(&self, meta: u32) -> bool {
        self.upload()
            .is_some_and(|up| (up.meta ^ meta) & SEQUENCE == 0)
    }

    /// Whether what comes is a body whose request is answered already.
    pub(super) fn is_behind_answer(&self) -> bool {
        self.in_flight() == 0 && self.upload().is_some()
    }

    /// The clocks of a body run only while it is wanted.
    pub(super) fn time_body(&mut self, is_wanted: bool, was_wanted: bool, now: u64) {
        let Some(up) = self.upload_mut() else {
            return;
        };
        match (is_wanted, was_wanted) {
            (true, false) => {
                up.times.read_ms = now;
                up.times.begun_ms = match up.paused_ms.take() {
                    Some(paused) => up.times.begun_ms + (now - paused),
                    None => now,
                };
            }
            (false, true) => up.paused_ms = Some(now),
            _ => {}
        }
    }

    fn token(&self, meta: u32) -> RequestToken {
        let (index, generation) = self.id();
        RequestToken {
            index,
            generation,
            meta,
        }
    }
}
