//! Complete answers as responses: heads encoded, and those checked that a handler wrote itself.

use std::borrow::Cow;

use super::{Connection, Turn};
use crate::http::response::{
    ConnectionField, RawBody, RawResponse, ResponseBody, ResponseHead, check_raw,
    decode_chunked_body, encode_head, forbids_body,
};
use crate::net::answer::{Answer, AnswerBody};
use crate::net::notice::Notice;
use crate::net::outbox::COPY_BELOW;
use crate::net::request::{FLAG_HEAD, FLAG_HTTP10, RequestToken};
use crate::net::stream::Socket;

const CLOSE: &[u8] = b"Connection: close\r\n";
const KEEP_ALIVE: &[u8] = b"Connection: keep-alive\r\n";

impl<S: Socket> Connection<S> {
    /// Writes a response of which the head is still to be encoded.
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
            body => {
                outbox.append(|out| encode_head(&head, out));
                if is_sent {
                    self.send_borrowed(body.bytes(), turn);
                }
            }
        }
    }

    /// Answers 500 in place of what is no response; the handler's side hears why. Says whether the
    /// connection ends with it.
    pub(super) fn refuse_whole<D>(
        &mut self,
        token: RequestToken,
        reason: u32,
        is_last: bool,
        turn: &mut Turn<'_, D>,
    ) -> bool {
        let refused = Notice::RawRefused { token, reason };
        turn.scratch.notices.push(refused);
        self.write_encoded(token.meta, internal_error(), is_last, turn);
        is_last
    }

    /// Writes a response that the handler made itself, if it is exactly one; says whether the
    /// connection ends with it. Anything else would desynchronise the connection, so it becomes a
    /// 500 and the handler's side hears why.
    pub(super) fn write_raw<D>(
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
            Err(error) => return self.refuse_whole(token, error as u32, is_last, turn),
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
            body => {
                let bytes = body.bytes();
                let end = if is_head { raw.head_len } else { bytes.len() };
                outbox.append(|out| {
                    out.extend_from_slice(&bytes[..raw.fields_start]);
                    out.extend_from_slice(insert);
                    out.extend_from_slice(&bytes[raw.fields_start..raw.head_len]);
                });
                self.send_borrowed(&bytes[raw.head_len..end], turn);
            }
        }
        close
    }
}

/// What is missing in a raw response about the end of the connection.
pub(super) fn connection_line(meta: u32, close: bool, raw: &RawResponse) -> &'static [u8] {
    match connection_field(meta, close) {
        ConnectionField::Close if !raw.says_close => CLOSE,
        ConnectionField::KeepAlive if !raw.has_connection => KEEP_ALIVE,
        _ => b"",
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
pub(super) fn unchunk(bytes: &[u8], raw: &RawResponse, is_head: bool, out: &mut Vec<u8>) {
    let (head, body) = bytes.split_at(raw.head_len);
    unchunk_head(head, raw, out);
    if !is_head {
        // The same chunks were read before without a fault.
        let _ = decode_chunked_body(body, out);
    }
}

/// Its head, of which only the body is left to be written.
pub(super) fn unchunk_head(head: &[u8], raw: &RawResponse, out: &mut Vec<u8>) {
    out.extend_from_slice(&head[..raw.fields_start]);
    out.extend_from_slice(CLOSE);
    for line in head[raw.fields_start..].split_inclusive(|&byte| byte == b'\n') {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        let dropped = [
            "transfer-encoding",
            "connection",
            "trailer",
            "content-length",
        ];
        let is_meant = |dropped: &&str| name.eq_ignore_ascii_case(dropped.as_bytes());
        if !dropped.iter().any(is_meant) {
            out.extend_from_slice(line);
        }
    }
}
