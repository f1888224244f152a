//! A connection that was just accepted.

use std::io;

use crate::net::endpoint::Endpoint;
use crate::net::stream::Stream;

/// Its socket, and where that leads.
#[derive(Debug)]
pub struct Accepted {
    /// The socket.
    pub stream: Stream,
    /// The client's end.
    pub remote: Endpoint,
    /// Our end.
    pub local: Endpoint,
    /// What it was accepted for; `None` where everybody is accepted.
    pub ticket: Option<u32>,
}

impl Accepted {
    /// One that somebody else has accepted and keeps: its number names a socket of which this has a descriptor
    /// of its own. Fails with `EINVAL` for what is no connection, or none any more.
    #[cfg(unix)]
    pub fn by_another(number: i32) -> io::Result<Self> {
        use rustix::io::Errno;
        use socket2::Type;

        use crate::net::fd::duplicate;
        use crate::net::platform;
        let socket = socket2::Socket::from(duplicate(number)?);
        let remote = socket.peer_addr().map_err(|_| Errno::INVAL)?;
        let local = socket.local_addr()?;
        if socket.r#type()? != Type::STREAM {
            return Err(Errno::INVAL.into());
        }
        // What a listener of ours hands down to what it accepts.
        socket.set_nonblocking(true)?;
        #[cfg(target_vendor = "apple")]
        socket.set_nosigpipe(true)?;
        let (stream, remote, local) = match (remote.as_socket(), local.as_socket()) {
            (Some(remote), Some(local)) => {
                platform::bound_unsent(&socket, true);
                let stream = Stream::Tcp(mio::net::TcpStream::from_std(socket.into()));
                (stream, remote.into(), local.into())
            }
            _ if local.is_unix() => {
                let stream = Stream::Unix(platform::UnixStream::from_std(socket.into()));
                (stream, Endpoint::default(), Endpoint::default())
            }
            _ => return Err(Errno::INVAL.into()),
        };
        Ok(Self {
            stream,
            remote,
            local,
            ticket: None,
        })
    }

    /// Fails: there are no such numbers here.
    #[cfg(windows)]
    pub fn by_another(_number: i32) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    use super::Accepted;
    use crate::net::stream::{Socket, Stream};

    #[test]
    fn has_a_descriptor_of_its_own_for_what_another_accepted() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (theirs, from) = listener.accept().unwrap();
        let mut ours = Accepted::by_another(theirs.as_raw_fd()).unwrap();
        drop(theirs);
        assert_eq!(ours.remote, from.into());
        assert_eq!(ours.local, listener.local_addr().unwrap().into());
        ours.stream.write_all(b"hello").unwrap();
        ours.stream.shutdown_write().unwrap();
        let mut read = String::new();
        client.read_to_string(&mut read).unwrap();
        assert_eq!(read, "hello");

        let (one, mut other) = UnixStream::pair().unwrap();
        let mut ours = Accepted::by_another(one.as_raw_fd()).unwrap();
        drop(one);
        assert!(matches!(ours.stream, Stream::Unix(_)));
        ours.stream.write_all(b"x").unwrap();
        drop(ours);
        let mut read = String::new();
        other.read_to_string(&mut read).unwrap();
        assert_eq!(read, "x");
    }

    #[test]
    fn refuses_what_is_no_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        udp.connect(udp.local_addr().unwrap()).unwrap();
        let file = std::fs::File::open("/dev/null").unwrap();
        let errno = |number| Accepted::by_another(number).unwrap_err().raw_os_error();
        for number in [listener.as_raw_fd(), udp.as_raw_fd(), file.as_raw_fd()] {
            assert_eq!(errno(number), Some(libc::EINVAL));
        }
        assert_eq!(errno(-1), Some(libc::EBADF));
        assert_eq!(errno(1 << 20), Some(libc::EBADF));
        assert!(listener.local_addr().is_ok());
    }
}
