//! What it means that a file cannot be had: to the client, and to Node.

use std::io;

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
pub fn errno_of(error: &io::Error) -> u32 {
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
mod tests {
    use super::*;

    #[test]
    fn failures_of_our_own_making_have_a_number() {
        let cases = [
            (io::ErrorKind::IsADirectory, libc::EISDIR),
            (io::ErrorKind::InvalidInput, libc::EINVAL),
            (io::ErrorKind::FileTooLarge, libc::EFBIG),
            (io::ErrorKind::Other, 0),
        ];
        for (kind, errno) in cases {
            assert_eq!(errno_of(&kind.into()), errno as u32, "{kind}");
        }
    }
}
