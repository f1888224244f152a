//! From a file to a socket: `sendfile(2)` where there is one, read and write elsewhere.

use std::fs::File;
use std::io::{self, IoSlice, Write};

use super::reading::read_at;

/// What the fallback reads at a time.
const COPY: usize = 64 << 10;

/// A socket that files can be sent to.
pub trait FileSink: Write {
    /// Sends up to `count` bytes from `offset` of `file`, one at least. 0: the file ends there.
    fn send_file(&mut self, file: &File, offset: u64, count: usize) -> io::Result<usize> {
        copy(self, file, offset, count)
    }

    /// Writes pieces that a file follows, so that both can travel in one packet.
    fn write_before_file(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write_vectored(bufs)
    }
}

/// Reads and writes once. What the socket does not take is read again.
pub fn copy(
    sink: &mut (impl Write + ?Sized),
    file: &File,
    offset: u64,
    count: usize,
) -> io::Result<usize> {
    let mut buf = vec![0; count.min(COPY)];
    match read_at(file, &mut buf, offset)? {
        0 => Ok(0),
        n => sink.write(&buf[..n]),
    }
}

/// `sendfile(2)` on a descriptor; `Unsupported` where there is none, or none for such a file.
#[cfg(unix)]
pub fn sendfile(
    socket: std::os::fd::BorrowedFd<'_>,
    file: &File,
    offset: u64,
    count: usize,
) -> io::Result<usize> {
    let sent = kernel::sendfile(socket, file, offset, count);
    let is_unable = |errno| [libc::EINVAL, libc::ENOSYS, libc::EOPNOTSUPP].contains(&errno);
    match sent {
        Err(error) if error.raw_os_error().is_some_and(is_unable) => {
            Err(io::ErrorKind::Unsupported.into())
        }
        sent => sent,
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod kernel {
    use super::{File, io};
    use std::os::fd::BorrowedFd;

    pub(super) fn sendfile(
        socket: BorrowedFd<'_>,
        file: &File,
        mut offset: u64,
        count: usize,
    ) -> io::Result<usize> {
        Ok(rustix::fs::sendfile(
            socket,
            file,
            Some(&mut offset),
            count,
        )?)
    }
}

#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "dragonfly"
))]
mod kernel {
    use super::{File, io};
    use std::os::fd::{AsFd, BorrowedFd};

    pub(super) fn sendfile(
        socket: BorrowedFd<'_>,
        file: &File,
        offset: u64,
        count: usize,
    ) -> io::Result<usize> {
        crate::net::fd::sendfile(socket, file.as_fd(), offset, count)
    }
}

#[cfg(all(
    unix,
    not(any(
        target_os = "linux",
        target_os = "android",
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "dragonfly"
    ))
))]
mod kernel {
    use super::{File, io};
    use std::os::fd::BorrowedFd;

    pub(super) fn sendfile(_: BorrowedFd<'_>, _: &File, _: u64, _: usize) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
