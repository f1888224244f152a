//! Version 2: a signature, a length, addresses, and TLVs of which only the checksum is looked at.

use core::net::{IpAddr, SocketAddr};

use super::crc32c::Crc32c;
use super::{Proxied, ProxyError};

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// Bytes before the addresses.
const FIXED: usize = 16;
/// Bytes of the addresses and ports of IPv6, the longest that are kept.
const MAX_KEPT: usize = FIXED + 36;
/// The type of the TLV that has the checksum, and the bytes of its value.
const CHECKSUM: u8 = 0x03;
const CHECKSUM_BYTES: usize = 4;

/// What there is of a family and transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing that is looked at: not even where TLVs would begin is known.
    Opaque,
    Ipv4,
    Ipv6,
    Unix,
}

impl Kind {
    /// By the byte for family and transport. Those of datagrams exist, and stand for nothing here.
    fn of(byte: u8) -> Result<Self, ProxyError> {
        match byte {
            0x11 => Ok(Self::Ipv4),
            0x21 => Ok(Self::Ipv6),
            0x31 => Ok(Self::Unix),
            0x00 | 0x12 | 0x22 | 0x32 => Ok(Self::Opaque),
            _ => Err(ProxyError::Family),
        }
    }

    /// Bytes of its addresses.
    fn size(self) -> usize {
        match self {
            Self::Opaque => 0,
            Self::Ipv4 => 12,
            Self::Ipv6 => 36,
            Self::Unix => 216,
        }
    }
}

/// A header that may be incomplete.
#[derive(Debug)]
pub(super) struct Block {
    kept: [u8; MAX_KEPT],
    at: usize,
    /// Where it ends, as soon as that is known.
    end: usize,
    kind: Kind,
    tlv: Tlv,
    computed: Crc32c,
    /// The checksum that it has.
    sent: Option<u32>,
}

/// Where it is among the TLVs.
#[derive(Clone, Copy, Debug, Default)]
struct Tlv {
    /// Bytes of type and length that have come.
    head: [u8; 3],
    len: usize,
    /// Bytes of its value that are to come.
    left: usize,
}

impl Default for Block {
    fn default() -> Self {
        Self {
            kept: [0; MAX_KEPT],
            at: 0,
            end: FIXED,
            kind: Kind::Opaque,
            tlv: Tlv::default(),
            computed: Crc32c::default(),
            sent: None,
        }
    }
}

impl Block {
    /// Takes one byte; says what the header says when it was the last one.
    pub(super) fn push(&mut self, byte: u8) -> Result<Option<Proxied>, ProxyError> {
        if SIGNATURE
            .get(self.at)
            .is_some_and(|expected| *expected != byte)
        {
            return Err(ProxyError::Signature);
        }
        if let Some(place) = self.kept.get_mut(self.at) {
            *place = byte;
        }
        self.at += 1;
        match self.at {
            13 if byte != 0x20 && byte != 0x21 => return Err(ProxyError::Command),
            FIXED => {
                self.computed.add(byte);
                self.begin()?;
            }
            at if at > FIXED + self.kind.size() && self.kind != Kind::Opaque => {
                self.push_tlv(byte)?;
            }
            _ => self.computed.add(byte),
        }
        if self.at < self.end || self.at < FIXED {
            return Ok(None);
        }
        self.finish().map(Some)
    }

    /// The fixed part is there.
    fn begin(&mut self) -> Result<(), ProxyError> {
        let length = usize::from(u16::from_be_bytes([self.kept[14], self.kept[15]]));
        self.end = FIXED + length;
        // Of a connection of the proxy's own the family means nothing, whatever it is.
        if self.kept[12] == 0x20 {
            return Ok(());
        }
        self.kind = Kind::of(self.kept[13])?;
        // It may be longer: then TLVs follow.
        match length < self.kind.size() {
            true => Err(ProxyError::Length),
            false => Ok(()),
        }
    }

    fn push_tlv(&mut self, byte: u8) -> Result<(), ProxyError> {
        let Self { tlv, sent, .. } = self;
        if tlv.left > 0 {
            tlv.left -= 1;
            let is_sum = tlv.head[0] == CHECKSUM;
            if is_sum {
                *sent = sent.map(|sum| sum << 8 | u32::from(byte));
            }
            // It counts as zeros while it is computed.
            self.computed.add(if is_sum { 0 } else { byte });
            if tlv.left == 0 {
                tlv.len = 0;
            }
            return Ok(());
        }
        self.computed.add(byte);
        tlv.head[tlv.len] = byte;
        tlv.len += 1;
        if tlv.len < tlv.head.len() {
            return Ok(());
        }
        tlv.left = usize::from(u16::from_be_bytes([tlv.head[1], tlv.head[2]]));
        if tlv.left > self.end - self.at {
            return Err(ProxyError::Tlv);
        }
        if tlv.head[0] == CHECKSUM {
            if tlv.left != CHECKSUM_BYTES || sent.is_some() {
                return Err(ProxyError::Tlv);
            }
            *sent = Some(0);
        }
        if tlv.left == 0 {
            tlv.len = 0;
        }
        Ok(())
    }

    /// All of it is there.
    fn finish(&self) -> Result<Proxied, ProxyError> {
        if self.tlv.len > 0 {
            return Err(ProxyError::Tlv);
        }
        if self.sent.is_some_and(|sum| sum != self.computed.value()) {
            return Err(ProxyError::Checksum);
        }
        let addresses = &self.kept[FIXED..];
        let port = |at: usize| u16::from_be_bytes([addresses[at], addresses[at + 1]]);
        Ok(match self.kind {
            Kind::Opaque => Proxied::Direct,
            Kind::Unix => Proxied::Unix,
            Kind::Ipv4 => Proxied::Tcp {
                source: SocketAddr::new(ip::<4>(addresses, 0), port(8)),
                destination: SocketAddr::new(ip::<4>(addresses, 4), port(10)),
            },
            Kind::Ipv6 => Proxied::Tcp {
                source: SocketAddr::new(ip::<16>(addresses, 0), port(32)),
                destination: SocketAddr::new(ip::<16>(addresses, 16), port(34)),
            },
        })
    }
}

fn ip<const N: usize>(bytes: &[u8], at: usize) -> IpAddr
where
    IpAddr: From<[u8; N]>,
{
    let mut octets = [0; N];
    octets.copy_from_slice(&bytes[at..at + N]);
    octets.into()
}
