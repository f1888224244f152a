//! A listening socket that another process has made: its parent, its predecessor, or systemd.

use crate::net::listener::{ListenError, Listener};

/// Takes a socket by its number. It has to listen already if `is_listening`, else it is told to, with this
/// backlog. Its path, if it has one, stays when it is closed. Fails with `EBADF` for what is not open, and
/// with `EINVAL` for what is no such socket, which is left alone then.
#[cfg(unix)]
pub fn inherit(number: i32, is_listening: bool, backlog: i32) -> Result<Listener, ListenError> {
    let failed = |error| ListenError {
        syscall: "listen",
        error,
    };
    let socket = crate::net::fd::socket_of(number, |fd| check(fd, is_listening)).map_err(failed)?;
    if !is_listening {
        socket.listen(backlog).map_err(failed)?;
    }
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
    use std::net::{TcpListener, UdpSocket};
    use std::os::fd::{AsRawFd, IntoRawFd};

    use rustix::io::{FdFlags, fcntl_getfd};
    use socket2::{Domain, Socket, Type};

    use super::inherit;
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
        assert!(std::net::TcpStream::connect(taken.address().unwrap()).is_ok());
    }

    #[test]
    fn leaves_alone_what_is_no_such_socket() {
        let (udp, file) = (UdpSocket::bind("127.0.0.1:0").unwrap(), tempfile());
        for number in [udp.as_raw_fd(), file.as_raw_fd()] {
            for is_listening in [false, true] {
                assert_eq!(errno(number, is_listening), Some(libc::EINVAL));
            }
        }
        assert!(udp.local_addr().is_ok() && file.metadata().is_ok());
        assert_eq!(errno(-1, true), Some(libc::EBADF));
        assert_eq!(errno(1 << 20, true), Some(libc::EBADF));
    }

    fn tempfile() -> std::fs::File {
        std::fs::File::open("/dev/null").unwrap()
    }
}
