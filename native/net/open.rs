//! Opening a file for an answer: which files are sent, which part of them, and what a client hears
//! when there is nothing to send.

use std::any::Any;
use std::fs::File;
use std::io;
use std::path::Path;

use crate::http::status;
use crate::net::answer::{Answer, AnswerBody};
use crate::net::file::{FileAnswer, FileState, body_of, state_of};
use crate::net::notice::Notice;
use crate::net::sendfile::read_at;

/// Files that do not know their size (those of `/proc`) are read whole, up to this size.
const UNSIZED: usize = 1 << 20;

/// What becomes of a request whose file was looked for.
#[derive(Debug)]
pub struct Resolved {
    /// The answer; `None` if the handler is asked for another one.
    pub answer: Option<Answer<'static>>,
    /// What the handler's side has to hear.
    pub notice: Option<Notice>,
    /// To be dropped behind the notice: nobody is told of a number that was released.
    pub guard: Option<Box<dyn Any + Send>>,
}

impl Resolved {
    /// With an answer, or with none so far.
    pub fn new(answer: &mut FileAnswer, found: Option<Answer<'static>>) -> Self {
        Self {
            answer: found,
            notice: None,
            guard: answer.guard.take(),
        }
    }
}

/// Opens without waiting for a disk; `None` if that is not possible, or the kernel cannot say.
/// `asks` is unset when it never will.
#[cfg(target_os = "linux")]
pub fn open_at_once(path: &Path, asks: &mut bool) -> Option<io::Result<File>> {
    use rustix::fs::{CWD, Mode, ResolveFlags, openat2};
    use rustix::io::Errno;
    if !*asks {
        return None;
    }
    match openat2(CWD, path, FLAGS, Mode::empty(), ResolveFlags::CACHED) {
        Ok(file) => Some(Ok(File::from(file))),
        Err(error @ (Errno::NOENT | Errno::NOTDIR | Errno::ACCESS)) => Some(Err(error.into())),
        // No such call or no such flag, or a sandbox that forbids it.
        Err(Errno::NOSYS | Errno::INVAL | Errno::TOOBIG | Errno::PERM) => {
            *asks = false;
            None
        }
        Err(_) => None,
    }
}

/// Only Linux can be asked.
#[cfg(not(target_os = "linux"))]
pub fn open_at_once(_: &Path, _: &mut bool) -> Option<io::Result<File>> {
    None
}

/// A FIFO without a writer is opened at once, a terminal does not become ours.
#[cfg(unix)]
pub const FLAGS: rustix::fs::OFlags = rustix::fs::OFlags::RDONLY
    .union(rustix::fs::OFlags::NONBLOCK)
    .union(rustix::fs::OFlags::CLOEXEC)
    .union(rustix::fs::OFlags::NOCTTY);

/// Opens, however long it takes.
pub fn open(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    return Ok(File::from(rustix::fs::open(
        path,
        FLAGS,
        rustix::fs::Mode::empty(),
    )?));
    #[cfg(not(unix))]
    return File::open(path);
}

/// Makes an answer of what was opened. `None`: it must be done where it may take its time.
pub fn resolve(answer: &mut FileAnswer, opened: io::Result<File>, quick: bool) -> Option<Resolved> {
    let found = opened.and_then(|file| {
        let FileState { size, .. } = state_of(&file)?;
        Ok((file, size))
    });
    Some(match found {
        Ok((_, 0)) if quick => return None,
        Ok((file, 0)) => match read_unsized(&file) {
            Ok(bytes) => with_bytes(answer, bytes),
            Err(error) => failed(answer, &error),
        },
        Ok((file, size)) => match range(answer, size) {
            Some((start, len)) => {
                let body = body_of(file, start, len);
                with_body(answer, body, start, len, size)
            }
            None => unsatisfiable(answer, size),
        },
        Err(error) => failed(answer, &error),
    })
}

/// The first byte and the number of bytes; `None` if no byte of a file of this size is meant.
fn range(answer: &FileAnswer, size: u64) -> Option<(u64, u64)> {
    let is_partial = matches!(answer.head, Answer::Encoded { status: 206, .. });
    if answer.start >= size && (answer.start > 0 || is_partial) {
        return None;
    }
    let len = size.min(answer.end.saturating_add(1)) - answer.start;
    Some((answer.start, len))
}

/// Reads a file that says that it is empty to its end.
pub fn read_unsized(file: &File) -> io::Result<Vec<u8>> {
    let (mut bytes, mut len) = (Vec::new(), 0);
    loop {
        if bytes.len() == len {
            bytes.resize((2 * len).max(4096), 0);
        }
        match read_at(file, &mut bytes[len..], len as u64) {
            Ok(0) => break,
            Ok(n) => len += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if len > UNSIZED {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
    }
    bytes.truncate(len);
    Ok(bytes)
}

fn with_bytes(answer: &mut FileAnswer, mut bytes: Vec<u8>) -> Resolved {
    let size = bytes.len() as u64;
    let Some((start, len)) = range(answer, size) else {
        return unsatisfiable(answer, size);
    };
    bytes.drain(..start as usize);
    bytes.truncate(len as usize);
    let body = AnswerBody::Owned(Box::new(bytes));
    with_body(answer, body, start, len, size)
}

fn with_body(
    answer: &mut FileAnswer,
    body: AnswerBody<'static>,
    start: u64,
    len: u64,
    size: u64,
) -> Resolved {
    let mut head = take_head(answer);
    if let Answer::Encoded {
        status,
        fields,
        body: place,
        ..
    } = &mut head
    {
        // RFC 9110 §15.3.7: a 206 says which part it is, and only here is the size known.
        if *status == 206 && !answer.has_range {
            let last = start + len - 1;
            let line = format!("Content-Range: bytes {start}-{last}/{size}\r\n");
            fields.to_mut().extend_from_slice(line.as_bytes());
        }
        *place = body;
    }
    Resolved::new(answer, Some(head))
}

/// RFC 9110 §15.5.17.
pub fn unsatisfiable(answer: &mut FileAnswer, size: u64) -> Resolved {
    let fields = format!("Content-Range: bytes */{size}\r\n");
    let found = plain(answer, 416, fields.into_bytes());
    Resolved::new(answer, Some(found))
}

/// What a client hears of a file that cannot be had, unless somebody else answers it.
pub fn failed(answer: &mut FileAnswer, error: &io::Error) -> Resolved {
    let status = status_of(error);
    let errno = errno_of(error);
    if status < 500 && answer.id != 0 {
        let id = answer.id;
        let notice = Some(Notice::FileFailed { id, errno });
        return Resolved {
            notice,
            ..Resolved::new(answer, None)
        };
    }
    let fields: &[u8] = if status == 503 {
        b"Retry-After: 1\r\n"
    } else {
        b""
    };
    let found = plain(answer, status, fields.to_vec());
    Resolved {
        notice: (status >= 500).then_some(Notice::FileFailed { id: 0, errno }),
        ..Resolved::new(answer, Some(found))
    }
}

/// A short text in place of the file, with nothing of the head that the handler meant for it alone.
pub fn plain(answer: &mut FileAnswer, code: u16, mut lines: Vec<u8>) -> Answer<'static> {
    let mut head = take_head(answer);
    lines.extend_from_slice(&answer.always);
    if let Answer::Encoded {
        status,
        reason,
        content_type,
        fields,
        has_date,
        body,
        ..
    } = &mut head
    {
        *status = code;
        *reason = b"".into();
        *content_type = b"text/plain; charset=utf-8";
        *fields = lines.into();
        *has_date = false;
        *body = AnswerBody::Borrowed(status::reason(code).as_bytes());
    }
    head
}

/// The head that the handler meant for the file.
pub fn take_head(answer: &mut FileAnswer) -> Answer<'static> {
    let nothing = Answer::Raw {
        body: AnswerBody::Borrowed(b""),
        close: true,
    };
    std::mem::replace(&mut answer.head, nothing)
}

/// What is not there and what is no file is 404, what must not be read is 403; where we are short
/// of something it is 503, and any other failure is ours.
pub fn status_of(error: &io::Error) -> u16 {
    #[cfg(unix)]
    match rustix::io::Errno::from_io_error(error) {
        Some(
            rustix::io::Errno::LOOP
            | rustix::io::Errno::NXIO
            | rustix::io::Errno::NODEV
            | rustix::io::Errno::XDEV,
        ) => {
            return 404;
        }
        Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE | rustix::io::Errno::NOMEM) => {
            return 503;
        }
        _ => {}
    }
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::CrossesDevices
        | io::ErrorKind::InvalidInput => 404,
        io::ErrorKind::PermissionDenied => 403,
        // Somebody holds a lease on it (`F_SETLEASE`).
        io::ErrorKind::WouldBlock => 503,
        _ => 500,
    }
}

/// The number that Node has for it; 0 where there is none.
fn errno_of(error: &io::Error) -> u32 {
    #[cfg(unix)]
    let made = match error.kind() {
        io::ErrorKind::IsADirectory => libc::EISDIR,
        io::ErrorKind::InvalidInput => libc::EINVAL,
        io::ErrorKind::FileTooLarge => libc::EFBIG,
        _ => 0,
    };
    #[cfg(not(unix))]
    let made = 0;
    error.raw_os_error().unwrap_or(made) as u32
}

#[cfg(test)]
mod tests;
