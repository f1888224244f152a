//! A listening socket: made, asked for its address, accepted from.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use mio::event::Source;
use mio::net::TcpListener;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

use crate::net::endpoint::Endpoint;
use crate::net::platform::{self, UnixListener};
use crate::net::socket_path::SocketPath;
use crate::net::stream::Stream;

/// Where to listen.
#[derive(Clone, Debug)]
pub enum ListenAddress {
    /// An address and port; port 0 lets the kernel choose.
    Tcp {
        /// The address.
        address: SocketAddr,
        /// For IPv6: refuse IPv4 clients.
        ipv6_only: bool,
        /// `SO_REUSEPORT`: several processes share the port and the kernel deals clients out.
        reuse_port: bool,
        /// `SO_REUSEADDR`: connections of its last owner that linger do not keep the port.
        reuse_address: bool,
    },
    /// The path of a Unix socket; on Linux one that starts with NUL is abstract.
    Unix(PathBuf),
}

/// A failed set-up: which call, and what the kernel said.
#[derive(Debug)]
pub struct ListenError {
    /// `socket`, `bind` or `listen`.
    pub syscall: &'static str,
    /// The kernel's error.
    pub error: io::Error,
}

/// A listening socket of either kind.
#[derive(Debug)]
pub enum Listener {
    /// Bound to an address and port.
    Tcp(TcpListener, SocketAddr),
    /// Bound to a path, which is removed when the listener is dropped.
    Unix(UnixListener, SocketPath),
}

impl Listener {
    /// Binds and listens; `backlog` is cut to the kernel's limit by the kernel.
    pub fn bind(address: &ListenAddress, backlog: i32) -> Result<Self, ListenError> {
        match address {
            ListenAddress::Tcp {
                address,
                ipv6_only,
                reuse_port,
                reuse_address,
            } => {
                let socket = tcp_socket(*address, *ipv6_only, (*reuse_address, *reuse_port))?;
                socket.bind(&(*address).into()).map_err(failed("bind"))?;
                socket.listen(backlog).map_err(failed("listen"))?;
                let listener = TcpListener::from_std(socket.into());
                let bound = listener.local_addr().map_err(failed("getsockname"))?;
                Ok(Self::Tcp(listener, bound))
            }
            ListenAddress::Unix(path) => {
                let socket = Socket::new(Domain::UNIX, Type::STREAM, None);
                let socket = socket.map_err(failed("socket"))?;
                socket.set_nonblocking(true).map_err(failed("socket"))?;
                let path = SocketPath::listen(&socket, path, backlog);
                let path = path.map_err(|(syscall, error)| failed(syscall)(error))?;
                let listener = platform::unix_listener(socket).map_err(failed("listen"))?;
                Ok(Self::Unix(listener, path))
            }
        }
    }

    /// Over a socket that listens already; its path is somebody else's. Fails for other kinds.
    #[cfg(unix)]
    pub fn of(socket: Socket) -> io::Result<Self> {
        let bound = socket.local_addr()?;
        if let Some(address) = bound.as_socket() {
            platform::bound_unsent(&socket, true);
            return Ok(Self::Tcp(TcpListener::from_std(socket.into()), address));
        }
        let path = match (bound.as_pathname(), bound.as_abstract_namespace()) {
            (Some(path), _) => path.to_owned(),
            (None, Some(name)) => platform::path_of(&[b"\0", name].concat()),
            (None, None) => PathBuf::new(),
        };
        let listener = platform::unix_listener(socket)?;
        Ok(Self::Unix(listener, SocketPath::of_another(path)))
    }

    /// The number of its descriptor, for somebody else to inherit.
    #[cfg(unix)]
    pub fn number(&self) -> Option<i32> {
        use std::os::fd::AsRawFd;
        Some(match self {
            Self::Tcp(listener, _) => listener.as_raw_fd(),
            Self::Unix(listener, _) => listener.as_raw_fd(),
        })
    }

    /// There is no such number here.
    #[cfg(windows)]
    pub fn number(&self) -> Option<i32> {
        None
    }

    /// The path of a Unix socket.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Tcp(..) => None,
            Self::Unix(_, path) => Some(path.path()),
        }
    }

    /// Somebody else listens there as well: the path stays when this is closed.
    pub fn leave_path(&mut self) {
        if let Self::Unix(_, path) = self {
            path.leave();
        }
    }

    /// The bound address, with the port that the kernel chose; `None` for a Unix socket.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(_, address) => Some(*address),
            Self::Unix(..) => None,
        }
    }

    /// Accepts one connection; both its ends are known without asking where possible.
    pub fn accept(&self) -> io::Result<(Stream, Endpoint, Endpoint)> {
        match self {
            Self::Tcp(listener, bound) => {
                let (stream, remote) = listener.accept()?;
                let local = if bound.ip().is_unspecified() {
                    stream.local_addr().unwrap_or(*bound)
                } else {
                    *bound
                };
                Ok((Stream::Tcp(stream), remote.into(), local.into()))
            }
            Self::Unix(listener, _) => {
                let (stream, _) = listener.accept()?;
                Ok((
                    Stream::Unix(stream),
                    Endpoint::default(),
                    Endpoint::default(),
                ))
            }
        }
    }

    /// Puts the listener into the poll.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        self.source().register(registry, token, Interest::READABLE)
    }

    /// Takes the listener out of the poll.
    pub fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.source().deregister(registry)
    }

    fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Tcp(listener, _) => listener,
            Self::Unix(listener, _) => listener,
        }
    }
}

fn tcp_socket(
    address: SocketAddr,
    ipv6_only: bool,
    (reuse_address, reuse_port): (bool, bool),
) -> Result<Socket, ListenError> {
    let make = || {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        socket.set_nonblocking(true)?;
        if reuse_address {
            platform::reuse_address(&socket)?;
        }
        if address.is_ipv6() {
            socket.set_only_v6(ipv6_only)?;
        }
        if reuse_port {
            platform::reuse_port(&socket)?;
        }
        platform::bound_unsent(&socket, true);
        Ok(socket)
    };
    make().map_err(failed("socket"))
}

fn failed(syscall: &'static str) -> impl Fn(io::Error) -> ListenError {
    move |error| ListenError {
        syscall,
        error: platform::as_node_numbers_it(error),
    }
}

#[cfg(test)]
mod tests;
