//! Response bytes as node writes them: interim responses first, and a body that may be another one
//! than its head announces.
//!
//! What goes out is still exactly one final response, and a client knows where it ends: what is
//! behind its end is left out, and where its end is missing the connection ends instead.

use std::cmp::Ordering;

use super::head::{RawHead, read_head};
use super::{NO_LIMITS, RawBody, RawError, RawResponse, RawRules};
use crate::http::body::BodyDecoder;
use crate::http::framing::BodyLength;

/// What goes out of an answer that is there whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeAnswer {
    /// Bytes of the interim responses before it.
    pub interim_len: usize,
    /// The final response; its offsets are counted from behind them.
    pub response: RawResponse,
    /// Bytes that are sent of its body.
    pub body_len: usize,
    /// Whether that is what its head announces.
    pub fit: BodyFit,
    /// What is wrong with its body, beside the length.
    pub fault: Option<RawError>,
}

/// How a body compares with what its head announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFit {
    /// It is that.
    Exact,
    /// More was written, which is left out: the connection ends behind the announced end.
    Long,
    /// Less was written: the connection ends instead.
    Short,
}

/// Judges `bytes` as the answer to a request, of method HEAD or not.
pub fn judge_node(bytes: &[u8], head_request: bool) -> Result<NodeAnswer, RawError> {
    let mut interim_len = 0;
    let head = loop {
        let head = read_head(&bytes[interim_len..], RawRules::Node)?;
        if !head.is_interim() {
            break head;
        }
        interim_len += head.len;
    };
    let delimiter = head.delimiter()?;
    let body = &bytes[interim_len + head.len..];
    let (body_len, fit, fault) = match delimiter {
        _ if head_request => (0, BodyFit::Exact, None),
        RawBody::None => (0, BodyFit::Exact, None),
        RawBody::CloseDelimited => (body.len(), BodyFit::Exact, None),
        RawBody::Length => {
            let length = usize::try_from(head.noted.length.unwrap_or(0)).unwrap_or(usize::MAX);
            let fit = match body.len().cmp(&length) {
                Ordering::Less => BodyFit::Short,
                Ordering::Equal => BodyFit::Exact,
                Ordering::Greater => BodyFit::Long,
            };
            (length.min(body.len()), fit, None)
        }
        RawBody::Chunked => fit_chunks(body),
    };
    Ok(NodeAnswer {
        interim_len,
        response: head.response(head.announced(delimiter, head_request), head_request),
        body_len,
        fit,
        fault,
    })
}

/// Chunks that are malformed are left out, all of them: nobody says which ones are good.
fn fit_chunks(body: &[u8]) -> (usize, BodyFit, Option<RawError>) {
    match BodyDecoder::new(BodyLength::Chunked).walk(body, &NO_LIMITS, |_| ()) {
        Err(_) => (0, BodyFit::Short, Some(RawError::Chunks)),
        Ok(decoded) if !decoded.done => (body.len(), BodyFit::Short, None),
        Ok(decoded) if decoded.consumed < body.len() => (decoded.consumed, BodyFit::Long, None),
        Ok(_) => (body.len(), BodyFit::Exact, None),
    }
}

impl RawHead {
    /// What delimits the body for the client: in an answer to HEAD never the end of the connection.
    pub(super) fn announced(&self, delimiter: RawBody, head_request: bool) -> RawBody {
        match delimiter {
            RawBody::CloseDelimited if head_request => RawBody::None,
            delimiter => delimiter,
        }
    }
}

/// Appends interim responses, without the lengths that they must not have (RFC 9110 §8.6); says
/// whether one of them is a 100.
pub fn write_interim(mut bytes: &[u8], out: &mut Vec<u8>) -> bool {
    let mut has_continue = false;
    while let Ok(head) = read_head(bytes, RawRules::Node) {
        let (whole, behind) = bytes.split_at(head.len);
        let (line, fields) = whole.split_at(head.line.end);
        out.extend_from_slice(line);
        head.dropped().write(fields, out);
        has_continue |= head.line.status == 100;
        bytes = behind;
    }
    has_continue
}

#[cfg(test)]
mod tests;
