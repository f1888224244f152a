//! A whole request in one piece of memory: where it ends, and what it says.

use crate::http::body::BodyDecoder;
use crate::http::error::ParseError;
use crate::http::framing::{BodyLength, Framing, frame};
use crate::http::head::{FieldLine, HeadParser, Parsed, RequestHead};
use crate::http::limits::Limits;

/// The head of a message and what it says about the bytes behind it.
#[derive(Clone, Copy, Debug)]
pub struct MessageHead {
    /// Where the parts of the head are.
    pub head: RequestHead,
    /// What it asks for.
    pub framing: Framing,
    /// The offset of the body, empty lines before the request line included.
    pub end: usize,
}

/// Reads and judges the head that `bytes` begin with; its field lines are left in `fields`.
pub fn read_head(
    bytes: &[u8],
    limits: &Limits,
    fields: &mut Vec<FieldLine>,
) -> Result<Parsed<MessageHead>, ParseError> {
    let head = match HeadParser::default().parse(bytes, limits, fields)? {
        Parsed::Complete(head) => head,
        Parsed::Partial => return Ok(Parsed::Partial),
    };
    let start = head.start as usize;
    let end = start + head.len as usize;
    let framing = frame(&head, &bytes[start..end], fields, limits)?;
    Ok(Parsed::Complete(MessageHead { head, framing, end }))
}

impl MessageHead {
    /// Bytes of the whole message that `bytes` begin with. The data of its body is given to `take`
    /// piece by piece, also when the end is not there yet.
    pub fn read_body(
        &self,
        bytes: &[u8],
        limits: &Limits,
        take: impl FnMut(&[u8]),
    ) -> Result<Parsed<usize>, ParseError> {
        let decoded = BodyDecoder::new(self.framing.body).walk(&bytes[self.end..], limits, take)?;
        Ok(if decoded.done {
            Parsed::Complete(self.end + decoded.consumed)
        } else {
            Parsed::Partial
        })
    }

    /// Bytes of the whole message as far as the head alone can tell: `None` for a body in chunks
    /// and for none.
    pub fn declared_len(&self) -> Option<u64> {
        match self.framing.body {
            BodyLength::Length(length) => (self.end as u64).checked_add(length),
            BodyLength::Chunked | BodyLength::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::tests::cases::{cases, families};
    use crate::http::tests::session::run_whole;

    fn length(bytes: &[u8]) -> Result<Option<usize>, ParseError> {
        let limits = Limits::default();
        let Parsed::Complete(head) = read_head(bytes, &limits, &mut Vec::new())? else {
            return Ok(None);
        };
        Ok(match head.read_body(bytes, &limits, |_| {})? {
            Parsed::Complete(len) => Some(len),
            Parsed::Partial => None,
        })
    }

    #[test]
    fn frames_what_a_connection_would_take_one_by_one() {
        for case in cases().into_iter().chain(families()) {
            let expected = run_whole(&case.bytes);
            let (mut rest, mut count) = (&case.bytes[..], 0);
            let fault = loop {
                if count == expected.requests.len() && expected.closed {
                    break None;
                }
                match length(rest) {
                    Ok(Some(len)) => (rest, count) = (&rest[len..], count + 1),
                    Ok(None) => break None,
                    Err(fault) => break Some(fault),
                }
            };
            assert_eq!(count, expected.requests.len(), "{}", case.id);
            assert_eq!(fault, expected.fault, "{}", case.id);
        }
    }
}
