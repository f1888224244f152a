//! What a connection becomes when its handler takes it over.

use crate::net::fd::Lent;

/// A connection on its way to another owner. Dropped on the way, its socket is closed.
#[derive(Debug)]
pub struct Handover {
    /// The socket: connected and non-blocking.
    pub socket: Lent,
    /// What was read behind the request.
    pub bytes: Vec<u8>,
    /// Everything due before is written. If not, a `Notice::Taken` says when it is.
    pub is_free: bool,
}

/// Why a connection cannot be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeError {
    /// The connection is gone.
    Gone,
    /// The request is answered, or its connection taken already.
    Answered,
    /// Requests that were pipelined behind it have been handed up.
    Pipelined,
    /// The request's own body is still under way.
    Body,
    /// No descriptor is left.
    Descriptor,
    /// Not on this platform.
    Unsupported,
}

impl TakeError {
    /// As node names it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Gone => "ECONNRESET",
            Self::Descriptor => "EMFILE",
            Self::Unsupported => "ERR_UNSUPPORTED",
            Self::Answered | Self::Pipelined | Self::Body => "ERR_INVALID_STATE",
        }
    }

    /// For whoever asked.
    pub fn message(self) -> &'static str {
        match self {
            Self::Gone => "the connection is gone",
            Self::Answered => "the request was answered or its connection taken over before",
            Self::Pipelined => "requests that were pipelined behind this one are being handled",
            Self::Body => "the request's body is not read to its end",
            Self::Descriptor => "no file descriptor is left",
            Self::Unsupported => "a connection cannot be taken over on this platform",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_why() {
        let cases = [
            (TakeError::Gone, "is gone"),
            (
                TakeError::Answered,
                "was answered or its connection taken over",
            ),
            (TakeError::Pipelined, "pipelined behind"),
            (TakeError::Body, "body is not read"),
            (TakeError::Descriptor, "no file descriptor"),
            (TakeError::Unsupported, "on this platform"),
        ];
        for (error, reason) in cases {
            assert!(error.message().contains(reason), "{error:?}");
        }
    }
}
