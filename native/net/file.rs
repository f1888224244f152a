//! A file as the answer to a request: what is asked for, and the part of it that is being sent.

use std::any::Any;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::net::answer::{Answer, AnswerBody};
use crate::net::asset::Asset;
use crate::net::sendfile::{FileSink, is_cached, read_at, read_at_once};

/// Bytes of a file that a connection sends in one turn of the loop.
pub const FILE_TURN: usize = 256 << 10;
/// Bytes that are looked for in memory at a time, and read from a disk if they are not there.
const WINDOW: usize = 1 << 20;
/// What the helper reads at a time.
const PIECE: usize = 128 << 10;

/// A file that is to be opened, and the head of its response.
#[derive(Debug)]
pub struct FileAnswer {
    /// The head: `Answer::Encoded` with no body.
    pub head: Answer<'static>,
    /// Where the file is; from the process's working directory, or below the asset's folder, if it
    /// is relative.
    pub path: PathBuf,
    /// The first byte to send.
    pub start: u64,
    /// The last byte to send; the end of the file if it is behind that.
    pub end: u64,
    /// The field lines hold a `Content-Range`.
    pub has_range: bool,
    /// Field lines of whatever is answered, also in place of the file.
    pub always: Vec<u8>,
    /// Who is to be told when there is no such file, instead of the client; 0 for nobody.
    pub id: u32,
    /// Dropped when nobody needs to be told any more.
    pub guard: Option<Box<dyn Any + Send>>,
    /// What it is as one of the files below a folder; then the request says what is sent of it.
    pub asset: Option<Box<Asset>>,
}

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

/// What is known of a file when it is opened.
#[derive(Clone, Copy, Debug)]
pub struct FileState {
    /// Bytes.
    pub size: u64,
    /// When it was last modified, in nanoseconds since 1970; anybody may set that.
    pub modified_ns: i128,
    /// What else tells one state from another: when anything of it was last changed, by the system's
    /// own clock, and which of all files it is. 0 where the system does not say.
    pub mark: u64,
}

/// The state of a regular file; an error for anything else.
#[cfg(unix)]
pub fn state_of(file: &File) -> io::Result<FileState> {
    use rustix::fs::{FileType, fstat};
    // The standard library asks by `statx`, which takes longer.
    let stat = fstat(file)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(FileState {
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified_ns: nanoseconds(stat.st_mtime.into(), stat.st_mtime_nsec.into()),
            mark: mark(
                nanoseconds(stat.st_ctime.into(), stat.st_ctime_nsec.into()),
                stat.st_ino,
            ),
        }),
        FileType::Directory => Err(io::ErrorKind::IsADirectory.into()),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Mixed, for the number of a file is nobody else's business.
#[cfg(unix)]
fn mark(changed_ns: i128, number: u64) -> u64 {
    (changed_ns as u64) ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(unix)]
fn nanoseconds(seconds: i128, rest: i128) -> i128 {
    seconds * 1_000_000_000 + rest
}

/// The state of a regular file; an error for anything else.
#[cfg(not(unix))]
pub fn state_of(file: &File) -> io::Result<FileState> {
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let modified = metadata.modified()?.duration_since(std::time::UNIX_EPOCH);
    Ok(FileState {
        size: metadata.len(),
        modified_ns: modified.map_or(0, |since| since.as_nanos() as i128),
        mark: 0,
    })
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

/// Parts of this size and below are read when the file is opened: that costs less than sending them
/// from there, and the descriptor is free.
const READ_BELOW: usize = 16 << 10;

/// `len` bytes from `start` of an open file, as the body of an answer.
pub fn body_of(file: File, start: u64, len: u64) -> AnswerBody<'static> {
    if let Some(size) = usize::try_from(len).ok().filter(|&len| len <= READ_BELOW) {
        let mut bytes = vec![0; size];
        if read_at_once(&file, &mut bytes, start) {
            return AnswerBody::Owned(Box::new(bytes));
        }
    }
    AnswerBody::File(FileBody::new(file, start, len))
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
