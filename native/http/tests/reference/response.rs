//! One response, as a client would read it (RFC 9112 §4, §6.3).

use super::body::read_chunked;
use super::head::field_line;
use super::letters::{digit, same_word, text};
use super::message::list;
use super::reader::{BAD, Reader, Stop};
use crate::http::limits::Limits;

/// How the body is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Nothing,
    Length,
    Chunks,
    ToTheEnd,
}

/// A response that is exactly all of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) status_line_len: usize,
    pub(crate) head_len: usize,
    pub(crate) extent: Extent,
    /// The body without its framing.
    pub(crate) body: Vec<u8>,
    pub(crate) says_close: bool,
    pub(crate) has_connection: bool,
    /// The connection cannot go on behind it.
    pub(crate) ends_connection: bool,
}

/// Reads a final response that a server may send; `None` for anything else.
pub(crate) fn read_response(input: &[u8], to_head: bool) -> Option<Response> {
    let mut reader = Reader::new(input);
    let (minor, status) = status_line(&mut reader).ok()?;
    let status_line_len = reader.place();
    let mut fields = Vec::new();
    while reader.look().ok()? != b'\r' {
        fields.push(field_line(&mut reader).ok()?);
    }
    reader.end_of_line().ok()?;
    let head_len = reader.place();
    let behind = &input[head_len..];
    let values = |name: &str| -> Vec<&[u8]> {
        let lines = fields.iter().filter(|line| same_word(&line.0, name));
        lines.map(|line| &line.1[..]).collect()
    };
    let length = length_of(&values("content-length"))?;
    let codings = values("transfer-encoding");
    let is_chunked = match codings[..] {
        [] => false,
        [coding] => same_word(coding, "chunked") && minor == 1 && length.is_none(),
        _ => false,
    };
    if is_chunked == codings.is_empty() || !(200..=999).contains(&status) {
        return None;
    }
    if !may_have(status, length, is_chunked, behind) {
        return None;
    }
    let (extent, body) = extent_of(status, length, is_chunked, behind, to_head)?;
    let connection = values("connection");
    let options = list(&connection);
    let has = |word: &str| options.iter().any(|option| same_word(option, word));
    Some(Response {
        status,
        status_line_len,
        head_len,
        extent,
        body,
        says_close: has("close"),
        has_connection: !connection.is_empty(),
        ends_connection: has("close")
            || (minor == 0 && !has("keep-alive"))
            || (extent == Extent::ToTheEnd && !to_head),
    })
}

/// `HTTP-version SP status-code SP [ reason-phrase ] CRLF`. We speak 1.1 and 1.0, and no server
/// may name a version that it does not speak (RFC 9110 §2.5).
fn status_line(reader: &mut Reader<'_>) -> Result<(u8, u16), Stop> {
    for octet in *b"HTTP/1." {
        reader.expect(octet, BAD)?;
    }
    let minor = match reader.take()? {
        b'0' => 0,
        b'1' => 1,
        _ => return Err(BAD),
    };
    reader.expect(b' ', BAD)?;
    let mut status = 0;
    for _ in 0..3 {
        let octet = reader.take()?;
        if !digit(octet) {
            return Err(BAD);
        }
        status = status * 10 + u16::from(octet - b'0');
    }
    reader.expect(b' ', BAD)?;
    while text(reader.look()?) {
        reader.take()?;
    }
    reader.end_of_line()?;
    Ok((minor, status))
}

/// The outer `None` is a fault.
fn length_of(values: &[&[u8]]) -> Option<Option<u128>> {
    let value = match values {
        [] => return Some(None),
        [value] => str::from_utf8(value).ok()?,
        _ => return None,
    };
    if value.is_empty() || !value.bytes().all(digit) {
        return None;
    }
    let significant = value.trim_start_matches('0');
    if significant.len() > 38 {
        return Some(Some(u128::MAX));
    }
    Some(Some(
        significant
            .bytes()
            .fold(0, |sum, octet| sum * 10 + u128::from(octet - b'0')),
    ))
}

/// What RFC 9110 §8.6, §15.3.5, §15.3.6, §15.4.5 and RFC 9112 §6.1 forbid to a status.
fn may_have(status: u16, length: Option<u128>, is_chunked: bool, behind: &[u8]) -> bool {
    match status {
        204 => length.is_none() && !is_chunked && behind.is_empty(),
        205 => length.unwrap_or(0) == 0 && behind.is_empty(),
        304 => behind.is_empty(),
        _ => true,
    }
}

fn extent_of(
    status: u16,
    length: Option<u128>,
    is_chunked: bool,
    behind: &[u8],
    to_head: bool,
) -> Option<(Extent, Vec<u8>)> {
    if status == 204 || status == 304 {
        return Some((Extent::Nothing, Vec::new()));
    }
    let is_bare = to_head && behind.is_empty();
    if is_chunked {
        let body = match is_bare {
            true => Vec::new(),
            false => {
                read_chunked(behind, &endless())
                    .ok()
                    .filter(|body| body.len == behind.len())?
                    .data
            }
        };
        return Some((Extent::Chunks, body));
    }
    match length {
        Some(length) if is_bare || length == behind.len() as u128 => {
            Some((Extent::Length, behind.to_vec()))
        }
        Some(_) => None,
        None if is_bare => Some((Extent::Nothing, Vec::new())),
        None => Some((Extent::ToTheEnd, behind.to_vec())),
    }
}

/// The handler's own bytes are bounded by their author.
fn endless() -> Limits {
    Limits {
        request_line: u32::MAX,
        header_size: u32::MAX,
        headers_count: u32::MAX,
        body_size: u64::MAX,
        chunk_extensions: u32::MAX,
        chunk_framing: u32::MAX,
        trailer_size: u32::MAX,
        trailers_count: u32::MAX,
        any_absolute: false,
    }
}
