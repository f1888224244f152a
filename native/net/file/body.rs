//! The part of an open file that is being sent, and how much of it is in memory already.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::reading::{is_cached, read_at};
use super::sendfile::FileSink;

/// Bytes of a file that a connection sends in one turn of the loop.
pub const FILE_TURN: usize = 256 << 10;
/// Bytes that are looked for in memory at a time, and read from a disk if they are not there.
const WINDOW: usize = 1 << 20;
/// What the helper reads at a time.
const PIECE: usize = 128 << 10;

/// Parts of a file as a multipart body (RFC 9110 §14.6).
#[derive(Debug)]
pub struct FileParts {
    /// Each with the bytes that go before it.
    pub parts: Vec<(Vec<u8>, FileBody)>,
    /// What goes behind the last one.
    pub end: Vec<u8>,
}

/// The part of an open file that is still to be sent. It is read when the socket takes it.
#[derive(Debug)]
pub struct FileBody {
    file: Arc<File>,
    offset: u64,
    left: u64,
    /// Up to here it need not be waited for.
    warm: u64,
}

/// What became of an attempt to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// This much.
    Bytes(usize),
    /// Nothing: the disk would have to be waited for.
    Cold,
}

/// Bytes that have to come from a disk.
#[derive(Debug)]
pub struct ColdRead {
    file: Arc<File>,
    offset: u64,
    count: usize,
}

impl FileBody {
    /// `len` bytes from `start`.
    pub fn new(file: impl Into<Arc<File>>, start: u64, len: u64) -> Self {
        Self {
            file: file.into(),
            offset: start,
            left: len,
            warm: 0,
        }
    }

    /// Bytes still to be sent.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Sends up to `most` bytes. Fails with `UnexpectedEof` if the file has become shorter than it
    /// was when it was opened: the length that was announced cannot be kept.
    pub fn send(&mut self, sink: &mut impl FileSink, most: usize) -> io::Result<Sent> {
        if self.offset >= self.warm {
            if !is_cached(&self.file, self.offset, self.window()) {
                return Ok(Sent::Cold);
            }
            self.set_warm();
        }
        let warm = usize::try_from(self.warm - self.offset).unwrap_or(most);
        let count = most.min(warm);
        let sent = sink.send_file(&self.file, self.offset, count)?;
        if sent == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.offset += sent as u64;
        self.left -= sent as u64;
        Ok(Sent::Bytes(sent))
    }

    /// What has to be read before it can go on.
    pub fn cold_read(&self) -> ColdRead {
        ColdRead {
            file: self.file.clone(),
            offset: self.offset,
            count: self.window(),
        }
    }

    /// It was read.
    pub fn set_warm(&mut self) {
        self.warm = self.offset + self.window() as u64;
    }

    fn window(&self) -> usize {
        usize::try_from(self.left).map_or(WINDOW, |left| left.min(WINDOW))
    }
}

impl FileParts {
    /// Bytes of the whole body.
    pub fn len(&self) -> u64 {
        let parts = self.parts.iter();
        let sum: u64 = parts
            .map(|(head, file)| head.len() as u64 + file.left())
            .sum();
        sum + self.end.len() as u64
    }

    /// Whether there is nothing of it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl ColdRead {
    /// Reads the bytes, so that they are in memory; may wait for a disk. A failure is left to
    /// whoever sends them.
    pub fn run(&self, buf: &mut Vec<u8>) {
        buf.resize(PIECE, 0);
        let mut done = 0;
        while done < self.count {
            let at = self.offset + done as u64;
            let most = PIECE.min(self.count - done);
            match read_at(&self.file, &mut buf[..most], at) {
                Ok(0) => return,
                Ok(n) => done += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}
