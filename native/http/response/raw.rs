//! Checks response bytes that a handler wrote itself: exactly one well-framed final response.
//!
//! What passes cannot desynchronise a connection: the native side knows where the body ends, may
//! strip it for HEAD, and may insert a field line behind the status line. By node's rules more
//! passes, and what would desynchronise the connection is left out or ends it.

mod error;
mod gradual;
mod head;
mod lines;
mod node;

pub use error::RawError;
pub use gradual::{GradualRaw, Progress};
use head::{RawHead, read_head};
pub use lines::Dropped;
pub use node::{BodyFit, NodeAnswer, judge_node, write_interim};

use crate::http::body::BodyDecoder;
use crate::http::framing::BodyLength;
use crate::http::limits::Limits;

/// By whose rules response bytes are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawRules {
    /// Ours: what is not exactly one well-framed final response is refused.
    Strict,
    /// Node's: interim responses go before the final one, and a body that is not what its head
    /// announces ends the connection.
    Node,
}

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
    /// Must it, whatever its Connection field says?
    pub must_close: bool,
    /// Does its Connection field say `close`?
    pub says_close: bool,
    /// Is there a Connection field?
    pub has_connection: bool,
    /// The offset behind the status line, where a field line may be inserted.
    pub fields_start: usize,
    /// The field lines that do not go out.
    pub dropped: Dropped,
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
    let head = read_head(bytes, RawRules::Strict)?;
    // RFC 9110 §15.3.6.
    if head.line.status == 205 && head.len < bytes.len() {
        return Err(RawError::ForbiddenBody);
    }
    let body = check_body(&bytes[head.len..], &head, head_request)?;
    Ok(head.response(body, head_request))
}

/// Decodes the chunked body of a response that `check_raw` has accepted, for a client that knows
/// no chunks; `body` is what is behind `head_len`.
pub fn decode_chunked_body(body: &[u8], out: &mut Vec<u8>) -> Result<(), RawError> {
    walk_chunks(body, |data| out.extend_from_slice(data))
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
    any_absolute: false,
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
