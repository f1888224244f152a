//! Checks a raw response that is written bit by bit, by the same rules as one that is there whole.

use super::head::{RawHead, read_head};
use super::node::BodyFit;
use super::{NO_LIMITS, RawBody, RawError, RawResponse, RawRules};
use crate::http::body::BodyDecoder;
use crate::http::framing::BodyLength;

/// The longest head in bytes: only its author waits for its end.
const MAX_HEAD: usize = 64 << 10;

/// A response of which some bytes have come.
#[derive(Debug)]
pub struct GradualRaw {
    head_request: bool,
    rules: RawRules,
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
    /// By node's rules more was written than belongs to it.
    has_surplus: bool,
}

/// What became of bytes that were written.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// They are kept: the head has no end yet.
    Kept,
    /// They complete the head of an interim response, which is all of this. What is behind it is
    /// kept, to be looked at in a further call.
    Interim(Vec<u8>),
    /// They complete the head: everything up to here, body bytes behind the head included. The
    /// latter are not checked yet.
    Head(RawResponse, Vec<u8>),
    /// So many of them belong to the body: by our rules all of them.
    Body(usize),
}

impl GradualRaw {
    /// A response to a request, of method HEAD or not.
    pub fn new(head_request: bool, rules: RawRules) -> Self {
        Self {
            head_request,
            rules,
            state: State::Head(Vec::new()),
        }
    }

    /// Is the head still to come?
    pub fn is_in_head(&self) -> bool {
        matches!(self.state, State::Head(_))
    }

    /// Has nothing of its head come?
    pub fn is_empty(&self) -> bool {
        matches!(&self.state, State::Head(head) if head.is_empty())
    }

    /// Takes the next bytes, and gives the data of a body to `data`: without chunk framing if it is
    /// chunked. After an error the response is beyond repair.
    pub fn write(&mut self, bytes: &[u8], data: impl FnMut(&[u8])) -> Result<Progress, RawError> {
        if self.drops_body() {
            return Ok(Progress::Body(0));
        }
        let head = match &mut self.state {
            State::Body(body) => return body.write(bytes, self.rules, data).map(Progress::Body),
            State::Head(head) => head,
        };
        head.extend_from_slice(bytes);
        let found = match read_head(head, self.rules) {
            Ok(found) if found.is_interim() => {
                let behind = head.split_off(found.len);
                return Ok(Progress::Interim(std::mem::replace(head, behind)));
            }
            Ok(found) => found,
            Err(_) if !bytes.contains(&b'\n') && head.len() <= MAX_HEAD => {
                return Ok(Progress::Kept);
            }
            Err(RawError::UnfinishedHead) if head.len() <= MAX_HEAD => return Ok(Progress::Kept),
            Err(error) => return Err(error),
        };
        let head = std::mem::take(head);
        let body = Body::behind(&found)?;
        let delimiter = found.announced(body.delimiter, self.head_request);
        self.state = State::Body(body);
        Ok(Progress::Head(
            found.response(delimiter, self.head_request),
            head,
        ))
    }

    /// Is this all of it?
    pub fn end(&self) -> Result<(), RawError> {
        match &self.state {
            State::Head(head) => Err(match read_head(head, self.rules) {
                Err(error) => error,
                Ok(_) => RawError::UnfinishedHead,
            }),
            State::Body(body) if self.head_request && !body.has_begun => Ok(()),
            State::Body(_) if self.rules == RawRules::Node => Ok(()),
            State::Body(body) => body.end(),
        }
    }

    /// Is the body that was written what its head announces? By our rules it is, or `end` fails.
    pub fn fit(&self) -> BodyFit {
        match &self.state {
            State::Body(_) if self.drops_body() => BodyFit::Exact,
            State::Body(body) if body.has_surplus => BodyFit::Long,
            State::Body(body) if body.end().is_err() => BodyFit::Short,
            State::Body(_) | State::Head(_) => BodyFit::Exact,
        }
    }

    /// By node's rules a body that nobody may see is no fault.
    fn drops_body(&self) -> bool {
        let State::Body(body) = &self.state else {
            return false;
        };
        self.rules == RawRules::Node && (self.head_request || body.delimiter == RawBody::None)
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
            has_surplus: false,
        })
    }

    fn write(
        &mut self,
        bytes: &[u8],
        rules: RawRules,
        mut data: impl FnMut(&[u8]),
    ) -> Result<usize, RawError> {
        if bytes.is_empty() {
            return Ok(0);
        }
        self.has_begun = true;
        if self.status == 205 && rules == RawRules::Strict {
            return Err(RawError::ForbiddenBody);
        }
        if self.delimiter == RawBody::CloseDelimited {
            data(bytes);
            return Ok(bytes.len());
        }
        let decoded = self.decoder.walk(bytes, &NO_LIMITS, data);
        let decoded = decoded.map_err(|_| RawError::Chunks)?;
        self.is_done = decoded.done;
        if decoded.consumed == bytes.len() {
            return Ok(bytes.len());
        }
        if rules == RawRules::Node {
            self.has_surplus = true;
            return Ok(decoded.consumed);
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
