//! Answers down, bytes out.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::course::Goodbye;
use super::{Connection, Scratch, Turn};
use crate::http::response::{
    ConnectionField, RawBody, RawResponse, ResponseBody, ResponseHead, check_raw,
    decode_chunked_body, encode_head, forbids_body,
};
use crate::net::answer::{Answer, AnswerBody, Part};
use crate::net::notice::Notice;
use crate::net::outbox::COPY_BELOW;
use crate::net::request::{FLAG_HEAD, FLAG_HTTP10, FLAG_LAST, RequestToken, SEQUENCE};
use crate::net::stream::Socket;

impl<S: Socket> Connection<S> {
    /// Takes the answer to one of its requests; it is written when the answers before it are, and a
    /// file when it has been opened (see `next_file`). A second answer to a request, or one to a
    /// request that never was, is dropped.
    pub fn answer<D>(&mut self, token: RequestToken, answer: Answer<'_>, turn: &mut Turn<'_, D>) {
        let ahead = token.meta.wrapping_sub(self.next_answer) & SEQUENCE;
        if ahead >= self.in_flight() || self.is_over() || self.is_taken(ahead) {
            note_late(token, &answer, turn.scratch);
            return;
        }
        if ahead > 0 || matches!(answer, Answer::File(_)) {
            // Neither an interim response nor a wish is an answer: the one behind it is the first.
            let is_same = |(early, given): &(RequestToken, Answer<'_>)| {
                let is_none = matches!(given, Answer::Part(Part::Interim(..) | Part::Pull));
                early.meta == token.meta && !is_none
            };
            if matches!(answer, Answer::Part(_)) || !self.early.iter().any(is_same) {
                self.early.push_back((token, answer.into_owned()));
            }
            return;
        }
        self.write_answer(token, answer, turn);
        self.answer_early(turn);
    }

    /// Takes the answer to a request that no handler sees.
    pub(super) fn answer_at_once<D>(
        &mut self,
        token: RequestToken,
        answer: Answer<'_>,
        turn: &mut Turn<'_, D>,
    ) {
        if turn.closing {
            // Whether it is the last one is not known before all that was read is looked at.
            self.early.push_back((token, answer.into_owned()));
        } else {
            self.answer(token, answer, turn);
        }
    }

    /// Writes the answers that came before their turn, as far as it is their turn now.
    pub(super) fn answer_early<D>(&mut self, turn: &mut Turn<'_, D>) {
        while !self.early.is_empty() {
            let next = self.next_answer & SEQUENCE;
            let found = self
                .early
                .iter()
                .position(|(token, _)| token.meta & SEQUENCE == next);
            let Some(found) = found else { break };
            if matches!(self.early[found].1, Answer::File(_)) {
                // It is not open yet.
                break;
            }
            if let Some((token, answer)) = self.early.remove(found) {
                self.write_answer(token, answer, turn);
            }
        }
        if self.early.is_empty() {
            self.early = VecDeque::new();
        }
    }

    fn write_answer<D>(&mut self, token: RequestToken, answer: Answer<'_>, turn: &mut Turn<'_, D>) {
        let is_last = self.ends_with(token.meta, turn);
        let close = match answer {
            Answer::Part(part) => return self.write_part(token, part, turn),
            _ if self.is_streaming() => return,
            Answer::Encoded { close, .. } => {
                self.write_encoded(token.meta, answer, close || is_last, turn);
                close || is_last
            }
            // Opened before it gets here.
            Answer::File(_) => {
                self.write_encoded(token.meta, internal_error(), is_last, turn);
                is_last
            }
            Answer::Raw { body, close } => self.write_raw(token, body, close || is_last, turn),
        };
        self.finish_answer(close, turn);
    }

    /// Whether nothing follows the answer that is next, because the server closes.
    pub(super) fn is_last<D>(&self, turn: &Turn<'_, D>) -> bool {
        turn.closing && self.in_flight() == 1 && !self.is_waiting()
    }

    /// Whether the connection ends with the answer that is next, if it is complete now.
    pub(super) fn ends_with<D>(&self, meta: u32, turn: &Turn<'_, D>) -> bool {
        meta & FLAG_LAST != 0 || self.is_last(turn) || self.leaves_body(turn)
    }

    /// The answer that was next is complete.
    pub(super) fn finish_answer<D>(&mut self, close: bool, turn: &mut Turn<'_, D>) {
        let close = close || self.leaves_body(turn);
        self.next_answer = self.next_answer.wrapping_add(1);
        if close {
            self.end_behind(Goodbye::Linger, turn);
        } else {
            self.drop_body(turn);
        }
    }

    /// The connection ends behind what was answered so far.
    pub(super) fn end_behind<D>(&mut self, goodbye: Goodbye, turn: &mut Turn<'_, D>) {
        self.drop_body(turn);
        // Whoever streams an answer to a later request waits for a word.
        let abort = self.abort();
        turn.scratch.notices.extend(abort);
        self.stop(goodbye);
    }

    pub(super) fn write_encoded<D>(
        &mut self,
        meta: u32,
        answer: Answer<'_>,
        close: bool,
        turn: &mut Turn<'_, D>,
    ) {
        let Answer::Encoded {
            status,
            reason,
            content_type,
            fields,
            has_date,
            has_length,
            body,
            ..
        } = answer
        else {
            return;
        };
        turn.scratch.stats.responded(status);
        let is_bodiless = forbids_body(status) || status == 205;
        let length = body.len();
        let head = ResponseHead {
            status,
            reason: &reason,
            content_type,
            fields: &fields,
            date: (turn.config.date && !has_date).then_some(turn.date),
            body: match status {
                205 => ResponseBody::Length(0),
                _ if is_bodiless || has_length => ResponseBody::None,
                _ => ResponseBody::Length(length),
            },
            connection: connection_field(meta, close),
            keep_alive: turn.config.keep_alive.beside(&fields),
        };
        let is_sent = !is_bodiless && meta & FLAG_HEAD == 0;
        let outbox = self.outbox(turn.pool);
        match body {
            AnswerBody::Owned(owned) if is_sent && length >= COPY_BELOW as u64 => {
                outbox.append(|out| encode_head(&head, out));
                outbox.push(owned);
            }
            AnswerBody::File(file) if is_sent => {
                outbox.append(|out| encode_head(&head, out));
                outbox.push_file(file);
            }
            AnswerBody::Parts(parts) if is_sent => {
                outbox.append(|out| encode_head(&head, out));
                for (before, file) in parts.parts {
                    outbox.append(|out| out.extend_from_slice(&before));
                    outbox.push_file(file);
                }
                outbox.append(|out| out.extend_from_slice(&parts.end));
            }
            body => outbox.append(|out| {
                encode_head(&head, out);
                if is_sent {
                    out.extend_from_slice(body.bytes());
                }
            }),
        }
    }

    /// Writes a response that the handler made itself, if it is exactly one; says whether the
    /// connection ends with it. Anything else would desynchronise the connection, so it becomes a
    /// 500 and the handler's side hears why.
    fn write_raw<D>(
        &mut self,
        token: RequestToken,
        body: AnswerBody<'_>,
        is_last: bool,
        turn: &mut Turn<'_, D>,
    ) -> bool {
        let is_head = token.meta & FLAG_HEAD != 0;
        let is_http10 = token.meta & FLAG_HTTP10 != 0;
        let raw = match check_raw(body.bytes(), is_head) {
            Ok(raw) => raw,
            Err(error) => {
                turn.scratch.notices.push(Notice::RawRefused {
                    token,
                    reason: error as u32,
                });
                self.write_encoded(token.meta, internal_error(), is_last, turn);
                return is_last;
            }
        };
        turn.scratch.stats.responded(raw.status);
        if is_http10 && matches!(raw.body, RawBody::Chunked) {
            // RFC 9112 §6.1: never to a client that may not know chunks.
            let bytes = body.bytes();
            self.outbox(turn.pool)
                .append(|out| unchunk(bytes, &raw, is_head, out));
            return true;
        }
        let close = is_last || raw.close;
        let insert = connection_line(token.meta, close, &raw);
        let outbox = self.outbox(turn.pool);
        match body {
            AnswerBody::Owned(owned) if insert.is_empty() && !is_head => outbox.push(owned),
            body => outbox.append(|out| {
                let bytes = body.bytes();
                let end = if is_head { raw.head_len } else { bytes.len() };
                out.extend_from_slice(&bytes[..raw.fields_start]);
                out.extend_from_slice(insert);
                out.extend_from_slice(&bytes[raw.fields_start..end]);
            }),
        }
        close
    }
}

const CLOSE: &[u8] = b"Connection: close\r\n";
const KEEP_ALIVE: &[u8] = b"Connection: keep-alive\r\n";

/// What is missing in a raw response about the end of the connection.
pub(super) fn connection_line(meta: u32, close: bool, raw: &RawResponse) -> &'static [u8] {
    match connection_field(meta, close) {
        ConnectionField::Close if !raw.says_close => CLOSE,
        ConnectionField::KeepAlive if !raw.has_connection => KEEP_ALIVE,
        _ => b"",
    }
}

/// Who writes an answer bit by bit waits to hear that it is one.
pub fn note_late(token: RequestToken, answer: &Answer<'_>, scratch: &mut Scratch) {
    if matches!(answer, Answer::Part(Part::RawEnd)) {
        let is_late = true;
        scratch.notices.push(Notice::RawDone { token, is_late });
    }
}

/// HTTP/1.1 persists unless told otherwise, HTTP/1.0 the other way round (RFC 9112 §9.3).
pub(super) fn connection_field(meta: u32, close: bool) -> ConnectionField {
    match (close, meta & FLAG_HTTP10 != 0) {
        (true, _) => ConnectionField::Close,
        (false, true) => ConnectionField::KeepAlive,
        (false, false) => ConnectionField::Omit,
    }
}

/// What a client gets when its handler failed.
pub(super) fn internal_error() -> Answer<'static> {
    Answer::Encoded {
        status: 500,
        reason: Cow::Borrowed(b""),
        content_type: b"text/plain; charset=utf-8",
        fields: Cow::Borrowed(b""),
        has_date: false,
        has_length: false,
        close: false,
        body: AnswerBody::Borrowed(b"Internal Server Error"),
    }
}

/// The same response for a client that may not know chunks: the close delimits its body.
fn unchunk(bytes: &[u8], raw: &RawResponse, is_head: bool, out: &mut Vec<u8>) {
    let (head, body) = bytes.split_at(raw.head_len);
    unchunk_head(head, raw, out);
    if !is_head {
        // `check_raw` has read the same chunks without a fault.
        let _ = decode_chunked_body(body, out);
    }
}

/// Its head, of which only the body is left to be written.
pub(super) fn unchunk_head(head: &[u8], raw: &RawResponse, out: &mut Vec<u8>) {
    out.extend_from_slice(&head[..raw.fields_start]);
    out.extend_from_slice(CLOSE);
    for line in head[raw.fields_start..].split_inclusive(|&byte| byte == b'\n') {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        let dropped: [&[u8]; 3] = [b"transfer-encoding", b"connection", b"trailer"];
        if !dropped
            .iter()
            .any(|dropped| name.eq_ignore_ascii_case(dropped))
        {
            out.extend_from_slice(line);
        }
    }
}
