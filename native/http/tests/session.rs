//! A connection without a socket: bytes in, requests and a fault out.

use crate::http::body::BodyDecoder;
use crate::http::error::ParseError;
use crate::http::framing::{self, BodyLength};
use crate::http::head::{FieldLine, HeadParser, Parsed, RequestHead};
use crate::http::limits::Limits;

/// A request as the handler would get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: Vec<u8>,
    pub(crate) target: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) query: Vec<u8>,
    pub(crate) version: Vec<u8>,
    pub(crate) fields: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) keep_alive: bool,
}

/// Everything that came of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) requests: Vec<Seen>,
    pub(crate) fault: Option<ParseError>,
    /// Did a request end the connection?
    pub(crate) closed: bool,
    /// Is there part of a request that has not ended?
    pub(crate) unfinished: bool,
    /// Is it the body that has not ended?
    pub(crate) in_body: bool,
}

#[derive(Default)]
struct Session {
    buf: Vec<u8>,
    at: usize,
    parser: HeadParser,
    fields: Vec<FieldLine>,
    current: Option<(Seen, BodyDecoder)>,
    requests: Vec<Seen>,
    fault: Option<ParseError>,
    closed: bool,
}

/// Feeds the pieces one after the other, with the default limits.
pub(crate) fn run<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    run_within(&Limits::default(), pieces)
}

/// Feeds the pieces one after the other.
pub(crate) fn run_within<'a>(
    limits: &Limits,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Outcome {
    let mut session = Session::default();
    for piece in pieces {
        session.buf.extend_from_slice(piece);
        while session.fault.is_none() && !session.closed {
            match session.step(limits) {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) => session.fault = Some(fault),
            }
        }
    }
    let open = session.fault.is_none() && !session.closed;
    Outcome {
        unfinished: open && (session.current.is_some() || session.at < session.buf.len()),
        in_body: open && session.current.is_some(),
        requests: session.requests,
        fault: session.fault,
        closed: session.closed,
    }
}

pub(crate) fn run_whole(bytes: &[u8]) -> Outcome {
    run([bytes])
}

pub(crate) fn run_bytewise(bytes: &[u8]) -> Outcome {
    run(bytes.chunks(1))
}

impl Session {
    /// Returns whether there may be more to do with the bytes at hand.
    fn step(&mut self, limits: &Limits) -> Result<bool, ParseError> {
        let rest = &self.buf[self.at..];
        if let Some((seen, decoder)) = &mut self.current {
            let decoded = decoder.decode(rest, limits, &mut seen.body)?;
            self.at += decoded.consumed;
            assert_eq!(decoder.produced(), seen.body.len() as u64);
            if !decoded.done {
                assert_eq!(self.at, self.buf.len());
                return Ok(false);
            }
            assert_eq!(decoder.remaining_hint(), 0);
            if let Some((seen, _)) = self.current.take() {
                self.closed = !seen.keep_alive;
                self.requests.push(seen);
            }
            return Ok(true);
        }
        match self.parser.parse(rest, limits, &mut self.fields)? {
            Parsed::Partial => Ok(false),
            Parsed::Complete(head) => {
                self.current = Some(begin(
                    &head,
                    &rest[head.start as usize..],
                    &self.fields,
                    limits,
                )?);
                self.at += (head.start + head.len) as usize;
                self.parser = HeadParser::default();
                self.fields.clear();
                Ok(true)
            }
        }
    }
}

fn begin(
    head: &RequestHead,
    bytes: &[u8],
    fields: &[FieldLine],
    limits: &Limits,
) -> Result<(Seen, BodyDecoder), ParseError> {
    let framing = framing::frame(head, bytes, fields, limits)?;
    if let BodyLength::Length(length) = framing.body {
        assert!((1..=limits.body_size).contains(&length));
    }
    let bytes = &bytes[..head.len as usize];
    let seen = Seen {
        method: head.method.of(bytes).to_vec(),
        target: head.target.of(bytes).to_vec(),
        path: head.path.of(bytes).to_vec(),
        query: head.query.of(bytes).to_vec(),
        version: head.version_span.of(bytes).to_vec(),
        fields: fields
            .iter()
            .map(|field| {
                (
                    field.name.of(bytes).to_vec(),
                    field.value.of(bytes).to_vec(),
                )
            })
            .collect(),
        body: Vec::new(),
        keep_alive: framing.keep_alive,
    };
    Ok((seen, BodyDecoder::new(framing.body)))
}
