//! The PROXY protocol, versions 1 and 2: what a proxy says of a client ahead of its first byte.
//!
//! A reader for one header, fed in pieces of any size. It keeps no more than a line of version 1 or
//! the addresses of version 2: whatever follows those is walked over, within the bounds that the
//! header has given, and its checksum compared. Nothing is guessed: the first byte that no header
//! has is an error.

mod block;
mod crc32c;
mod line;

use core::net::SocketAddr;

use block::Block;
use line::Line;

/// What a header says of its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxied {
    /// Nothing that is to be believed: the connection is the proxy's own (`LOCAL`), or of a kind that
    /// it does not know. Its real ends are the ends.
    Direct,
    /// It stands for a TCP connection.
    Tcp {
        /// The client's end.
        source: SocketAddr,
        /// The end that the client has connected to.
        destination: SocketAddr,
    },
    /// It stands for one over a Unix socket, whose ends have no addresses.
    Unix,
}

/// Why something is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyError {
    /// It does not begin as one.
    Signature,
    /// A line of version 1 is longer than 107 bytes.
    LineLength,
    /// A line of version 1 has no CR LF at its end, or other parts than it must have.
    LineForm,
    /// An address that is none, or of another family.
    Address,
    /// A port that is none.
    Port,
    /// A version or command that there is not.
    Command,
    /// A family and transport that there is not.
    Family,
    /// Shorter than the addresses of its family.
    Length,
    /// A TLV that reaches beyond the header, or a checksum that is none or one too many.
    Tlv,
    /// The checksum is another one.
    Checksum,
}

/// How far a header has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// All was taken, and more is to come.
    Partial,
    /// It is complete. What follows so many bytes of the last piece is the client's.
    Complete(usize, Proxied),
}

/// A header on its way in.
#[derive(Debug, Default)]
pub struct ProxyHeader(State);

#[derive(Debug, Default)]
enum State {
    #[default]
    Empty,
    Line(Line),
    Block(Block),
}

impl ProxyHeader {
    /// Takes what has come; nothing is to be fed behind an error or the end.
    pub fn feed(&mut self, input: &[u8]) -> Result<Fed, ProxyError> {
        if let (State::Empty, Some(first)) = (&self.0, input.first()) {
            self.0 = match first {
                b'P' => State::Line(Line::default()),
                b'\r' => State::Block(Block::default()),
                _ => return Err(ProxyError::Signature),
            };
        }
        for (place, &byte) in input.iter().enumerate() {
            let said = match &mut self.0 {
                State::Empty => None,
                State::Line(line) => line.push(byte)?,
                State::Block(block) => block.push(byte)?,
            };
            if let Some(said) = said {
                return Ok(Fed::Complete(place + 1, said));
            }
        }
        Ok(Fed::Partial)
    }
}

#[cfg(test)]
pub(crate) mod tests;
