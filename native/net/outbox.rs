//! Response bytes that the kernel has not taken yet, in order: deferred write completion.
//!
//! Small responses are gathered in one buffer; a large body stays where it is and is referred to.
//! Outboxes come from a pool of the thread, so that a connection with nothing to send owns none.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};

/// Buffers above this size are not kept for the next connection.
const KEEP: usize = 64 << 10;
/// How many empty outboxes a thread keeps.
const POOL: usize = 1024;
/// How many pieces one write gathers.
const GATHER: usize = 16;

/// A queue of bytes.
#[derive(Default)]
pub struct Outbox {
    first: Vec<u8>,
    rest: VecDeque<Piece>,
    written: usize,
    len: usize,
}

enum Piece {
    Gathered(Vec<u8>),
    Body(Box<dyn AsRef<[u8]> + Send>),
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Gathered(bytes) => bytes,
            Self::Body(body) => (**body).as_ref(),
        }
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
    pub fn len(&self) -> usize {
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
            Some(Piece::Body(_)) => {
                self.rest.push_back(Piece::Gathered(Vec::new()));
                match self.rest.back_mut() {
                    Some(Piece::Gathered(bytes)) => bytes,
                    _ => return,
                }
            }
        };
        let before = buf.len();
        write(buf);
        self.len += buf.len() - before;
    }

    /// Queues a body without copying it.
    pub fn push(&mut self, body: Box<dyn AsRef<[u8]> + Send>) {
        let len = (*body).as_ref().len();
        if len > 0 {
            self.len += len;
            self.rest.push_back(Piece::Body(body));
        }
    }

    /// Writes until everything is written or the socket takes no more. `Ok(true)`: all written.
    pub fn write_to(&mut self, stream: &mut impl Write) -> io::Result<bool> {
        while self.len > 0 {
            let result = if self.rest.is_empty() {
                stream.write(&self.first[self.written..])
            } else {
                self.write_gathered(stream)
            };
            match result {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => self.consume(n),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn write_gathered(&self, stream: &mut impl Write) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); GATHER];
        let (mut count, mut skip) = (0, self.written);
        let pieces = self.rest.iter().map(Piece::bytes);
        for bytes in std::iter::once(&self.first[..]).chain(pieces) {
            if count == GATHER {
                break;
            }
            let skipped = skip.min(bytes.len());
            skip -= skipped;
            if skipped < bytes.len() {
                slices[count] = IoSlice::new(&bytes[skipped..]);
                count += 1;
            }
        }
        stream.write_vectored(&slices[..count])
    }

    fn consume(&mut self, n: usize) {
        self.len -= n;
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
                Some(piece) if self.written >= piece.bytes().len() => {
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
mod tests {
    use super::*;

    /// Takes at most `step` bytes a call, and blocks every other call.
    struct Slow {
        step: usize,
        block: bool,
        got: Vec<u8>,
    }

    impl Write for Slow {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.block = !self.block;
            if self.block {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let n = buf.len().min(self.step);
            self.got.extend_from_slice(&buf[..n]);
            Ok(n)
        }

        fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
            let all: Vec<u8> = bufs.iter().flat_map(|buf| buf.iter().copied()).collect();
            self.write(&all)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn short_writes_keep_order_and_count() {
        for step in [1, 2, 3, 7, 64, 1000] {
            let mut outbox = Outbox::default();
            let mut expected = Vec::new();
            let mut slow = Slow {
                step,
                block: false,
                got: Vec::new(),
            };
            for round in 0..40u8 {
                let head = [round; 5];
                outbox.append(|out| out.extend_from_slice(&head));
                expected.extend_from_slice(&head);
                if round % 3 == 0 {
                    let body = vec![round ^ 0xff; 11 + usize::from(round)];
                    expected.extend_from_slice(&body);
                    outbox.push(Box::new(body));
                }
                if round % 4 == 0 {
                    outbox.write_to(&mut slow).unwrap();
                }
                assert_eq!(outbox.len(), expected.len() - slow.got.len());
            }
            while !outbox.write_to(&mut slow).unwrap() {}
            assert_eq!(slow.got, expected);
        }
    }

    #[test]
    fn a_socket_that_takes_nothing_is_an_error() {
        let mut outbox = Outbox::default();
        assert!(outbox.write_to(&mut &mut [][..]).unwrap(), "nothing to do");
        outbox.append(|out| out.extend_from_slice(b"bytes"));
        let mut room = [0; 3];
        let error = outbox.write_to(&mut &mut room[..]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
        assert_eq!((&room, outbox.len()), (b"byt", 2));
        assert_eq!(format!("{outbox:?}"), "Outbox { len: 2, .. }");
    }
}
