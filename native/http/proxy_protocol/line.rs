//! Version 1: one line of text.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::str::{FromStr, from_utf8};

use super::{Proxied, ProxyError};
use crate::http::number::decimal;

/// The longest line that there is, CR LF included.
const MAX_LINE: usize = 107;
const BEGINNING: &[u8] = b"PROXY ";
/// Digits of a port.
const PORT_DIGITS: usize = 5;

/// A line that may be incomplete.
#[derive(Debug)]
pub(super) struct Line {
    bytes: [u8; MAX_LINE],
    len: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            bytes: [0; MAX_LINE],
            len: 0,
        }
    }
}

impl Line {
    /// Takes one byte; says what the line says when it was the last one.
    pub(super) fn push(&mut self, byte: u8) -> Result<Option<Proxied>, ProxyError> {
        if BEGINNING
            .get(self.len)
            .is_some_and(|expected| *expected != byte)
        {
            return Err(ProxyError::Signature);
        }
        let follows_cr = self.len > 0 && self.bytes[self.len - 1] == b'\r';
        if follows_cr != (byte == b'\n') {
            return Err(ProxyError::LineForm);
        }
        let Some(place) = self.bytes.get_mut(self.len) else {
            return Err(ProxyError::LineLength);
        };
        *place = byte;
        self.len += 1;
        if byte == b'\n' {
            return read(&self.bytes[BEGINNING.len()..self.len - 2]).map(Some);
        }
        // Its CR LF has no room any more.
        match self.len {
            MAX_LINE => Err(ProxyError::LineLength),
            _ => Ok(None),
        }
    }
}

/// Reads what is between the beginning of a line and its CR LF.
fn read(rest: &[u8]) -> Result<Proxied, ProxyError> {
    let mut parts = rest.split(|&byte| byte == b' ');
    let family = parts.next().unwrap_or_default();
    // Whatever follows is to be passed over.
    if family == b"UNKNOWN" {
        return Ok(Proxied::Direct);
    }
    let address = match family {
        b"TCP4" => address::<Ipv4Addr>,
        b"TCP6" => address::<Ipv6Addr>,
        _ => return Err(ProxyError::LineForm),
    };
    let mut part = || parts.next().ok_or(ProxyError::LineForm);
    let [from, to, from_port, to_port] = [part()?, part()?, part()?, part()?];
    if parts.next().is_some() {
        return Err(ProxyError::LineForm);
    }
    Ok(Proxied::Tcp {
        source: SocketAddr::new(address(from)?, port(from_port)?),
        destination: SocketAddr::new(address(to)?, port(to_port)?),
    })
}

/// An address of one family. That of IPv4 has no leading zeros, that of IPv6 no zone.
fn address<A: FromStr + Into<IpAddr>>(text: &[u8]) -> Result<IpAddr, ProxyError> {
    let text = from_utf8(text).map_err(|_| ProxyError::Address)?;
    let address: A = text.parse().map_err(|_| ProxyError::Address)?;
    Ok(address.into())
}

/// A port in decimal digits, without leading zeros.
fn port(text: &[u8]) -> Result<u16, ProxyError> {
    let has_zeros = text.len() > 1 && text[0] == b'0';
    if has_zeros || text.len() > PORT_DIGITS {
        return Err(ProxyError::Port);
    }
    let number = decimal(text).ok_or(ProxyError::Port)?;
    u16::try_from(number).map_err(|_| ProxyError::Port)
}
