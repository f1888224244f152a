//! One end of a connection, small enough to keep one per idle connection.

use std::net::{IpAddr, SocketAddr};

/// An address and port, or nothing for a Unix socket. IPv4 fills the first word only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The address in network byte order, four bytes a word.
    pub ip: [u32; 4],
    /// The port in host byte order.
    pub port: u16,
    /// 4, 6, or 0 for a Unix socket.
    pub family: u16,
    /// The number of the interface that an address of its link alone belongs to (RFC 4007 §11); else 0.
    pub scope: u16,
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        let mut ip = [0; 4];
        let family = match address.ip() {
            IpAddr::V4(v4) => {
                ip[0] = u32::from(v4);
                4
            }
            IpAddr::V6(v6) => {
                for (word, bytes) in ip.iter_mut().zip(v6.octets().chunks_exact(4)) {
                    *word = bytes
                        .iter()
                        .fold(0, |word, &byte| word << 8 | u32::from(byte));
                }
                6
            }
        };
        let scope = match address {
            SocketAddr::V6(v6) => u16::try_from(v6.scope_id()).unwrap_or(0),
            SocketAddr::V4(_) => 0,
        };
        Self {
            ip,
            port: address.port(),
            family,
            scope,
        }
    }
}
