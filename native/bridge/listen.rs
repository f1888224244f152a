//! What `listen` takes and gives.

use std::net::{IpAddr, SocketAddrV6};
use std::path::PathBuf;

use napi::{Error, Result, Status};
use napi_derive::napi;

use crate::net::inherited::inherit;
use crate::net::listener::{ListenAddress, ListenError, Listener};

/// Where to listen: `fd`, `path`, or `host` and `port`.
#[napi(object, object_to_js = false)]
#[derive(Clone, Debug)]
pub struct ListenOptions {
    /// An IP address.
    pub host: Option<String>,
    /// The number of the interface of a link-local one; 0 for none.
    pub scope: u32,
    /// 0 lets the kernel choose.
    pub port: Option<u32>,
    /// The path of a Unix socket.
    pub path: Option<String>,
    /// The number of a descriptor that another process has made.
    pub fd: Option<i32>,
    /// It has to listen already.
    pub is_listening: Option<bool>,
    /// Connections that wait to be accepted.
    pub backlog: i32,
    /// Refuse IPv4 clients on an IPv6 address.
    pub ipv6_only: bool,
    /// Share the port with other processes.
    pub reuse_port: bool,
    /// Bind although connections of the address's last owner linger.
    pub reuse_address: bool,
    /// Accept nobody without a ticket.
    pub on_demand: bool,
}

impl ListenOptions {
    /// A socket that listens there.
    pub fn listener(&self) -> Result<std::result::Result<Listener, ListenError>> {
        if let Some(fd) = self.fd {
            return Ok(inherit(fd, self.is_listening == Some(true), self.backlog));
        }
        Ok(Listener::bind(&self.address()?, self.backlog))
    }

    /// The address that is meant. Fails if it is neither a path nor an IP address with a port.
    pub fn address(&self) -> Result<ListenAddress> {
        if let Some(path) = &self.path {
            return Ok(ListenAddress::Unix(PathBuf::from(path)));
        }
        let host: Option<IpAddr> = self.host.as_deref().and_then(|host| host.parse().ok());
        let host = host.ok_or_else(|| invalid("host must be an IP address"))?;
        let port = u16::try_from(self.port.unwrap_or(0)).map_err(|_| invalid("port is no port"))?;
        Ok(ListenAddress::Tcp {
            address: match host {
                IpAddr::V4(v4) => (v4, port).into(),
                IpAddr::V6(v6) => SocketAddrV6::new(v6, port, 0, self.scope).into(),
            },
            ipv6_only: self.ipv6_only,
            reuse_port: self.reuse_port,
            reuse_address: self.reuse_address,
        })
    }
}

fn invalid(message: &str) -> Error {
    Error::new(Status::InvalidArg, message)
}

/// How `listen` went: an address, or the call that failed with its error number.
#[napi(object, object_from_js = false)]
#[derive(Debug, Default)]
pub struct ListenResult {
    /// The bound address.
    pub address: Option<String>,
    /// The bound port.
    pub port: Option<u32>,
    /// The path of a Unix socket.
    pub path: Option<String>,
    /// The number of its descriptor.
    pub fd: Option<i32>,
    /// The call that failed.
    pub syscall: Option<String>,
    /// Its error number.
    pub errno: Option<i32>,
}

/// `EINVAL`, for what is refused before the kernel is asked, such as a path that is too long.
pub const INVALID: i32 = 22;

impl From<&Listener> for ListenResult {
    fn from(listener: &Listener) -> Self {
        let address = listener.address();
        let path = listener.path().map(|path| path.to_string_lossy());
        Self {
            address: address.map(|address| address.ip().to_string()),
            port: address.map(|address| u32::from(address.port())),
            path: path.map(|path| path.into_owned()),
            fd: listener.number(),
            ..Self::default()
        }
    }
}

impl From<ListenError> for ListenResult {
    fn from(ListenError { syscall, error }: ListenError) -> Self {
        Self {
            syscall: Some(syscall.to_owned()),
            errno: Some(error.raw_os_error().unwrap_or(INVALID)),
            ..Self::default()
        }
    }
}
