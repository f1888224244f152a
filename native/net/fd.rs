//! System calls on descriptors, signals and symbols that no safe wrapper has.

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

/// Takes a socket that somebody has left to this process by its number, if there is one that `is_meant`;
/// else it stays whose it is. Children do not get it.
#[cfg(unix)]
pub fn socket_of(
    number: i32,
    is_meant: impl FnOnce(std::os::fd::BorrowedFd<'_>) -> std::io::Result<()>,
) -> std::io::Result<socket2::Socket> {
    use std::os::fd::{FromRawFd, OwnedFd};
    let borrowed = borrow(number)?;
    rustix::io::fcntl_getfd(borrowed)?;
    is_meant(borrowed)?;
    // SAFETY: it is open, by the call above, and left to us: who names it gives it away.
    let owned = unsafe { OwnedFd::from_raw_fd(number) };
    let socket = socket2::Socket::from(owned);
    socket.set_cloexec(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Another descriptor for what a number of this process is, which stays whose it is. Children do not get it.
#[cfg(unix)]
pub fn duplicate(number: i32) -> std::io::Result<std::os::fd::OwnedFd> {
    // The first three mean something wherever they are free.
    Ok(rustix::io::fcntl_dupfd_cloexec(borrow(number)?, 3)?)
}

/// What a number names, to be asked about: the kernel says if it is not open.
#[cfg(unix)]
fn borrow<'a>(number: i32) -> std::io::Result<std::os::fd::BorrowedFd<'a>> {
    if number < 0 {
        return Err(std::io::Error::from_raw_os_error(libc::EBADF));
    }
    // SAFETY: the number is not -1, by the check above, and whoever has it does no more than ask the kernel about it.
    Ok(unsafe { std::os::fd::BorrowedFd::borrow_raw(number) })
}

/// Where a function of the process is that has this name, be it of the program or of a library.
#[cfg(unix)]
pub fn symbol(name: &std::ffi::CStr) -> Option<*mut std::ffi::c_void> {
    // SAFETY: the name is a C string; nothing is called.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!found.is_null()).then_some(found)
}

/// Not looked for: whatever it would be good for is missing here.
#[cfg(not(unix))]
pub fn symbol(_name: &std::ffi::CStr) -> Option<*mut std::ffi::c_void> {
    None
}

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
    let at = offset as libc::off_t;
    // SAFETY: both descriptors are borrowed, so open; `sent` is ours; null stands for no headers.
    let result = unsafe { libc::sendfile(from, to, at, &raw mut sent, header, 0) };
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

#[cfg(unix)]
pub use lent::Lent;

/// Descriptors that their next owner knows by number alone, and may die before it owns them.
#[cfg(unix)]
mod lent {
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

    use rustix::fs::fstat;

    /// A socket on its way. Dropped before it is claimed it is closed, unless the owner that died had
    /// closed it already: a second descriptor of the same socket tells whether the number still is it.
    #[derive(Debug)]
    pub struct Lent {
        number: RawFd,
        twin: OwnedFd,
    }

    impl Lent {
        /// Lends a socket. Fails if no descriptor is left, and then nothing has happened.
        pub fn new(socket: OwnedFd) -> io::Result<Self> {
            let twin = socket.try_clone()?;
            Ok(Self {
                number: socket.into_raw_fd(),
                twin,
            })
        }

        /// The number, for the next owner.
        pub fn number(&self) -> RawFd {
            self.number
        }

        /// The next owner has it.
        pub fn claim(mut self) {
            self.number = -1;
        }

        /// A descriptor of the same socket, for a test that takes it.
        #[cfg(test)]
        pub(crate) fn into_socket(self) -> OwnedFd {
            self.twin.try_clone().unwrap()
        }

        fn is_ours(&self) -> bool {
            if self.number < 0 {
                return false;
            }
            // SAFETY: the number is not -1, by the check above, and only asked what it is.
            let number = unsafe { BorrowedFd::borrow_raw(self.number) };
            let (Ok(there), Ok(here)) = (fstat(number), fstat(self.twin.as_fd())) else {
                return false;
            };
            (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)
        }
    }

    impl Drop for Lent {
        fn drop(&mut self) {
            if self.is_ours() {
                // Whoever was to own it is gone: a socket is claimed on the thread that makes it.
                // SAFETY: `is_ours` says that the number still is this socket.
                drop(unsafe { OwnedFd::from_raw_fd(self.number) });
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use std::net::TcpListener;

        use super::*;

        fn socket() -> OwnedFd {
            TcpListener::bind("127.0.0.1:0").unwrap().into()
        }

        /// `twin` was made before the number could be free: it would get that one.
        fn is_open(number: RawFd, twin: OwnedFd) -> bool {
            let lent = Lent { number, twin };
            let is_open = lent.is_ours();
            lent.claim();
            is_open
        }

        #[test]
        fn closes_what_nobody_claimed_and_nothing_else() {
            let first = socket();
            let [before, after] = [(); 2].map(|()| first.try_clone().unwrap());
            let lent = Lent::new(first).unwrap();
            let number = lent.number();
            assert!(is_open(number, before));
            drop(lent);
            assert!(!is_open(number, after));

            let lent = Lent::new(socket()).unwrap();
            let [before, after] = [(); 2].map(|()| lent.twin.try_clone().unwrap());
            let number = lent.number();
            lent.claim();
            assert!(is_open(number, before));
            // SAFETY: it was lent and claimed, so it is this test's.
            drop(unsafe { TcpListener::from_raw_fd(number) });
            assert!(!is_open(number, after));
        }
    }
}

/// There is no socket that could be lent.
#[cfg(windows)]
#[derive(Debug)]
pub struct Lent(crate::net::platform::Descriptor);

#[cfg(windows)]
impl Lent {
    /// Never called: there is no such descriptor.
    pub fn new(socket: crate::net::platform::Descriptor) -> std::io::Result<Self> {
        Ok(Self(socket))
    }

    /// Never called.
    pub fn number(&self) -> i32 {
        match self.0 {}
    }

    /// Never called.
    pub fn claim(self) {
        match self.0 {}
    }
}
