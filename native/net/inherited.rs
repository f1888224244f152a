//! A listening socket that another process has made: its parent, its predecessor, or systemd.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::net::listener::{ListenError, Listener};

/// Takes a socket by its number. It has to listen already if `is_listening`, else it is told to, with this
/// backlog. Its path, if it has one, stays when it is closed. Fails with `EBADF` for what is not open,
/// with `EINVAL` for what is no such socket, and with `EBUSY` for that of a server of this process; these are left
/// alone then.
#[cfg(unix)]
pub fn inherit(number: i32, is_listening: bool, backlog: i32) -> Result<Listener, ListenError> {
    let failed = |error| ListenError {
        syscall: "listen",
        error,
    };
    let socket = crate::net::fd::socket_of(number, |fd| {
        if is_held(number) {
            return Err(rustix::io::Errno::BUSY.into());
        }
        check(fd, is_listening)?;
        // Before it is ours: what cannot listen, such as a connection, is left alone.
        match is_listening {
            true => Ok(()),
            false => Ok(rustix::net::listen(fd, backlog)?),
        }
    });
    let socket = socket.map_err(failed)?;
    Listener::of(socket).map_err(failed)
}

/// Fails: there are no such numbers here.
#[cfg(windows)]
pub fn inherit(_number: i32, _is_listening: bool, _backlog: i32) -> Result<Listener, ListenError> {
    Err(ListenError {
        syscall: "listen",
        error: std::io::ErrorKind::Unsupported.into(),
    })
}

/// Numbers of the listening sockets that servers have: of the whole process, as numbers are.
static HELD: Mutex<Vec<i32>> = Mutex::new(Vec::new());

fn held() -> MutexGuard<'static, Vec<i32>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn is_held(number: i32) -> bool {
    held().contains(&number)
}

/// While it is there nobody else takes the listening socket of a server by its number: two owners would
/// close it twice, and the second time it is something else.
#[derive(Debug)]
pub struct Held(Option<i32>);

impl Held {
    /// Holds this one, if it has a number.
    pub fn new(number: Option<i32>) -> Self {
        held().extend(number);
        Self(number)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        held().retain(|&number| Some(number) != self.0);
    }
}

#[cfg(unix)]
fn check(fd: std::os::fd::BorrowedFd<'_>, is_listening: bool) -> std::io::Result<()> {
    use rustix::io::Errno;
    use rustix::net::{AddressFamily, SocketType, getsockname, sockopt};
    let kind = sockopt::socket_type(fd).map_err(|_| Errno::INVAL)?;
    let family = getsockname(fd).map_err(|_| Errno::INVAL)?.address_family();
    let is_known = [
        AddressFamily::INET,
        AddressFamily::INET6,
        AddressFamily::UNIX,
    ]
    .contains(&family);
    // macOS has the option and does not tell.
    #[cfg(not(target_vendor = "apple"))]
    let listens = sockopt::socket_acceptconn(fd)?;
    #[cfg(target_vendor = "apple")]
    let listens = true;
    match kind == SocketType::STREAM && is_known && (listens || !is_listening) {
        true => Ok(()),
        false => Err(Errno::INVAL.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::fd::{AsRawFd, IntoRawFd};
    use std::os::unix::net::UnixStream;

    use rustix::io::{FdFlags, fcntl_getfd};
    use socket2::{Domain, Socket, Type};

    use super::{Held, inherit};
    use crate::net::listener::Listener;

    fn errno(number: i32, is_listening: bool) -> Option<i32> {
        inherit(number, is_listening, 10)
            .unwrap_err()
            .error
            .raw_os_error()
    }

    #[test]
    fn takes_what_listens_and_has_what_is_bound_listen() {
        let listening = TcpListener::bind("127.0.0.1:0").unwrap();
        rustix::io::fcntl_setfd(&listening, FdFlags::empty()).unwrap();
        let address = listening.local_addr().unwrap();
        let Listener::Tcp(taken, bound) = inherit(listening.into_raw_fd(), true, 10).unwrap()
        else {
            panic!("it is one of TCP");
        };
        assert_eq!(bound, address);
        assert!(fcntl_getfd(&taken).unwrap().contains(FdFlags::CLOEXEC));

        let bound = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        bound
            .bind(
                &"127.0.0.1:0"
                    .parse::<std::net::SocketAddr>()
                    .unwrap()
                    .into(),
            )
            .unwrap();
        if cfg!(not(target_vendor = "apple")) {
            assert_eq!(errno(bound.as_raw_fd(), true), Some(libc::EINVAL));
        }
        let taken = inherit(bound.into_raw_fd(), false, 10).unwrap();
        assert!(TcpStream::connect(taken.address().unwrap()).is_ok());
    }

    #[test]
    fn leaves_alone_what_is_no_such_socket() {
        let (udp, file) = (UdpSocket::bind("127.0.0.1:0").unwrap(), tempfile());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let connection = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (pair, _other) = UnixStream::pair().unwrap();
        for number in [
            udp.as_raw_fd(),
            file.as_raw_fd(),
            connection.as_raw_fd(),
            pair.as_raw_fd(),
        ] {
            for is_listening in [false, true] {
                assert_eq!(errno(number, is_listening), Some(libc::EINVAL));
            }
        }
        assert!(udp.local_addr().is_ok() && file.metadata().is_ok());
        assert!(connection.peer_addr().is_ok() && pair.peer_addr().is_ok());
        assert_eq!(errno(-1, true), Some(libc::EBADF));
        assert_eq!(errno(1 << 20, true), Some(libc::EBADF));
    }

    #[test]
    fn takes_what_a_server_holds_when_that_lets_go() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let number = socket.as_raw_fd();
        let held = Held::new(Some(number));
        assert_eq!(errno(number, true), Some(libc::EBUSY));
        drop(held);
        assert!(inherit(socket.into_raw_fd(), true, 10).is_ok());
    }

    fn tempfile() -> std::fs::File {
        std::fs::File::open("/dev/null").unwrap()
    }
}
