//! Answers whose body comes in pieces: framed here, and no faster than the client takes them.
//!
//! The handler's side counts the bytes that it has sent and that were not acknowledged, and sends
//! no more than a window of them; whatever the client has taken is acknowledged by a notice. Steps
//! that come before the turn of their answer wait with the other early answers.

use super::course::Goodbye;
use super::responses::connection_field;
use super::sending::{Framing, RawOut, Sending};
use super::{Connection, Turn};
use crate::http::response::{
    ResponseBody, ResponseHead, encode_head, encode_interim, forbids_body,
};
use crate::net::answer::{Part, StreamHead};
use crate::net::crossing::Deliver;
use crate::net::notice::Notice;
use crate::net::request::{FLAG_HEAD, FLAG_HTTP10, FLAG_LAST, RequestToken};
use crate::net::stats::Counter;
use crate::net::stream::Socket;

/// Taken bytes are acknowledged in portions of this size: a notice for each event of a slow
/// stream would wake JavaScript for nothing.
const PORTION: u64 = 16 << 10;

/// Unsent bytes of a connection that are copied at most: about as much as a kernel takes ahead.
const OWN: u64 = 4 << 20;

impl<S: Socket> Connection<S> {
    /// Takes a step of the answer that is next.
    pub(super) fn write_part<D>(
        &mut self,
        token: RequestToken,
        part: Part<'_>,
        turn: &mut Turn<'_, D>,
    ) {
        match part {
            Part::Interim(status, fields) if self.sending.is_none() => self
                .outbox(turn.pool)
                .append(|out| encode_interim(status, &fields, out)),
            Part::Open(head) if self.sending.is_none() => self.open_stream(token.meta, &head, turn),
            Part::Data(bytes) => self.push_data(bytes, turn),
            Part::End => self.end_stream(turn),
            // Of nothing that was begun: there is no answer, because nobody is left to take it.
            Part::Cut if self.sending.is_none() => {
                turn.scratch.stats.add(Counter::Aborted, 1);
                self.end_behind(Goodbye::Linger, turn);
            }
            Part::Cut => self.cut_stream(turn),
            Part::Raw(bytes) => self.write_raw_part(token, bytes, turn),
            Part::RawEnd => self.end_raw(token, turn),
            // Those of the last line are of no answer, and taken before.
            Part::Interim(..) | Part::Open(_) => {}
            Part::Pull(_) | Part::Aside(_) => {}
        }
    }

    fn open_stream<D>(&mut self, meta: u32, head: &StreamHead, turn: &mut Turn<'_, D>) {
        let StreamHead {
            status, has_length, ..
        } = *head;
        turn.scratch.stats.responded(status);
        let is_bodiless = forbids_body(status) || status == 205;
        let framing = match meta & FLAG_HTTP10 {
            _ if has_length => Framing::Length,
            0 => Framing::Chunked,
            _ => Framing::Close,
        };
        let is_over = is_bodiless || meta & FLAG_HEAD != 0;
        let is_last = match is_over {
            true => self.ends_with(meta, turn),
            // The body of the request may be read as long as that of the answer is sent.
            false => meta & FLAG_LAST != 0 || self.is_last(turn),
        };
        let closes = head.close || is_last || (framing == Framing::Close && !is_over);
        let body = match framing {
            _ if status == 205 => ResponseBody::Length(0),
            _ if is_bodiless || has_length => ResponseBody::None,
            Framing::Chunked => ResponseBody::Chunked,
            Framing::Length | Framing::Close => ResponseBody::CloseDelimited,
        };
        let head = ResponseHead {
            status,
            reason: &head.reason,
            content_type: head.content_type,
            fields: &head.fields,
            date: (turn.config.date && !head.has_date).then_some(turn.date),
            body,
            connection: connection_field(meta, closes),
            keep_alive: turn.config.keep_alive.beside(&head.fields),
        };
        self.outbox(turn.pool).append(|out| encode_head(&head, out));
        if is_over {
            return self.finish_answer(closes, turn);
        }
        self.sending = Some(Box::new(Sending::new(meta, framing, closes, None)));
    }

    fn push_data<D>(&mut self, bytes: Box<dyn AsRef<[u8]> + Send>, turn: &mut Turn<'_, D>) {
        let len = (*bytes).as_ref().len();
        let Some(sending) = self.sending.as_deref_mut().filter(|_| len > 0) else {
            return;
        };
        if sending.raw.is_some() {
            return;
        }
        sending.pushed += len as u64;
        let is_chunked = sending.framing == Framing::Chunked;
        let outbox = self.outbox.get_or_insert_with(|| turn.pool.take());
        if is_chunked {
            outbox.append(|out| out.extend_from_slice(format!("{len:x}\r\n").as_bytes()));
        }
        outbox.add(bytes);
        if is_chunked {
            outbox.append(|out| out.extend_from_slice(b"\r\n"));
        }
    }

    fn end_stream<D>(&mut self, turn: &mut Turn<'_, D>) {
        if let Some(sending) = self.sending.take_if(|sending| sending.raw.is_none()) {
            if sending.framing == Framing::Chunked {
                self.outbox(turn.pool)
                    .append(|out| out.extend_from_slice(b"0\r\n\r\n"));
            }
            self.finish_answer(sending.closes, turn);
        }
    }

    /// The connection ends short of the body's end. Where the end of the connection is the end of
    /// the body, only a reset tells the client that something is missing.
    pub(super) fn cut_stream<D>(&mut self, turn: &mut Turn<'_, D>) {
        if self.has_begun_answer() {
            let how = self.how_to_break_off();
            self.end_behind(how, turn);
        } else {
            self.fail_raw(turn);
        }
    }

    /// How the connection ends in the middle of the answer.
    pub(super) fn how_to_break_off(&self) -> Goodbye {
        match self.sending.as_deref() {
            Some(sending) if sending.framing == Framing::Close => Goodbye::Cut,
            _ => Goodbye::Linger,
        }
    }

    /// Tells the handler's side what the client has taken.
    pub(super) fn acknowledge<D: Deliver>(&mut self, turn: &mut Turn<'_, D>) {
        let (index, generation) = self.id();
        if turn.scratch.asking == Some((index, generation)) {
            return;
        }
        let unsent = self.unsent();
        let Some(sending) = self.sending.as_deref_mut() else {
            return;
        };
        let taken = sending.pushed.saturating_sub(unsent);
        let portion = PORTION.min(turn.config.max_unsent as u64);
        if taken >= sending.acknowledged + portion {
            let bytes = taken - sending.acknowledged;
            sending.acknowledged = taken;
            let token = RequestToken {
                index,
                generation,
                meta: sending.meta,
            };
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            turn.deliver.notice(Notice::Drained { token, bytes });
        }
    }

    /// Bytes of the answer under way that the client has taken, and that were not acknowledged: they are now.
    pub fn take_acknowledged(&mut self) -> u64 {
        let unsent = self.unsent();
        self.sending.as_deref_mut().map_or(0, |sending| {
            let taken = sending.pushed.saturating_sub(unsent);
            let before = std::mem::replace(&mut sending.acknowledged, taken);
            taken.saturating_sub(before)
        })
    }

    /// Whoever lent what is unsent may have it back, as from node, where the kernel would have taken it.
    pub fn own_unsent(&mut self) {
        if let Some(outbox) = self.outbox.as_deref_mut() {
            outbox.own(OWN);
        }
    }

    /// Whether an answer is under way.
    pub(super) fn is_streaming(&self) -> bool {
        self.sending.is_some()
    }

    /// Whether the client was sent the head of an answer without its end.
    pub(super) fn has_begun_answer(&self) -> bool {
        let sending = self.sending.as_deref();
        sending.is_some_and(|sending| !sending.raw.as_ref().is_some_and(RawOut::is_in_head))
    }
}
