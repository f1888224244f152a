//! System calls on descriptors and signals that no safe wrapper has.

/// Keeps SIGPIPE from the calling thread for good: `sendfile(2)` has no `MSG_NOSIGNAL`, and the
/// process may have given the signal a meaning, or its default one, which is death. A signal that a
/// write raises is meant for its own thread and stays pending there, seen by nobody.
#[cfg(unix)]
pub fn block_sigpipe() {
    let mut set = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `set` is writable memory of the right type, which the call initialises.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: `set` was initialised by `sigemptyset` above, and SIGPIPE is a signal.
    unsafe { libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE) };
    // SAFETY: `set` was initialised above; a null pointer asks for no old mask.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut()) };
}

/// There is no such signal.
#[cfg(not(unix))]
pub fn block_sigpipe() {}

/// `sendfile(2)` of macOS: `count` goes in and comes out as what was sent.
#[cfg(target_vendor = "apple")]
pub fn sendfile(
    socket: std::os::fd::BorrowedFd<'_>,
    file: std::os::fd::BorrowedFd<'_>,
    offset: u64,
    count: usize,
) -> std::io::Result<usize> {
    use std::os::fd::AsRawFd;
    let mut sent = count as libc::off_t;
    let (from, to, header) = (file.as_raw_fd(), socket.as_raw_fd(), std::ptr::null_mut());
    // SAFETY: both descriptors are borrowed, so open; `sent` is ours; null stands for no headers.
    let result =
        unsafe { libc::sendfile(from, to, offset as libc::off_t, &raw mut sent, header, 0) };
    sent_or_error(result, sent)
}

/// `sendfile(2)` of FreeBSD and DragonFly: what was sent comes out on its own.
#[cfg(any(target_os = "freebsd", target_os = "dragonfly"))]
pub fn sendfile(
    socket: std::os::fd::BorrowedFd<'_>,
    file: std::os::fd::BorrowedFd<'_>,
    offset: u64,
    count: usize,
) -> std::io::Result<usize> {
    use std::os::fd::AsRawFd;
    let mut sent: libc::off_t = 0;
    let (from, to, header) = (file.as_raw_fd(), socket.as_raw_fd(), std::ptr::null_mut());
    let at = offset as libc::off_t;
    // SAFETY: both descriptors are borrowed, so open; `sent` is ours; null stands for no headers.
    let result = unsafe { libc::sendfile(from, to, at, count, header, &raw mut sent, 0) };
    sent_or_error(result, sent)
}

/// A call that was blocked or interrupted fails although it may have sent something; only then is
/// the number to be trusted in a failure.
#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "dragonfly"
))]
fn sent_or_error(result: libc::c_int, sent: libc::off_t) -> std::io::Result<usize> {
    if result == 0 {
        return Ok(sent as usize);
    }
    let error = std::io::Error::last_os_error();
    let is_passing = matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EINTR));
    if is_passing && sent > 0 {
        return Ok(sent as usize);
    }
    Err(error)
}
