//! The head of response bytes: its status line, and what its fields say about framing.

use super::{RawBody, RawError, RawResponse};
use crate::http::response::forbids_body;
use crate::http::{byte, list, number};

/// The head of a raw response.
pub(super) struct RawHead {
    pub(super) line: StatusLine,
    pub(super) noted: Noted,
    /// Bytes up to the body.
    pub(super) len: usize,
}

pub(super) fn read_head(bytes: &[u8]) -> Result<RawHead, RawError> {
    let line = read_status_line(bytes)?;
    if line.status < 200 {
        return Err(RawError::Status);
    }
    let mut noted = Noted::default();
    let len = read_fields(bytes, line.end, &mut noted)?;
    // RFC 9110 §15.3.6, and so none can be announced to HEAD (§8.6).
    if line.status == 205 && noted.length.is_some_and(|length| length > 0) {
        return Err(RawError::ForbiddenBody);
    }
    Ok(RawHead { line, noted, len })
}

impl RawHead {
    /// How the body that it announces is delimited.
    pub(super) fn delimiter(&self) -> Result<RawBody, RawError> {
        let Self { line, noted, .. } = self;
        if noted.length.is_some() && noted.chunked {
            return Err(RawError::ConflictingLength);
        }
        if noted.chunked && line.is_old {
            return Err(RawError::TransferEncoding);
        }
        if line.status == 204 && (noted.length.is_some() || noted.chunked) {
            return Err(RawError::ForbiddenLength);
        }
        Ok(match noted.length {
            _ if forbids_body(line.status) => RawBody::None,
            Some(_) => RawBody::Length,
            None if noted.chunked => RawBody::Chunked,
            None => RawBody::CloseDelimited,
        })
    }

    pub(super) fn response(&self, body: RawBody, head_request: bool) -> RawResponse {
        let Self { line, noted, len } = self;
        let delimited_by_close = body == RawBody::CloseDelimited && !head_request;
        RawResponse {
            status: line.status,
            head_len: *len,
            body,
            close: noted.close || delimited_by_close || (line.is_old && !noted.keep_alive),
            says_close: noted.close,
            has_connection: noted.has_connection,
            fields_start: line.end,
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct StatusLine {
    pub(super) status: u16,
    /// HTTP/1.0; a version that we do not speak may not be named (RFC 9110 §2.5).
    is_old: bool,
    end: usize,
}

fn read_status_line(bytes: &[u8]) -> Result<StatusLine, RawError> {
    let [
        b'H',
        b'T',
        b'T',
        b'P',
        b'/',
        b'1',
        b'.',
        minor @ (b'0' | b'1'),
        b' ',
        hundreds @ b'0'..=b'9',
        tens @ b'0'..=b'9',
        ones @ b'0'..=b'9',
        b' ',
        reason @ ..,
    ] = bytes
    else {
        return Err(RawError::StatusLine);
    };
    let len = byte::value_end(reason, 0);
    if !reason[len..].starts_with(b"\r\n") {
        return Err(RawError::StatusLine);
    }
    let status = [hundreds, tens, ones]
        .into_iter()
        .fold(0, |value, digit| value * 10 + u16::from(digit - b'0'));
    Ok(StatusLine {
        status,
        is_old: *minor == b'0',
        end: 13 + len + 2,
    })
}

/// What the fields say about framing.
#[derive(Default)]
pub(super) struct Noted {
    pub(super) length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
    has_connection: bool,
}

/// Reads the field lines from `at`; returns the length of the whole head.
fn read_fields(bytes: &[u8], mut at: usize, noted: &mut Noted) -> Result<usize, RawError> {
    loop {
        match bytes[at..] {
            [b'\r', b'\n', ..] => return Ok(at + 2),
            [] | [b'\r'] => return Err(RawError::UnfinishedHead),
            _ => {}
        }
        let colon = byte::token_end(bytes, at);
        if colon == bytes.len() {
            return Err(RawError::UnfinishedHead);
        }
        if colon == at || bytes[colon] != b':' {
            return Err(RawError::Field);
        }
        let end = byte::value_end(bytes, colon + 1);
        match bytes[end..] {
            [b'\r', b'\n', ..] => {}
            [] | [b'\r'] => return Err(RawError::UnfinishedHead),
            _ => return Err(RawError::Field),
        }
        noted.note(&bytes[at..colon], byte::trim(&bytes[colon + 1..end]))?;
        at = end + 2;
    }
}

impl Noted {
    fn note(&mut self, name: &[u8], value: &[u8]) -> Result<(), RawError> {
        if name.eq_ignore_ascii_case(b"content-length") {
            if self.length.is_some() {
                return Err(RawError::DuplicateContentLength);
            }
            self.length = Some(number::decimal(value).ok_or(RawError::ContentLength)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(RawError::TransferEncoding);
            }
            self.chunked = true;
        } else if name.eq_ignore_ascii_case(b"connection") {
            self.has_connection = true;
            self.close |= list::has_token(value, b"close");
            self.keep_alive |= list::has_token(value, b"keep-alive");
        }
        Ok(())
    }
}
