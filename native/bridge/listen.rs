//! What `listen` takes and gives.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::path::PathBuf;

use napi::{Error, Result, Status};
use napi_derive::napi;

use crate::net::listener::{ListenAddress, ListenError};

/// Where to listen: `path`, or `host` and `port`.
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
    /// The call that failed.
    pub syscall: Option<String>,
    /// Its error number.
    pub errno: Option<i32>,
}

/// `EINVAL`, for what is refused before the kernel is asked, such as a path that is too long.
const INVALID: i32 = 22;

impl From<std::result::Result<Option<SocketAddr>, ListenError>> for ListenResult {
    fn from(bound: std::result::Result<Option<SocketAddr>, ListenError>) -> Self {
        match bound {
            Ok(address) => Self {
                address: address.map(|address| address.ip().to_string()),
                port: address.map(|address| u32::from(address.port())),
                ..Self::default()
            },
            Err(ListenError { syscall, error }) => Self {
                syscall: Some(syscall.to_owned()),
                errno: Some(error.raw_os_error().unwrap_or(INVALID)),
                ..Self::default()
            },
        }
    }
}
