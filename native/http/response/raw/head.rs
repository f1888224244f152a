//! The head of response bytes: its status line, and what its fields say about framing.

use super::{Dropped, RawBody, RawError, RawResponse, RawRules};
use crate::http::response::forbids_body;
use crate::http::{byte, list, number};

/// The head of a raw response.
pub(super) struct RawHead {
    pub(super) line: StatusLine,
    pub(super) noted: Noted,
    rules: RawRules,
    /// Bytes up to the body.
    pub(super) len: usize,
}

/// Reads the head that `bytes` begin with; by node's rules it may be that of an interim response.
pub(super) fn read_head(bytes: &[u8], rules: RawRules) -> Result<RawHead, RawError> {
    let line = read_status_line(bytes, rules)?;
    let is_allowed = match line.status {
        100..200 => rules == RawRules::Node,
        status => status >= 200,
    };
    if !is_allowed {
        return Err(RawError::Status);
    }
    let mut noted = Noted::default();
    let len = read_fields(bytes, line.end, rules, &mut noted)?;
    let head = RawHead {
        line,
        noted,
        rules,
        len,
    };
    match rules {
        RawRules::Strict if line.status != 205 => Ok(head),
        RawRules::Strict => head.without_content(),
        RawRules::Node => head.with_lengths(),
    }
}

impl RawHead {
    /// RFC 9110 §15.3.6: no body, and so none can be announced to HEAD (§8.6).
    fn without_content(self) -> Result<Self, RawError> {
        if self.noted.length.is_some_and(|length| length > 0) {
            return Err(RawError::ForbiddenBody);
        }
        Ok(self)
    }

    /// Nobody looks at a length that is dropped; any other one has to be one.
    fn with_lengths(self) -> Result<Self, RawError> {
        match self.noted.fault {
            Some(fault) if !self.is_lengthless() => Err(fault),
            _ => Ok(self),
        }
    }

    /// Is it that of an interim response? Whoever answers 101 without a takeover answers no more.
    pub(super) fn is_interim(&self) -> bool {
        self.line.status < 200 && self.line.status != 101
    }

    /// RFC 9110 §8.6, RFC 9112 §6.1: neither Content-Length nor Transfer-Encoding.
    fn is_lengthless(&self) -> bool {
        matches!(self.line.status, 100..200 | 204)
    }

    /// How the body that it announces is delimited.
    pub(super) fn delimiter(&self) -> Result<RawBody, RawError> {
        let Self { line, noted, .. } = self;
        if self.rules == RawRules::Node {
            return self.delimiter_of_node();
        }
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

    /// Transfer-Encoding goes before Content-Length (RFC 9112 §6.3 rule 3), and without a last
    /// `chunked` the body ends with the connection (rule 4).
    fn delimiter_of_node(&self) -> Result<RawBody, RawError> {
        let Self { line, noted, .. } = self;
        if noted.chunked && line.is_old {
            return Err(RawError::TransferEncoding);
        }
        Ok(match noted.length {
            _ if forbids_body(line.status) => RawBody::None,
            _ if noted.chunked => RawBody::Chunked,
            Some(_) if !noted.has_coding => RawBody::Length,
            _ => RawBody::CloseDelimited,
        })
    }

    /// What of it does not go out; nothing of what is ours to judge.
    pub(super) fn dropped(&self) -> Dropped {
        let Self { noted, rules, .. } = self;
        if *rules == RawRules::Strict {
            return Dropped::default();
        }
        Dropped {
            lengths: self.is_lengthless() || self.conflicts(),
            repeated_lengths: noted.repeats_length,
            codings: self.is_lengthless(),
            persistence: false,
        }
    }

    /// Content-Length beside Transfer-Encoding.
    fn conflicts(&self) -> bool {
        self.noted.length.is_some() && self.noted.has_coding
    }

    pub(super) fn response(&self, body: RawBody, head_request: bool) -> RawResponse {
        let Self {
            line, noted, len, ..
        } = self;
        let delimited_by_close = body == RawBody::CloseDelimited && !head_request;
        let must_close = delimited_by_close
            || line.status == 101
            || (line.is_old && !noted.keep_alive)
            || (self.conflicts() && !self.is_lengthless());
        RawResponse {
            status: line.status,
            head_len: *len,
            body,
            close: noted.close || must_close,
            must_close,
            says_close: noted.close,
            has_connection: noted.has_connection,
            fields_start: line.end,
            dropped: self.dropped(),
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct StatusLine {
    pub(super) status: u16,
    /// HTTP/1.0; a version that we do not speak may not be named (RFC 9110 §2.5).
    is_old: bool,
    pub(super) end: usize,
}

fn read_status_line(bytes: &[u8], rules: RawRules) -> Result<StatusLine, RawError> {
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
        rest @ ..,
    ] = bytes
    else {
        return Err(RawError::StatusLine);
    };
    // RFC 9112 §4 wants the space also where no reason follows. Clients do without, and so does node.
    let len = match rest {
        [b' ', reason @ ..] => 1 + byte::value_end(reason, 0),
        _ if rules == RawRules::Node => 0,
        _ => return Err(RawError::StatusLine),
    };
    if !rest[len..].starts_with(b"\r\n") {
        return Err(RawError::StatusLine);
    }
    let status = [hundreds, tens, ones]
        .into_iter()
        .fold(0, |value, digit| value * 10 + u16::from(digit - b'0'));
    Ok(StatusLine {
        status,
        is_old: *minor == b'0',
        end: 12 + len + 2,
    })
}

/// What the fields say about framing.
#[derive(Default)]
pub(super) struct Noted {
    pub(super) length: Option<u64>,
    repeats_length: bool,
    /// What is wrong about a length, if that may yet be dropped.
    fault: Option<RawError>,
    has_coding: bool,
    /// The last coding is `chunked`.
    chunked: bool,
    close: bool,
    keep_alive: bool,
    has_connection: bool,
}

/// Reads the field lines from `at`; returns the length of the whole head.
fn read_fields(
    bytes: &[u8],
    mut at: usize,
    rules: RawRules,
    noted: &mut Noted,
) -> Result<usize, RawError> {
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
        noted.note(&bytes[at..colon], byte::trim(&bytes[colon + 1..end]), rules)?;
        at = end + 2;
    }
}

impl Noted {
    fn note(&mut self, name: &[u8], value: &[u8], rules: RawRules) -> Result<(), RawError> {
        if name.eq_ignore_ascii_case(b"content-length") {
            match (self.note_length(value, rules), rules) {
                (Err(fault), RawRules::Node) => self.fault = Some(fault),
                (noted, _) => return noted,
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
            if rules == RawRules::Strict && (self.chunked || !is_chunked(value)) {
                return Err(RawError::TransferEncoding);
            }
            self.has_coding = true;
            self.chunked = list::elements(value).last().is_some_and(is_chunked);
        } else if name.eq_ignore_ascii_case(b"connection") {
            self.has_connection = true;
            self.close |= list::has_token(value, b"close");
            self.keep_alive |= list::has_token(value, b"keep-alive");
        }
        Ok(())
    }

    fn note_length(&mut self, value: &[u8], rules: RawRules) -> Result<(), RawError> {
        let before = self.length;
        if before.is_some() && rules == RawRules::Strict {
            return Err(RawError::DuplicateContentLength);
        }
        self.length = Some(number::decimal(value).ok_or(RawError::ContentLength)?);
        self.repeats_length |= before.is_some();
        match before {
            Some(_) if before != self.length => Err(RawError::DuplicateContentLength),
            _ => Ok(()),
        }
    }
}
