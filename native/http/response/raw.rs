//! Checks response bytes that a handler wrote itself: exactly one well-framed final response.
//!
//! What passes cannot desynchronise a connection: the native side knows where the body ends, may
//! strip it for HEAD, and may insert a field line behind the status line.

mod error;
mod gradual;

pub use error::RawError;
pub use gradual::{GradualRaw, Progress};

use crate::http::body::BodyDecoder;
use crate::http::framing::BodyLength;
use crate::http::limits::Limits;
use crate::http::response::forbids_body;
use crate::http::{byte, list, number};

/// What checked response bytes say about themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawResponse {
    /// 200 to 999.
    pub status: u16,
    /// Bytes of the head, blank line included.
    pub head_len: usize,
    /// How the body behind the head is delimited.
    pub body: RawBody,
    /// Must the connection end after it: `Connection: close`, no length, or HTTP/1.0 without
    /// `keep-alive`?
    pub close: bool,
    /// Does its Connection field say `close`?
    pub says_close: bool,
    /// Is there a Connection field?
    pub has_connection: bool,
    /// The offset behind the status line, where a field line may be inserted.
    pub fields_start: usize,
}

/// How the body of a raw response is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawBody {
    /// There is none: 204, 304, or the answer to HEAD without a length or body.
    None,
    /// By Content-Length.
    Length,
    /// By chunks.
    Chunked,
    /// By the end of the connection, which an answer to HEAD does not need.
    CloseDelimited,
}

/// Checks that `bytes` are exactly one final response to a request, of method HEAD or not.
///
/// In an answer to HEAD the body may be absent, or be there whole as for GET.
pub fn check_raw(bytes: &[u8], head_request: bool) -> Result<RawResponse, RawError> {
    let head = read_head(bytes)?;
    // RFC 9110 §15.3.6.
    if head.line.status == 205 && head.len < bytes.len() {
        return Err(RawError::ForbiddenBody);
    }
    let body = check_body(&bytes[head.len..], &head, head_request)?;
    Ok(head.response(body, head_request))
}

/// The head of a raw response.
struct RawHead {
    line: StatusLine,
    noted: Noted,
    /// Bytes up to the body.
    len: usize,
}

fn read_head(bytes: &[u8]) -> Result<RawHead, RawError> {
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
    fn delimiter(&self) -> Result<RawBody, RawError> {
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

    fn response(&self, body: RawBody, head_request: bool) -> RawResponse {
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

/// Decodes the chunked body of a response that `check_raw` has accepted, for a client that knows
/// no chunks; `body` is what is behind `head_len`.
pub fn decode_chunked_body(body: &[u8], out: &mut Vec<u8>) -> Result<(), RawError> {
    walk_chunks(body, |data| out.extend_from_slice(data))
}

#[derive(Clone, Copy)]
struct StatusLine {
    status: u16,
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
struct Noted {
    length: Option<u64>,
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

fn check_body(body: &[u8], head: &RawHead, head_request: bool) -> Result<RawBody, RawError> {
    let may_be_absent = head_request && body.is_empty();
    match head.delimiter()? {
        RawBody::None if !body.is_empty() => Err(RawError::ForbiddenBody),
        RawBody::CloseDelimited if may_be_absent => Ok(RawBody::None),
        delimiter if may_be_absent => Ok(delimiter),
        RawBody::Length if head.noted.length != Some(body.len() as u64) => {
            Err(RawError::LengthMismatch)
        }
        RawBody::Chunked => walk_chunks(body, |_| {}).map(|()| RawBody::Chunked),
        delimiter => Ok(delimiter),
    }
}

/// The bytes are the author's own.
const NO_LIMITS: Limits = Limits {
    request_line: u32::MAX,
    header_size: u32::MAX,
    headers_count: u32::MAX,
    body_size: u64::MAX,
    chunk_extensions: u32::MAX,
    chunk_framing: u32::MAX,
    trailer_size: u32::MAX,
    trailers_count: u32::MAX,
};

fn walk_chunks(body: &[u8], take: impl FnMut(&[u8])) -> Result<(), RawError> {
    let decoded = BodyDecoder::new(BodyLength::Chunked)
        .walk(body, &NO_LIMITS, take)
        .map_err(|_| RawError::Chunks)?;
    match decoded {
        decoded if !decoded.done => Err(RawError::Chunks),
        decoded if decoded.consumed < body.len() => Err(RawError::Surplus),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
