//! Decodes a request body: by length or by chunks.
//!
//! Resumable at any byte, with a state instead of a copy of unfinished lines. Whatever a peer
//! sends, the work is linear and the memory is the decoded data.

use crate::http::chunk::ChunkLine;
use crate::http::error::ParseError;
use crate::http::framing::BodyLength;
use crate::http::limits::Limits;
use crate::http::trailer::TrailerSection;

/// What a call of `BodyDecoder::decode` has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Bytes of the input that belong to this body; all of it, unless the body is done.
    pub consumed: usize,
    /// Is the whole body read? What is behind `consumed` is the next request.
    pub done: bool,
}

/// Reads one body over as many calls as its bytes need.
#[derive(Clone, Debug)]
pub struct BodyDecoder {
    stage: Stage,
    /// Bytes of data that the declared length or the current chunk still lacks.
    remaining: u64,
    produced: u64,
    /// Bytes that chunk sizes have announced, the last chunk read included.
    announced: u64,
    /// Bytes of chunk lines and of the CR LF behind chunks.
    framing: u64,
    line: ChunkLine,
    trailers: TrailerSection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Done,
    Fixed,
    ChunkLine,
    ChunkData,
    ChunkCarriageReturn,
    ChunkLineFeed,
    Trailers,
}

impl BodyDecoder {
    /// Begins a body behind its head.
    pub fn new(length: BodyLength) -> Self {
        let (stage, remaining) = match length {
            BodyLength::None | BodyLength::Length(0) => (Stage::Done, 0),
            BodyLength::Length(length) => (Stage::Fixed, length),
            BodyLength::Chunked => (Stage::ChunkLine, 0),
        };
        Self {
            stage,
            remaining,
            produced: 0,
            announced: 0,
            framing: 0,
            line: ChunkLine::default(),
            trailers: TrailerSection::default(),
        }
    }

    /// Decodes `input`, which goes on where the last call's consumed bytes ended, onto `out`.
    ///
    /// The first bad byte or passed limit in stream order is the error, however the bytes are
    /// cut. After an error the decoder must not be used again.
    pub fn decode(
        &mut self,
        input: &[u8],
        limits: &Limits,
        out: &mut Vec<u8>,
    ) -> Result<Decoded, ParseError> {
        self.walk(input, limits, |data| out.extend_from_slice(data))
    }

    /// Like `decode`, with the data given away piece by piece instead of collected.
    pub fn walk(
        &mut self,
        input: &[u8],
        limits: &Limits,
        mut take: impl FnMut(&[u8]),
    ) -> Result<Decoded, ParseError> {
        let mut consumed = 0;
        while self.stage != Stage::Done {
            let rest = &input[consumed..];
            let Some(&next) = rest.first() else { break };
            if matches!(self.stage, Stage::Fixed | Stage::ChunkData) {
                let len = usize::try_from(self.remaining).unwrap_or(usize::MAX);
                let data = &rest[..rest.len().min(len)];
                take(data);
                consumed += data.len();
                self.advance(data.len() as u64);
            } else {
                consumed += 1;
                self.push_framing(next, limits)?;
            }
        }
        Ok(Decoded {
            consumed,
            done: self.stage == Stage::Done,
        })
    }

    /// Bytes of data that are certainly still missing; 0 when unknown.
    pub fn remaining_hint(&self) -> u64 {
        self.remaining
    }

    /// Bytes of data decoded so far.
    pub fn produced(&self) -> u64 {
        self.produced
    }

    fn advance(&mut self, len: u64) {
        self.produced += len;
        self.remaining -= len;
        if self.remaining == 0 {
            self.stage = match self.stage {
                Stage::Fixed => Stage::Done,
                _ => Stage::ChunkCarriageReturn,
            };
        }
    }

    fn push_framing(&mut self, next: u8, limits: &Limits) -> Result<(), ParseError> {
        self.framing += 1;
        match (self.stage, next) {
            (Stage::ChunkLine, _) => return self.push_chunk_line(next, limits),
            (Stage::ChunkCarriageReturn, b'\r') => self.stage = Stage::ChunkLineFeed,
            (Stage::ChunkLineFeed, b'\n') => {
                self.line = ChunkLine::default();
                self.stage = Stage::ChunkLine;
            }
            (Stage::ChunkCarriageReturn | Stage::ChunkLineFeed, _) => {
                return Err(ParseError::ChunkEnd);
            }
            _ => {
                if self.trailers.push(next, limits)? {
                    self.stage = Stage::Done;
                }
            }
        }
        Ok(())
    }

    fn push_chunk_line(&mut self, next: u8, limits: &Limits) -> Result<(), ParseError> {
        let ended = self.line.push(next, limits.chunk_extensions)?;
        let size = self.line.size();
        // Refused behind the last digit: before it, the size may still turn out to be malformed.
        if self.line.has_size() && size > limits.body_size.saturating_sub(self.announced) {
            return Err(ParseError::BodySize);
        }
        if !ended {
            return Ok(());
        }
        self.announced += size;
        // CVE-2023-39326: tiny chunks with long lines make a peer work for nothing.
        let allowed =
            u64::from(limits.chunk_framing).saturating_add(self.announced.saturating_mul(2));
        if self.framing > allowed {
            return Err(ParseError::ChunkFraming);
        }
        self.remaining = size;
        self.stage = if size == 0 {
            Stage::Trailers
        } else {
            Stage::ChunkData
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests;
