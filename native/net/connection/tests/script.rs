//! A socket that does what a list says: pieces, blocks, interruptions, ends and errors.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, Read, Write};

use crate::http::tests::seeded::Seeded;
use crate::net::file::FileSink;
use crate::net::stream::Socket;

/// What the socket gives to the next read.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// These bytes, or as many of them as fit or as the mood allows.
    Bytes(Vec<u8>),
    /// `WouldBlock` or `Interrupted`, once.
    Pass(ErrorKind),
    /// The peer's FIN: 0 for ever.
    Fin,
    /// This error for ever.
    Fail(ErrorKind),
}

/// A scripted stream.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) reads: VecDeque<Step>,
    /// Everything that was written.
    pub(super) written: Vec<u8>,
    /// Writing fails once this many bytes are written.
    pub(super) fail_write_at: Option<usize>,
    /// What `bound_unsent` was called with.
    pub(super) bounds: Vec<bool>,
    /// `reset_on_close` was called.
    pub(super) is_reset: bool,
    /// `shutdown_write` was called.
    pub(super) is_shut: bool,
    /// Calls so far: something moved if it grew.
    pub(super) calls: usize,
    /// Makes reads and writes short, blocking and interrupted.
    mood: Option<Seeded>,
}

impl Script {
    /// Pieces as they arrive, on a socket that takes whatever is written.
    pub(super) fn new<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
        Self {
            reads: pieces.map(|piece| Step::Bytes(piece.to_vec())).collect(),
            ..Self::default()
        }
    }

    /// Random pieces, on a socket that reads and writes short and blocks when it likes.
    pub(super) fn moody(bytes: &[u8], seed: u64) -> Self {
        let mut seeded = Seeded::new(seed);
        let mut script = Self::default();
        let mut rest = bytes;
        while !rest.is_empty() {
            match seeded.below(6) {
                0 => script.reads.push_back(Step::Pass(ErrorKind::WouldBlock)),
                1 => script.reads.push_back(Step::Pass(ErrorKind::Interrupted)),
                _ => {
                    let most = *seeded.pick(&[1, 7, 100, usize::MAX]);
                    let len = 1 + seeded.below(rest.len().min(most));
                    let (piece, behind) = rest.split_at(len);
                    script.reads.push_back(Step::Bytes(piece.to_vec()));
                    rest = behind;
                }
            }
        }
        script.mood = Some(seeded);
        script
    }

    /// The same with something behind it.
    pub(super) fn then(mut self, step: Step) -> Self {
        self.reads.push_back(step);
        self
    }

    /// Whether a poll would call it readable.
    pub(super) fn is_readable(&self) -> bool {
        !self.reads.is_empty()
    }

    fn mood(&mut self, len: usize) -> io::Result<usize> {
        let Some(mood) = &mut self.mood else {
            return Ok(len);
        };
        match mood.below(8) {
            0 | 1 => Err(ErrorKind::WouldBlock.into()),
            2 => Err(ErrorKind::Interrupted.into()),
            3 => Ok(1),
            _ => Ok(1 + mood.below(len)),
        }
    }
}

impl Read for Script {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        match self.reads.front() {
            None => return Err(ErrorKind::WouldBlock.into()),
            Some(Step::Fin) => return Ok(0),
            Some(Step::Fail(kind)) => return Err((*kind).into()),
            Some(Step::Pass(kind)) => {
                let kind = *kind;
                self.reads.pop_front();
                return Err(kind.into());
            }
            Some(Step::Bytes(_)) => {}
        }
        let Some(Step::Bytes(mut piece)) = self.reads.pop_front() else {
            return Ok(0);
        };
        let fits = piece.len().min(buf.len());
        let n = match &mut self.mood {
            Some(mood) => 1 + mood.below(fits).max(mood.below(fits)),
            None => fits,
        };
        buf[..n].copy_from_slice(&piece[..n]);
        if n < piece.len() {
            piece.drain(..n);
            self.reads.push_front(Step::Bytes(piece));
        }
        Ok(n)
    }
}

impl Write for Script {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.calls += 1;
        assert!(!self.is_shut, "a write behind FIN");
        assert!(!buf.is_empty(), "a write of nothing");
        let mut n = self.mood(buf.len())?;
        if let Some(end) = self.fail_write_at {
            n = n.min(end - self.written.len());
            if n == 0 {
                return Err(ErrorKind::BrokenPipe.into());
            }
        }
        self.written.extend_from_slice(&buf[..n]);
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

impl FileSink for Script {}

impl Socket for Script {
    fn reset_on_close(&mut self) {
        self.is_reset = true;
    }

    fn bound_unsent(&mut self, is_bounded: bool) {
        self.bounds.push(is_bounded);
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.is_shut = true;
        Ok(())
    }
}
