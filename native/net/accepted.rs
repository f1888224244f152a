//! A connection that was just accepted.

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
