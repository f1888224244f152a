//! Response bytes that the kernel has not taken yet, in order: deferred write completion.
//!
//! Small responses are gathered in one buffer; a large body stays where it is and is referred to.
//! Outboxes come from a pool of the thread, so that a connection with nothing to send owns none.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use crate::net::file::{FileBody, FileSink, Sent};

/// Buffers above this size are not kept for the next connection.
const KEEP: usize = 64 << 10;
/// How many empty outboxes a thread keeps.
const POOL: usize = 1024;
/// Bytes of this size and above are sent from where they are.
pub const COPY_BELOW: usize = 4096;
/// How many pieces one write gathers.
const GATHER: usize = 16;

/// A queue of bytes.
#[derive(Default)]
pub struct Outbox {
    first: Vec<u8>,
    rest: VecDeque<Piece>,
    written: usize,
    len: u64,
}

enum Piece {
    Gathered(Vec<u8>),
    Body(Box<dyn AsRef<[u8]> + Send>),
    File(FileBody),
}

/// How far writing got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Everything is written.
    All,
    /// The socket takes no more.
    Blocked,
    /// The socket may take more, but the bytes that may be sent at a time are used up.
    Yielded,
    /// What comes next of a file would have to be waited for.
    Cold,
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Gathered(bytes) => bytes,
            Self::Body(body) => (**body).as_ref(),
            Self::File(_) => &[],
        }
    }

    fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

impl Outbox {
    /// Bytes not yet written.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether everything is written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Lets `write` append to the gathered bytes.
    pub fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.compact();
        let buf = match self.rest.back_mut() {
            None => &mut self.first,
            Some(Piece::Gathered(bytes)) => bytes,
            Some(Piece::Body(_) | Piece::File(_)) => {
                self.rest.push_back(Piece::Gathered(Vec::new()));
                match self.rest.back_mut() {
                    Some(Piece::Gathered(bytes)) => bytes,
                    _ => return,
                }
            }
        };
        let before = buf.len();
        write(buf);
        self.len += (buf.len() - before) as u64;
    }

    /// Queues a body without copying it.
    pub fn push(&mut self, body: Box<dyn AsRef<[u8]> + Send>) {
        let len = (*body).as_ref().len();
        if len > 0 {
            self.len += len as u64;
            self.rest.push_back(Piece::Body(body));
        }
    }

    /// Queues bytes, of which few are copied: that is cheaper than one more piece.
    pub fn add(&mut self, bytes: Box<dyn AsRef<[u8]> + Send>) {
        if (*bytes).as_ref().len() < COPY_BELOW {
            self.append(|out| out.extend_from_slice((*bytes).as_ref()));
        } else {
            self.push(bytes);
        }
    }

    /// Copies what is somebody else's, if no more than so many bytes are unwritten: they may have theirs back. What
    /// is longer by itself stays where it is, however little is left of it.
    pub fn own(&mut self, most: u64) {
        if self.len > most {
            return;
        }
        for piece in &mut self.rest {
            if let Piece::Body(body) = piece {
                let bytes = (**body).as_ref();
                if bytes.len() as u64 <= most {
                    *piece = Piece::Gathered(bytes.to_vec());
                }
            }
        }
    }

    /// Queues part of a file, of which nothing is read before its turn.
    pub fn push_file(&mut self, file: FileBody) {
        if file.left() > 0 {
            self.len += file.left();
            self.rest.push_back(Piece::File(file));
        }
    }

    /// Whether part of a file is among what is to be written.
    pub fn has_file(&self) -> bool {
        self.rest.iter().any(Piece::is_file)
    }

    /// The part of a file that comes next, if one does.
    pub fn next_file(&mut self) -> Option<&mut FileBody> {
        match self.rest.front_mut() {
            Some(Piece::File(file)) if self.first.is_empty() => Some(file),
            _ => None,
        }
    }

    /// Writes until everything is written or the socket takes no more, and at most `budget` bytes:
    /// others have a turn before one client has taken all of an answer.
    pub fn write_to(
        &mut self,
        stream: &mut impl FileSink,
        budget: &mut usize,
    ) -> io::Result<Written> {
        while self.len > 0 {
            if *budget == 0 {
                return Ok(Written::Yielded);
            }
            let result = if self.rest.is_empty() {
                let end = self.first.len().min(self.written.saturating_add(*budget));
                stream.write(&self.first[self.written..end])
            } else if let Some(file) = self.next_file() {
                match file.send(stream, *budget) {
                    Ok(Sent::Cold) => return Ok(Written::Cold),
                    Ok(Sent::Bytes(n)) => {
                        *budget -= n;
                        self.consume_file(n);
                        continue;
                    }
                    Err(error) => Err(error),
                }
            } else {
                self.write_gathered(stream, *budget)
            };
            match result {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    *budget = budget.saturating_sub(n);
                    self.consume(n);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Written::Blocked);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Written::All)
    }

    /// Writes what is gathered and `bytes` behind it, once, if there is nothing else. Returns how many were written of
    /// both.
    pub fn write_with(
        &mut self,
        bytes: &[u8],
        stream: &mut impl FileSink,
    ) -> io::Result<(usize, usize)> {
        if !self.rest.is_empty() {
            return Ok((0, 0));
        }
        let before = &self.first[self.written..];
        let (most, slices) = (before.len(), [IoSlice::new(before), IoSlice::new(bytes)]);
        let count = stream.write_vectored(&slices)?;
        let gathered = count.min(most);
        if gathered > 0 {
            self.consume(gathered);
        }
        Ok((gathered, count - gathered))
    }

    fn write_gathered(&self, stream: &mut impl FileSink, budget: usize) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); GATHER];
        let (mut count, mut skip, mut left) = (0, self.written, budget);
        let mut pieces = self.rest.iter();
        let mut next = Some(&self.first[..]);
        while let Some(bytes) = next.filter(|_| count < GATHER && left > 0) {
            let skipped = skip.min(bytes.len());
            skip -= skipped;
            if skipped < bytes.len() {
                let end = bytes.len().min(skipped.saturating_add(left));
                slices[count] = IoSlice::new(&bytes[skipped..end]);
                left -= end - skipped;
                count += 1;
            }
            next = match pieces.next() {
                Some(Piece::File(_)) if left > 0 => {
                    return stream.write_before_file(&slices[..count]);
                }
                piece => piece.map(Piece::bytes),
            };
        }
        stream.write_vectored(&slices[..count])
    }

    fn consume_file(&mut self, n: usize) {
        self.len -= n as u64;
        if self.next_file().is_some_and(|file| file.left() == 0) {
            self.rest.pop_front();
        }
        if self.len == 0 {
            self.consume(0);
        }
    }

    fn consume(&mut self, n: usize) {
        self.len -= n as u64;
        self.written += n;
        if self.len == 0 {
            self.written = 0;
            self.first.clear();
            self.rest.clear();
            return;
        }
        if self.written >= self.first.len() && !self.first.is_empty() {
            self.written -= self.first.len();
            self.first = Vec::new();
        }
        while self.first.is_empty() {
            match self.rest.front() {
                Some(piece) if !piece.is_file() && self.written >= piece.bytes().len() => {
                    self.written -= piece.bytes().len();
                    self.rest.pop_front();
                }
                _ => break,
            }
        }
    }

    /// Frees what is written: a peer that always has a little left to read must not make the
    /// buffer grow for ever.
    fn compact(&mut self) {
        if self.written < KEEP {
            return;
        }
        let front = if self.first.is_empty() {
            match self.rest.front_mut() {
                Some(Piece::Gathered(bytes)) => bytes,
                _ => return,
            }
        } else {
            &mut self.first
        };
        front.drain(..self.written);
        self.written = 0;
    }

    fn reset(&mut self) {
        self.first.clear();
        self.rest.clear();
        self.written = 0;
        self.len = 0;
    }
}

/// Empty outboxes of one thread, the last one used first.
#[derive(Debug, Default)]
#[expect(
    clippy::vec_box,
    reason = "a connection without an outbox pays for a pointer only"
)]
pub struct OutboxPool(Vec<Box<Outbox>>);

impl OutboxPool {
    /// An empty outbox.
    pub fn take(&mut self) -> Box<Outbox> {
        self.0.pop().unwrap_or_default()
    }

    /// Keeps `outbox` for another connection, unless it grew large.
    pub fn put(&mut self, mut outbox: Box<Outbox>) {
        outbox.reset();
        if outbox.first.capacity() <= KEEP && self.0.len() < POOL {
            self.0.push(outbox);
        }
    }
}

#[cfg(test)]
mod tests;
