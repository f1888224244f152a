//! Responses that a handler writes itself, bit by bit, and after which it gives the connection back.
//!
//! They are checked as they come, so that what is not exactly one response cannot desynchronise the
//! connection: bytes that do not belong to it are never sent.

use memchr::memmem;

use super::node::{self, is_unchunked};
use super::responses::{connection_line, internal_error, unchunk_head};
use super::sending::{Framing, RawOut, Sending, Sent};
use super::{Connection, Turn};
use crate::http::response::{
    BodyFit, GradualRaw, Progress, RawBody, RawError, RawResponse, RawRules,
};
use crate::net::answer::{AnswerBody, Part};
use crate::net::notice::Notice;
use crate::net::outbox::COPY_BELOW;
use crate::net::request::{FLAG_HEAD, RequestToken};
use crate::net::stream::Socket;

impl<S: Socket> Connection<S> {
    /// Takes the next bytes of a raw response.
    pub(super) fn write_raw_part<D>(
        &mut self,
        token: RequestToken,
        bytes: AnswerBody<'_>,
        turn: &mut Turn<'_, D>,
    ) {
        let len = bytes.bytes().len();
        let sending = self.sending.get_or_insert_with(|| {
            let gradual = GradualRaw::new(token.meta & FLAG_HEAD != 0, turn.config.raw_rules);
            let sent = Sent::All;
            let raw = Some(RawOut { gradual, sent });
            Box::new(Sending::new(token.meta, Framing::Length, false, raw))
        });
        if let Some(at) = large_body_at(sending, bytes.bytes()) {
            let (head, body) = bytes.split_at(at);
            self.write_raw_part(token, head, turn);
            if self.is_streaming() {
                self.write_raw_part(token, body, turn);
            }
            return;
        }
        sending.pushed += len as u64;
        let Some(raw) = &mut sending.raw else { return };
        let mut decoded = Vec::new();
        let take = |data: &[u8]| {
            if raw.sent == Sent::Data {
                decoded.extend_from_slice(data);
            }
        };
        match raw.gradual.write(bytes.bytes(), take) {
            Ok(Progress::Kept) => {}
            Ok(Progress::Interim(head)) => {
                self.write_interim(token.meta, &head, turn);
                // It is no part of the answer that the client takes, and what is behind it was counted.
                self.write_raw_part(token, AnswerBody::Borrowed(&[]), turn);
            }
            Ok(Progress::Body(taken)) => match raw.sent {
                Sent::All => match bytes {
                    AnswerBody::Owned(bytes) if taken == len => self.outbox(turn.pool).add(bytes),
                    bytes => self.send_borrowed(&bytes.bytes()[..taken], turn),
                },
                Sent::Data => self.outbox(turn.pool).add(Box::new(decoded)),
                Sent::Nothing => {}
            },
            Ok(Progress::Head(response, mut bytes)) => {
                let body = bytes.split_off(response.head_len);
                self.begin_raw(token, response, &bytes, turn);
                if !body.is_empty() {
                    // They were counted with the head.
                    let len = body.len() as u64;
                    self.write_raw_part(token, AnswerBody::Owned(Box::new(body)), turn);
                    if let Some(sending) = &mut self.sending {
                        sending.pushed -= len;
                    }
                }
            }
            Err(error) => self.refuse_raw(token, error, turn),
        }
    }

    fn begin_raw<D>(
        &mut self,
        token: RequestToken,
        mut response: RawResponse,
        head: &[u8],
        turn: &mut Turn<'_, D>,
    ) {
        turn.scratch.stats.responded(response.status);
        let is_unchunked = is_unchunked(token.meta, &response);
        let closes = self.ends_with(token.meta, turn)
            || node::closes(token.meta, &response, turn.config)
            || is_unchunked;
        let insert = match turn.config.raw_rules {
            RawRules::Strict => connection_line(token.meta, closes, &response),
            RawRules::Node => node::connection_line(token.meta, closes, &response),
        };
        if turn.config.raw_rules == RawRules::Node {
            response.drop_persistence(closes);
        }
        self.outbox(turn.pool).append(|out| {
            if is_unchunked {
                return unchunk_head(head, &response, out);
            }
            response.write_head(head, insert, out);
        });
        let Some(sending) = self.sending.as_deref_mut() else {
            return;
        };
        sending.closes = closes;
        if is_unchunked || response.body == RawBody::CloseDelimited {
            sending.framing = Framing::Close;
        }
        if let Some(raw) = &mut sending.raw {
            raw.sent = match token.meta & FLAG_HEAD {
                0 if is_unchunked => Sent::Data,
                0 => Sent::All,
                _ => Sent::Nothing,
            };
        }
    }

    /// Its author says that it is complete.
    pub(super) fn end_raw<D>(&mut self, token: RequestToken, turn: &mut Turn<'_, D>) {
        let ended = match self.sending.as_deref() {
            None => Err(RawError::StatusLine),
            Some(Sending { raw: None, .. }) => return,
            Some(Sending { raw: Some(raw), .. }) => raw.gradual.end(),
        };
        if let Err(error) = ended {
            let is_nothing = self.sending.as_deref().is_some_and(Sending::is_empty);
            if is_nothing && turn.config.follows_node() {
                // Behind a 100 the program has ended the connection: there is no answer.
                self.sending = None;
                return self.write_part(token, Part::Cut, turn);
            }
            return self.refuse_raw(token, error, turn);
        }
        let is_late = false;
        turn.scratch
            .notices
            .push(Notice::RawDone { token, is_late });
        let fit = self.sending.as_deref().and_then(Sending::fit);
        if fit == Some(BodyFit::Short) {
            // The client sees that something is missing.
            return self.end_behind(self.how_to_break_off(), turn);
        }
        let closes = self.sending.take().is_some_and(|sending| sending.closes);
        self.finish_answer(closes || fit == Some(BodyFit::Long), turn);
    }

    fn refuse_raw<D>(&mut self, token: RequestToken, error: RawError, turn: &mut Turn<'_, D>) {
        let reason = error as u32;
        let refused = Notice::RawRefused { token, reason };
        turn.scratch.notices.push(refused);
        if self.sending.is_none() {
            let raw = Some(RawOut {
                gradual: GradualRaw::new(false, RawRules::Strict),
                sent: Sent::All,
            });
            let sending = Sending::new(token.meta, Framing::Length, false, raw);
            self.sending = Some(Box::new(sending));
        }
        self.cut_stream(turn);
    }

    /// Nothing of a raw response was sent and nothing will be: the client gets 500.
    pub(super) fn fail_raw<D>(&mut self, turn: &mut Turn<'_, D>) {
        if let Some(sending) = self.sending.take() {
            let meta = sending.meta;
            let is_last = self.ends_with(meta, turn);
            self.write_encoded(meta, internal_error(), is_last, turn);
            self.finish_answer(is_last, turn);
        }
    }
}

/// Where bytes with a head are to be cut, so that a large body behind it is sent from where it is: a head is
/// copied with all that comes with it. Any other place would do as well, but for the copy.
fn large_body_at(sending: &Sending, bytes: &[u8]) -> Option<usize> {
    let is_in_head = sending.raw.as_ref().is_some_and(RawOut::is_in_head);
    if !is_in_head || bytes.len() < COPY_BELOW {
        return None;
    }
    let at = memmem::find(bytes, b"\r\n\r\n")? + 4;
    (bytes.len() - at >= COPY_BELOW).then_some(at)
}
