//! Request bodies that go up in pieces, no faster than they are wanted.
//!
//! The head goes up alone. What is read behind it waits, encoded as it came, and the socket is not
//! read, until the handler's side pulls; each pull is worth `WANTED` bytes. A client that expects
//! it gets its 100 with the first one. The body ends with the answer: what is unread then is read
//! and dropped within the bounds of a lingering close, or the connection is closed.

use super::bodies::CONTINUE;
use super::{Connection, Turn};
use crate::http::body::BodyDecoder;
use crate::http::error::ParseError;
use crate::http::framing::Framing;
use crate::http::head::RequestHead;
use crate::net::crossing::{BodyEnd, Deliver, Notice, RequestBytes, RequestToken};
use crate::net::inbox::{BodyTimes, Inbox, Stage};
use crate::net::stream::Socket;

/// Bytes that a pull asks for: no fewer than a piece has, so that it is worth one whatever the last
/// one was exceeded by.
const WANTED: i64 = 8 << 10;
/// Bytes that are read and handed up at a time; whoever has room for a request has room for these.
/// A reader holds on to its last piece while it waits, so small ones keep 64 uploads in 32 MiB.
const PIECE: usize = 8 << 10;

/// A body on its way up.
#[derive(Debug)]
pub(super) struct BodyUp {
    decoder: BodyDecoder,
    meta: u32,
    /// Negative behind a piece that was longer than what was asked for: the next pull pays for it,
    /// and that is how the handler's side counts.
    wanted: i64,
    /// The client waits for a 100 and has sent nothing yet.
    expects: bool,
    /// Nobody wants it any more; so many bytes of it may still be dropped.
    dropping: Option<usize>,
    paused_ms: Option<u64>,
    pub(super) times: BodyTimes,
}

impl BodyUp {
    fn wants(&self) -> bool {
        self.wanted > 0 || self.dropping.is_some()
    }

    /// Bytes of data decoded so far.
    pub(super) fn produced(&self) -> u64 {
        self.decoder.produced()
    }
}

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
        self.body_up = Some(Box::new(BodyUp {
            decoder: BodyDecoder::new(framing.body),
            meta: 0,
            wanted: 0,
            expects: framing.expect_continue && behind.is_empty(),
            dropping: None,
            paused_ms: None,
            times: BodyTimes::default(),
        }));
        let bytes = RequestBytes::Borrowed {
            head: bytes,
            body: b"",
        };
        self.take(head, framing, bytes, turn);
        (!behind.is_empty()).then(|| Inbox::new(behind, Stage::Upload))
    }

    /// Says which request a body belongs to; `false` if none was begun.
    pub(super) fn name_body(&mut self, meta: u32) -> bool {
        if let Some(up) = self.body_up.as_deref_mut() {
            up.meta = meta;
        }
        self.body_up.is_some()
    }

    /// The handler's side wants more.
    pub(super) fn pull<D>(&mut self, turn: &mut Turn<'_, D>) {
        let Some(up) = self.body_up.as_deref_mut() else {
            return;
        };
        up.wanted += WANTED;
        if std::mem::take(&mut up.expects) && self.sending.is_none() {
            self.outbox(turn.pool)
                .append(|out| out.extend_from_slice(CONTINUE));
        }
    }

    /// Whether the client is to send more of the body, and somebody wants it.
    pub(super) fn wants_body(&self) -> bool {
        self.body_up.as_deref().is_some_and(|up| up.wanted > 0)
    }

    /// Whether the rest of the body is read only to be dropped.
    pub(super) fn is_dropping(&self) -> bool {
        self.body_up
            .as_deref()
            .is_some_and(|up| up.dropping.is_some())
    }

    /// Whether a body that is under way, if any, may be read on; `None` if there is none.
    pub(super) fn may_read_body(&self) -> Option<bool> {
        self.body_up.as_deref().map(BodyUp::wants)
    }

    /// Bytes to read at most.
    pub(super) fn read_limit(&self, len: usize) -> usize {
        if self.body_up.is_some() {
            len.min(PIECE)
        } else {
            len
        }
    }

    /// Whether something of the body was read and waits to be wanted.
    pub(super) fn holds_body(&self) -> bool {
        self.inbox
            .as_deref()
            .is_some_and(|inbox| matches!(inbox.stage, Stage::Upload))
    }

    /// Hands up what waits, as far as it is wanted.
    pub(super) fn feed<D: Deliver>(&mut self, turn: &mut Turn<'_, D>) {
        while self.holds_body()
            && self.may_read_body() == Some(true)
            && (self.is_dropping() || turn.deliver.has_room())
            && let Some(mut inbox) = self.inbox.take()
        {
            let end = inbox.bytes.len().min(inbox.at + PIECE);
            let decoded = self.decode_piece(&inbox.bytes[inbox.at..end], turn);
            inbox.at += decoded.unwrap_or(end - inbox.at);
            if decoded.is_some() {
                inbox.stage = Stage::Waiting;
            }
            if !inbox.rest().is_empty() && !self.ending && self.refusal == 0 {
                self.inbox = Some(inbox);
            }
        }
    }

    /// Takes what was read of a body; what is behind its end waits.
    pub(super) fn receive_piece<D: Deliver>(&mut self, input: &[u8], turn: &mut Turn<'_, D>) {
        let Some(consumed) = self.decode_piece(input, turn) else {
            return;
        };
        if consumed < input.len() && !self.last_taken {
            self.inbox = Some(Inbox::new(&input[consumed..], Stage::Waiting));
        }
    }

    /// `Some`: the body ended within `input`, behind so many bytes.
    fn decode_piece<D: Deliver>(&mut self, input: &[u8], turn: &mut Turn<'_, D>) -> Option<usize> {
        let mut up = self.body_up.take()?;
        let mut data = std::mem::take(&mut turn.scratch.body);
        data.clear();
        let decoded = up.decoder.decode(input, &turn.config.limits, &mut data);
        let token = self.token(up.meta);
        if let Some(left) = &mut up.dropping {
            // Not for ever, whatever comes: then the connection ends.
            *left = left.saturating_sub(input.len());
        } else if !data.is_empty() && decoded.is_ok() {
            self.progressed = true;
            up.expects = false;
            up.wanted -= data.len() as i64;
            turn.deliver.body(token, &data);
        }
        turn.scratch.body = data;
        match decoded {
            Err(error) => {
                self.body_up = Some(up);
                self.refuse_body(error, turn);
                None
            }
            Ok(decoded) if decoded.done => {
                if up.dropping.is_none() {
                    let end = BodyEnd::Complete;
                    turn.deliver.notice(Notice::BodyEnded { token, end });
                }
                Some(decoded.consumed)
            }
            Ok(_) if up.dropping == Some(0) => {
                self.ending = true;
                None
            }
            Ok(_) => {
                self.body_up = Some(up);
                None
            }
        }
    }

    fn refuse_body<D: Deliver>(&mut self, error: ParseError, turn: &mut Turn<'_, D>) {
        if self.is_dropping() {
            self.ending = true;
            return;
        }
        turn.scratch.stats.refused(error);
        self.give_up(error.status(), turn.deliver);
    }

    /// The rest of the body will not come, or nobody will see it: whoever reads it hears of it.
    pub fn lose_body(&mut self, end: BodyEnd, deliver: &mut impl Deliver) {
        if let Some(up) = self.body_up.take()
            && up.dropping.is_none()
        {
            let token = self.token(up.meta);
            deliver.notice(Notice::BodyEnded { token, end });
        }
    }

    /// The answer is complete: what is unread of the body is dropped.
    pub(super) fn drop_body<D>(&mut self, turn: &mut Turn<'_, D>) {
        let token = self.body_up.as_deref().map(|up| self.token(up.meta));
        if let (Some(up), Some(token)) = (self.body_up.as_deref_mut(), token) {
            up.dropping = Some(turn.config.linger_bytes);
            let end = BodyEnd::Answered;
            turn.scratch.notices.push(Notice::BodyEnded { token, end });
        }
    }

    /// Whether too much is unread for the connection to go on, or it may never come.
    pub(super) fn leaves_body<D>(&self, turn: &Turn<'_, D>) -> bool {
        let most = turn.config.linger_bytes as u64;
        self.body_up
            .as_deref()
            .is_some_and(|up| up.expects || up.decoder.remaining_hint() > most)
    }

    /// The clocks of a body run only while it is wanted.
    pub(super) fn time_body(&mut self, is_wanted: bool, was_wanted: bool, now: u64) {
        let Some(up) = self.body_up.as_deref_mut() else {
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
