//! What is said to the handler's side besides requests.

use crate::net::endpoint::Endpoint;
use crate::net::request::RequestToken;

/// How a connection has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Parting {
    /// We have ended it.
    Ours = 0,
    /// Its socket failed: in most cases the client has reset it.
    Failed = 1,
    /// The client had ended its side before.
    Clients = 2,
}

/// What is said of a request besides itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The client left, or will send no more, with this many requests unanswered.
    Abort {
        /// Slot of the connection.
        index: u32,
        /// Which connection.
        generation: u32,
        /// Sequence number of the first unanswered request.
        first: u32,
        /// How many are unanswered.
        count: u32,
    },
    /// A raw answer was no response; the client got 500. The code is `RawError`'s place.
    RawRefused {
        /// The request that was answered so.
        token: RequestToken,
        /// Which rule it broke.
        reason: u32,
    },
    /// A raw answer that came bit by bit was one, and the connection goes on.
    RawDone {
        /// The request that is answered.
        token: RequestToken,
        /// It was answered before, or its client is gone.
        is_late: bool,
    },
    /// Requests wait too long; further ones are answered 503.
    Overload {
        /// How long the oldest one has waited, in milliseconds.
        delay_ms: u32,
    },
    /// The client has taken so many more bytes of an answer that is streamed.
    Drained {
        /// The request that is answered.
        token: RequestToken,
        /// Bytes of its body.
        bytes: u32,
    },
    /// No more of a request's body will come.
    BodyEnded {
        /// The request.
        token: RequestToken,
        /// Why.
        end: BodyEnd,
    },
    /// The answers before a request whose connection was taken are written, or never will be.
    Taken {
        /// Slot of the connection.
        index: u32,
        /// Which connection.
        generation: u32,
        /// They never will be: the connection is lost.
        is_lost: bool,
    },
    /// A client was accepted for this ticket; its requests follow.
    Accepted {
        /// Whose turn it was.
        ticket: u32,
        /// Which connection of this thread.
        generation: u32,
    },
    /// No client will be accepted for this ticket: the server closes, or accepts everybody.
    NotAccepted {
        /// Who has waited.
        ticket: u32,
    },
    /// A client was accepted, where JavaScript wants to hear of everybody.
    Connected {
        /// Slot of the connection.
        index: u32,
        /// Which connection of this thread.
        generation: u32,
        /// The client's end.
        remote: Endpoint,
        /// Our end.
        local: Endpoint,
    },
    /// A client was turned away: there are as many as may be.
    Dropped {
        /// The client's end.
        remote: Endpoint,
        /// Our end.
        local: Endpoint,
    },
    /// A connection that JavaScript knows is gone. Nothing more is said of it, and it brings no more
    /// requests.
    Left {
        /// Slot of the connection.
        index: u32,
        /// Which connection of this thread.
        generation: u32,
        /// How it has ended.
        how: Parting,
    },
    /// The server closes, and no client is served on this thread any more: of those that are left nothing is
    /// answered, and what they still send is dropped.
    Quiet,
    /// A file could not be sent.
    FileFailed {
        /// Who is to answer instead; 0: the client has its answer, and the failure is to be reported.
        id: u32,
        /// The system's error number; 0 for none.
        errno: u32,
    },
    /// A body that was lent is no longer needed.
    Released {
        /// The lender's number for it.
        id: u32,
    },
}

/// Why no more of a streamed body comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// It is complete.
    Complete,
    /// The client left.
    Lost,
    /// The answer was given before.
    Answered,
    /// It broke a rule, and the client got this status.
    Refused(u16),
}

impl BodyEnd {
    /// The code in a record.
    pub fn code(self) -> u32 {
        match self {
            Self::Complete => 1,
            Self::Lost => 2,
            Self::Answered => 3,
            Self::Refused(status) => u32::from(status),
        }
    }
}

#[cfg(test)]
mod tests;
