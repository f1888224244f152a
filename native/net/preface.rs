//! An accepted connection of which a proxy has yet to say whose it is.
//!
//! It has no place among the connections before the header of its proxy is whole. What it reads is
//! looked at first and then taken to the end of the header and no further: whatever follows is in the
//! kernel still, for whoever serves the client.

use std::io::{self, Read};

use crate::http::proxy_protocol::{Fed, Proxied, ProxyHeader};
use crate::net::accepted::Accepted;
use crate::net::endpoint::Endpoint;
use crate::net::networks::Networks;
use crate::net::timer::Deadline;

/// Bytes that are looked at together.
const LOOK: usize = 1024;

/// From whom the header of a proxy comes, ahead of the first request of each connection.
#[derive(Clone, Debug)]
pub struct ProxyRule {
    /// Who sends one.
    pub from: Networks,
    /// Others are closed; else they are served as who they are.
    pub required: bool,
    /// How long it may take, in milliseconds; 0 for ever.
    pub timeout_ms: u64,
}

/// A connection before its header.
#[derive(Debug)]
pub struct Preface {
    /// The connection as it was accepted.
    pub accepted: Accepted,
    /// When it is late.
    pub deadline: Deadline,
    header: ProxyHeader,
}

/// What has become of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// More of the header is to come.
    Wait,
    /// It is complete, and the ends of the connection are those that it tells.
    Serve,
    /// What has come is no header.
    Refuse,
    /// The proxy is gone, or its socket has failed.
    Gone,
}

impl Preface {
    /// A connection of which nothing was read.
    pub fn new(accepted: Accepted) -> Self {
        Self {
            accepted,
            deadline: Deadline::default(),
            header: ProxyHeader::default(),
        }
    }

    /// Reads what there is of the header.
    pub fn advance(&mut self) -> Ahead {
        let mut input = [0; LOOK];
        loop {
            let seen = match self.accepted.stream.peek(&mut input) {
                Ok(0) => return Ahead::Gone,
                Ok(seen) => seen,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ahead::Wait,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return Ahead::Gone,
            };
            let (len, said) = match self.header.feed(&input[..seen]) {
                Ok(Fed::Partial) => (seen, None),
                Ok(Fed::Complete(len, said)) => (len, Some(said)),
                Err(_) => return Ahead::Refuse,
            };
            if self.accepted.stream.read_exact(&mut input[..len]).is_err() {
                return Ahead::Gone;
            }
            if let Some(said) = said {
                self.take(said);
                return Ahead::Serve;
            }
        }
    }

    /// The ends are what the header says.
    fn take(&mut self, said: Proxied) {
        (self.accepted.remote, self.accepted.local) = match said {
            Proxied::Direct => return,
            Proxied::Unix => (Endpoint::default(), Endpoint::default()),
            Proxied::Tcp {
                source,
                destination,
            } => (source.into(), destination.into()),
        };
    }
}
