//! Writes the head of a response, and checks responses that are written already (`raw`).

use crate::http::status;

mod keep_alive;
mod raw;

pub use keep_alive::KeepAliveLine;
pub use raw::{
    BodyFit, Dropped, GradualRaw, NodeAnswer, Progress, RawBody, RawError, RawResponse, RawRules,
    check_raw, decode_chunked_body, judge_node, write_interim,
};

/// What a response head says. The caller has checked all text: no CR, LF or NUL gets in here.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a> {
    /// 100 to 999.
    pub status: u16,
    /// The reason phrase; empty for the standard one.
    pub reason: &'a [u8],
    /// The value of Content-Type; empty for none.
    pub content_type: &'a [u8],
    /// Further field lines, `Name: value\r\n` each.
    pub fields: &'a [u8],
    /// The value of Date; `None` where `fields` has one or none is wanted.
    pub date: Option<&'a [u8; 29]>,
    /// How the body is delimited.
    pub body: ResponseBody,
    /// What to say about the connection.
    pub connection: ConnectionField,
    /// What to say of how long it is kept, if it is: a line with its CRLF, or nothing.
    pub keep_alive: &'a [u8],
}

/// How the body of a response is delimited (RFC 9112 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseBody {
    /// By Content-Length, in bytes.
    Length(u64),
    /// By chunks; never to an HTTP/1.0 client.
    Chunked,
    /// By the end of the connection.
    CloseDelimited,
    /// Not at all: 1xx, 204, and a 304 that names no length (RFC 9110 §8.6).
    None,
}

/// What the Connection field says (RFC 9112 §9.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionField {
    /// No field: the default of the client's version.
    Omit,
    /// `close`.
    Close,
    /// `keep-alive`, which only an HTTP/1.0 client needs.
    KeepAlive,
}

/// Appends the head with its blank line: status line, Date, Connection, Content-Type, the
/// length, the further fields.
pub fn encode_head(head: &ResponseHead<'_>, out: &mut Vec<u8>) {
    out.reserve(192 + head.reason.len() + head.content_type.len() + head.fields.len());
    encode_status_line(head.status, head.reason, out);
    if let Some(date) = head.date {
        encode_date(date, out);
    }
    match head.connection {
        ConnectionField::Omit => {}
        ConnectionField::Close => out.extend_from_slice(b"Connection: close\r\n"),
        ConnectionField::KeepAlive => out.extend_from_slice(b"Connection: keep-alive\r\n"),
    }
    if !head.content_type.is_empty() {
        out.extend_from_slice(b"Content-Type: ");
        out.extend_from_slice(head.content_type);
        out.extend_from_slice(b"\r\n");
    }
    match head.body {
        ResponseBody::Length(length) => {
            out.extend_from_slice(b"Content-Length: ");
            out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        ResponseBody::Chunked => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
        ResponseBody::CloseDelimited | ResponseBody::None => {}
    }
    out.extend_from_slice(head.fields);
    if head.connection != ConnectionField::Close {
        out.extend_from_slice(head.keep_alive);
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends an interim response (RFC 9110 §15.2): 1xx, without a body.
pub fn encode_interim(status: u16, fields: &[u8], out: &mut Vec<u8>) {
    encode_status_line(status, b"", out);
    out.extend_from_slice(fields);
    out.extend_from_slice(b"\r\n");
}

/// May a response with this status have no body (RFC 9112 §6.3 rule 1)?
pub fn forbids_body(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 304)
}

/// Appends a whole error response that closes the connection. It has no body, so that it is
/// right for HEAD as well, and no byte of the request.
pub fn encode_error(status: u16, retry: bool, date: Option<&[u8; 29]>, out: &mut Vec<u8>) {
    let head = ResponseHead {
        status,
        reason: b"",
        content_type: b"",
        // RFC 9110 §10.2.3: overload passes.
        fields: if retry { b"Retry-After: 1\r\n" } else { b"" },
        date,
        body: ResponseBody::Length(0),
        connection: ConnectionField::Close,
        keep_alive: b"",
    };
    encode_head(&head, out);
}

/// The same as node's server says it: nothing but that the connection ends.
pub fn encode_node_error(status: u16, out: &mut Vec<u8>) {
    // Of those that it sends, the one that has a newer name than node knows.
    let reason: &[u8] = if status == 413 {
        b"Payload Too Large"
    } else {
        b""
    };
    encode_status_line(status, reason, out);
    out.extend_from_slice(b"Connection: close\r\n\r\n");
}

fn encode_status_line(status: u16, reason: &[u8], out: &mut Vec<u8>) {
    let standard = status::line(status);
    if reason.is_empty() && !standard.is_empty() {
        out.extend_from_slice(standard.as_bytes());
        return;
    }
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(itoa::Buffer::new().format(status).as_bytes());
    // RFC 9112 §4: the space is sent even when the phrase is absent.
    out.push(b' ');
    out.extend_from_slice(reason);
    out.extend_from_slice(b"\r\n");
}

fn encode_date(date: &[u8; 29], out: &mut Vec<u8>) {
    let mut line = *b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    line[6..35].copy_from_slice(date);
    out.extend_from_slice(&line);
}

#[cfg(test)]
mod tests;
