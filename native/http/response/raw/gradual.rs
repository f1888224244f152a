//! Checks a raw response that is written bit by bit, by the same rules as one that is there whole.

use super::head::{RawHead, read_head};
use super::{NO_LIMITS, RawBody, RawError, RawResponse};
use crate::http::body::BodyDecoder;
use crate::http::framing::BodyLength;

/// The longest head in bytes: only its author waits for its end.
const MAX_HEAD: usize = 64 << 10;

/// A response of which some bytes have come.
#[derive(Debug)]
pub struct GradualRaw {
    head_request: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Head(Vec<u8>),
    Body(Body),
}

#[derive(Debug)]
struct Body {
    status: u16,
    delimiter: RawBody,
    decoder: BodyDecoder,
    has_begun: bool,
    is_done: bool,
}

/// What became of bytes that were written.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// They are kept: the head has no end yet.
    Kept,
    /// They complete the head: everything up to here, body bytes behind the head included. The
    /// latter are not checked yet.
    Head(RawResponse, Vec<u8>),
    /// They belong to the body, all of them.
    Body,
}

impl GradualRaw {
    /// A response to a request, of method HEAD or not.
    pub fn new(head_request: bool) -> Self {
        Self {
            head_request,
            state: State::Head(Vec::new()),
        }
    }

    /// Is the head still to come?
    pub fn is_in_head(&self) -> bool {
        matches!(self.state, State::Head(_))
    }

    /// Takes the next bytes, and gives the data of a body to `data`: without chunk framing if it is
    /// chunked. After an error the response is beyond repair.
    pub fn write(&mut self, bytes: &[u8], data: impl FnMut(&[u8])) -> Result<Progress, RawError> {
        let head = match &mut self.state {
            State::Body(body) => return body.write(bytes, data).map(|()| Progress::Body),
            State::Head(head) => head,
        };
        head.extend_from_slice(bytes);
        let found = match read_head(head) {
            Ok(found) => found,
            Err(_) if !bytes.contains(&b'\n') && head.len() <= MAX_HEAD => {
                return Ok(Progress::Kept);
            }
            Err(RawError::UnfinishedHead) if head.len() <= MAX_HEAD => return Ok(Progress::Kept),
            Err(error) => return Err(error),
        };
        let head = std::mem::take(head);
        let body = Body::behind(&found)?;
        let delimiter = match body.delimiter {
            RawBody::CloseDelimited if self.head_request => RawBody::None,
            delimiter => delimiter,
        };
        self.state = State::Body(body);
        Ok(Progress::Head(
            found.response(delimiter, self.head_request),
            head,
        ))
    }

    /// Is this all of it?
    pub fn end(&self) -> Result<(), RawError> {
        match &self.state {
            State::Head(head) => Err(match read_head(head) {
                Err(error) => error,
                Ok(_) => RawError::UnfinishedHead,
            }),
            State::Body(body) if self.head_request && !body.has_begun => Ok(()),
            State::Body(body) => body.end(),
        }
    }
}

impl Body {
    fn behind(head: &RawHead) -> Result<Self, RawError> {
        let delimiter = head.delimiter()?;
        let length = match delimiter {
            RawBody::None | RawBody::CloseDelimited => BodyLength::None,
            RawBody::Length => BodyLength::Length(head.noted.length.unwrap_or(0)),
            RawBody::Chunked => BodyLength::Chunked,
        };
        Ok(Self {
            status: head.line.status,
            delimiter,
            decoder: BodyDecoder::new(length),
            has_begun: false,
            is_done: matches!(length, BodyLength::None | BodyLength::Length(0)),
        })
    }

    fn write(&mut self, bytes: &[u8], mut data: impl FnMut(&[u8])) -> Result<(), RawError> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.has_begun = true;
        if self.status == 205 {
            return Err(RawError::ForbiddenBody);
        }
        if self.delimiter == RawBody::CloseDelimited {
            data(bytes);
            return Ok(());
        }
        let decoded = self.decoder.walk(bytes, &NO_LIMITS, data);
        let decoded = decoded.map_err(|_| RawError::Chunks)?;
        self.is_done = decoded.done;
        if decoded.consumed == bytes.len() {
            return Ok(());
        }
        Err(match self.delimiter {
            RawBody::None => RawError::ForbiddenBody,
            RawBody::Length => RawError::LengthMismatch,
            RawBody::Chunked | RawBody::CloseDelimited => RawError::Surplus,
        })
    }

    fn end(&self) -> Result<(), RawError> {
        match self.delimiter {
            _ if self.is_done => Ok(()),
            RawBody::Length => Err(RawError::LengthMismatch),
            RawBody::Chunked => Err(RawError::Chunks),
            RawBody::None | RawBody::CloseDelimited => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
