//! A connected socket of either kind, written without SIGPIPE.

#[cfg(unix)]
use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;
use std::time::Duration;

use mio::event::Source;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use socket2::{SockRef, TcpKeepalive};

use crate::net::file::FileSink;
#[cfg(unix)]
use crate::net::file::{copy, sendfile};
use crate::net::platform::{self, MORE, NO_SIGNAL, UnixStream};

/// A non-blocking TCP or Unix stream.
#[derive(Debug)]
pub enum Stream {
    /// Accepted from a TCP listener.
    Tcp(TcpStream),
    /// Accepted from a Unix listener.
    Unix(UnixStream),
}

/// An option of a TCP socket; one of another kind has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketOption {
    /// Whether small packets are sent at once.
    NoDelay(bool),
    /// Whether a silent peer is asked for a sign of life, and after how many seconds first; 0: as the kernel has it.
    KeepAlive(bool, u32),
}

/// What a connection needs of its socket besides reading and writing.
pub trait Socket: Read + FileSink {
    /// Sends FIN; what the peer still sends can be read.
    fn shutdown_write(&mut self) -> io::Result<()>;
    /// Makes the coming close a reset, which the peer sees at once.
    fn reset_on_close(&mut self);
    /// Says whether what the kernel keeps unsent is bounded, as it is at first.
    fn bound_unsent(&mut self, _is_bounded: bool) {}
    /// Whether a read may end before the socket is empty without anybody's being told: at urgent data,
    /// or at a descriptor that is sent along.
    fn may_split(&self) -> bool {
        true
    }
}

impl Stream {
    fn socket(&self) -> SockRef<'_> {
        match self {
            Self::Tcp(stream) => SockRef::from(stream),
            Self::Unix(stream) => SockRef::from(stream),
        }
    }

    /// What the poll is to tell of.
    pub fn interest(&self) -> Interest {
        match self {
            Self::Tcp(_) => platform::TCP_INTEREST,
            Self::Unix(_) => Interest::READABLE | Interest::WRITABLE,
        }
    }

    /// Sets an option.
    pub fn set_option(&self, option: SocketOption) -> io::Result<()> {
        let Self::Tcp(stream) = self else {
            return Ok(());
        };
        match option {
            SocketOption::NoDelay(is_on) => stream.set_nodelay(is_on),
            SocketOption::KeepAlive(is_on, seconds) => {
                let socket = SockRef::from(stream);
                socket.set_keepalive(is_on)?;
                match is_on && seconds > 0 {
                    true => socket.set_tcp_keepalive(&keep_alive(seconds)),
                    false => Ok(()),
                }
            }
        }
    }

    /// Reads what has come without taking it.
    pub fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.peek(buf),
            Self::Unix(stream) => platform::peek_unix(stream, buf),
        }
    }

    /// A descriptor of its own for the same socket, closed on exec.
    #[cfg(unix)]
    pub fn duplicate(&self) -> io::Result<std::os::fd::OwnedFd> {
        self.socket().try_clone().map(Into::into)
    }
}

/// As libuv has it: behind the first question one each second, and ten of them.
fn keep_alive(seconds: u32) -> TcpKeepalive {
    let first = TcpKeepalive::new().with_time(Duration::from_secs(seconds.into()));
    let next = first.with_interval(Duration::from_secs(1));
    #[cfg(unix)]
    return next.with_retries(10);
    #[cfg(not(unix))]
    next
}

impl FileSink for Stream {
    #[cfg(unix)]
    fn send_file(&mut self, file: &File, offset: u64, count: usize) -> io::Result<usize> {
        use std::os::fd::AsFd;
        let sent = match self {
            Self::Tcp(stream) => sendfile(stream.as_fd(), file, offset, count),
            Self::Unix(stream) => sendfile(stream.as_fd(), file, offset, count),
        };
        match sent {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                copy(self, file, offset, count)
            }
            sent => sent,
        }
    }

    fn write_before_file(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.socket()
            .send_vectored_with_flags(bufs, NO_SIGNAL | MORE)
    }
}

impl Socket for Stream {
    fn shutdown_write(&mut self) -> io::Result<()> {
        self.socket().shutdown(Shutdown::Write)
    }

    fn reset_on_close(&mut self) {
        // A socket that refuses the option is closed the ordinary way.
        let _ = self.socket().set_linger(Some(Duration::ZERO));
    }

    fn may_split(&self) -> bool {
        matches!(self, Self::Unix(_)) || !platform::TELLS_OF_URGENT
    }

    fn bound_unsent(&mut self, is_bounded: bool) {
        if let Self::Tcp(stream) = self {
            platform::bound_unsent(&SockRef::from(&*stream), is_bounded);
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buf),
            Self::Unix(stream) => stream.read(buf),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.socket().send_with_flags(buf, NO_SIGNAL)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.socket().send_vectored_with_flags(bufs, NO_SIGNAL)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Source for Stream {
    fn register(&mut self, poll: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.register(poll, token, interest),
            Self::Unix(stream) => stream.register(poll, token, interest),
        }
    }

    fn reregister(&mut self, poll: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.reregister(poll, token, interest),
            Self::Unix(stream) => stream.reregister(poll, token, interest),
        }
    }

    fn deregister(&mut self, poll: &Registry) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.deregister(poll),
            Self::Unix(stream) => stream.deregister(poll),
        }
    }
}

#[cfg(test)]
mod tests;
