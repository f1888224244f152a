//! Decodes a request body: by length or by chunks.
//!
//! Resumable at any byte, with a state instead of a copy of unfinished lines. Whatever a peer
//! sends, the work is linear and the memory is the decoded data.

use crate::http::chunk::ChunkLine;
use crate::http::error::ParseError;
use crate::http::framing::BodyLength;
use crate::http::limits::Limits;
use crate::http::number;
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
    pub fn walk<'a>(
        &mut self,
        input: &'a [u8],
        limits: &Limits,
        take: impl FnMut(&'a [u8]),
    ) -> Result<Decoded, ParseError> {
        self.walk_all(input, limits, take, |_| ())
    }

    /// Like `walk`, with the trailer section given away too, as it is sent and with the blank line
    /// behind it.
    pub fn walk_all<'a>(
        &mut self,
        input: &'a [u8],
        limits: &Limits,
        mut take: impl FnMut(&'a [u8]),
        mut take_trailers: impl FnMut(&'a [u8]),
    ) -> Result<Decoded, ParseError> {
        let mut consumed = 0;
        while self.stage != Stage::Done && consumed < input.len() {
            let rest = &input[consumed..];
            consumed += match self.stage {
                Stage::Fixed | Stage::ChunkData => {
                    let len = usize::try_from(self.remaining).unwrap_or(usize::MAX);
                    let data = &rest[..rest.len().min(len)];
                    take(data);
                    self.advance(data.len() as u64);
                    data.len()
                }
                Stage::ChunkLine => match self.read_small_chunks(rest, limits, &mut take) {
                    0 => self.read_chunk_line(rest, limits)?,
                    len => len,
                },
                Stage::Trailers => {
                    let len = self.read_trailers(rest, limits)?;
                    take_trailers(&rest[..len]);
                    len
                }
                _ => self.read_chunk_end(rest)?,
            };
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

    /// Chunks of one digit that are there whole: the most framing for the least data, so that they
    /// must not cost the most. Whatever is wrong with others is for the slower way to say.
    fn read_small_chunks<'a>(
        &mut self,
        rest: &'a [u8],
        limits: &Limits,
        mut take: impl FnMut(&'a [u8]),
    ) -> usize {
        if !self.line.is_fresh() || limits.chunk_extensions == 0 {
            return 0;
        }
        let mut at = 0;
        while let [digit, b'\r', b'\n', behind @ ..] = &rest[at..]
            && let Some(size @ 1..) = number::hex_digit(*digit)
            && let Some((data, [b'\r', b'\n', ..])) = behind.split_at_checked(size.into())
            && let announced = self.announced.saturating_add(size.into())
            && announced <= limits.body_size
            && self.framing + 3 <= allowed_framing(announced, limits)
        {
            take(data);
            self.announced = announced;
            self.produced = announced;
            self.framing += 5;
            at += data.len() + 5;
        }
        at
    }

    /// The CR LF behind the data.
    fn read_chunk_end(&mut self, rest: &[u8]) -> Result<usize, ParseError> {
        let len = match (self.stage, rest) {
            (Stage::ChunkCarriageReturn, [b'\r', b'\n', ..]) => 2,
            (Stage::ChunkLineFeed, [b'\n', ..]) => 1,
            (Stage::ChunkCarriageReturn, [b'\r']) => {
                self.framing += 1;
                self.stage = Stage::ChunkLineFeed;
                return Ok(1);
            }
            _ => return Err(ParseError::ChunkEnd),
        };
        self.framing += len as u64;
        self.line = ChunkLine::default();
        self.stage = Stage::ChunkLine;
        Ok(len)
    }

    fn read_chunk_line(&mut self, rest: &[u8], limits: &Limits) -> Result<usize, ParseError> {
        let max_size = limits.body_size.saturating_sub(self.announced);
        let ended = self.line.read(rest, limits.chunk_extensions, max_size)?;
        let len = ended.unwrap_or(rest.len());
        self.framing += len as u64;
        if ended.is_none() {
            return Ok(len);
        }
        let size = self.line.size();
        self.announced += size;
        if self.framing > allowed_framing(self.announced, limits) {
            return Err(ParseError::ChunkFraming);
        }
        self.remaining = size;
        self.stage = if size == 0 {
            Stage::Trailers
        } else {
            Stage::ChunkData
        };
        Ok(len)
    }

    fn read_trailers(&mut self, rest: &[u8], limits: &Limits) -> Result<usize, ParseError> {
        let ended = self.trailers.read(rest, limits)?;
        if ended.is_some() {
            self.stage = Stage::Done;
        }
        Ok(ended.unwrap_or(rest.len()))
    }
}

/// CVE-2023-39326: tiny chunks with long lines make a peer work for nothing.
fn allowed_framing(announced: u64, limits: &Limits) -> u64 {
    u64::from(limits.chunk_framing).saturating_add(announced.saturating_mul(2))
}

#[cfg(test)]
mod tests;
