//! A request that is refused, as JavaScript is told of it where it wants to answer.

use crate::http::error::ParseError;
use crate::http::head::{HeadParser, Parsed};
use crate::http::limits::Limits;

/// Bytes of a refused request that are told at most: half a chunk has room for them.
pub const MAX_REFUSED: usize = 24 << 10;

/// What is told of a refused request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused<'a> {
    /// Slot of the connection.
    pub index: u32,
    /// Which connection.
    pub generation: u32,
    /// The status that the client gets if nobody answers.
    pub status: u16,
    /// What is wrong with it; nothing if it took too long.
    pub fault: Option<ParseError>,
    /// How many of its bytes were read without a fault.
    pub parsed: u32,
    /// What was read of it, from its beginning or, within a body, the last piece; at most
    /// `MAX_REFUSED` bytes.
    pub bytes: &'a [u8],
}

/// What is kept of it until it can be told.
#[derive(Debug)]
pub struct Kept {
    fault: Option<ParseError>,
    parsed: u32,
    bytes: Vec<u8>,
}

impl Kept {
    /// Keeps the beginning of what was read of it.
    pub fn of(fault: Option<ParseError>, bytes: &[u8], limits: &Limits) -> Box<Self> {
        let bytes = bytes[..bytes.len().min(MAX_REFUSED)].to_vec();
        let parsed = reach(&bytes, limits) as u32;
        Box::new(Self {
            fault,
            parsed,
            bytes,
        })
    }

    /// Bytes of memory that it takes.
    pub fn cost(&self) -> usize {
        self.bytes.capacity()
    }

    /// All that is told.
    pub fn told(&self, (index, generation): (u32, u32), status: u16) -> Refused<'_> {
        Refused {
            index,
            generation,
            status,
            fault: self.fault,
            parsed: self.parsed,
            bytes: &self.bytes,
        }
    }
}

/// How far a head is read: up to its fault, or to its end if the fault is in what it says.
fn reach(bytes: &[u8], limits: &Limits) -> usize {
    let mut parser = HeadParser::default();
    match parser.parse(bytes, limits, &mut Vec::new()) {
        Ok(Parsed::Complete(head)) => (head.start + head.len) as usize,
        Ok(Parsed::Partial) | Err(_) => parser.reach(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, MAX_REFUSED};
    use crate::http::error::ParseError;
    use crate::http::limits::Limits;

    #[test]
    fn says_how_far_a_request_was_read() {
        let fault = Some(ParseError::FieldName);
        for (bytes, parsed) in [
            ("", 0),
            ("\r\n\r\n", 4),
            ("G\x01", 1),
            ("GET /\x01", 5),
            ("GET / HTTP/1.1\r\n", 16),
            ("\r\nGET / HTTP/1.1\r\nA : b\r\n", 19),
            ("GET / HTTP/1.1\r\nA: b\x01\r\n\r\n", 20),
            ("GET / HTTP/1.1\r\n\r\nbody", 18),
        ] {
            let kept = Kept::of(fault, bytes.as_bytes(), &Limits::default());
            let told = kept.told((3, 4), 400);
            assert_eq!(
                (told.parsed, told.bytes),
                (parsed, bytes.as_bytes()),
                "{bytes:?}"
            );
            assert_eq!((told.index, told.generation, told.status), (3, 4, 400));
        }
        let long = Kept::of(None, &[b'x'; 100_000], &Limits::default());
        assert_eq!(long.told((0, 0), 408).bytes.len(), MAX_REFUSED);
    }
}
