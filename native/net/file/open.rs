//! Opening a file wherever it is: at once, or however long it takes.

use std::fs::File;
use std::io;
use std::path::Path;

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
pub(super) const FLAGS: rustix::fs::OFlags = rustix::fs::OFlags::RDONLY
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
