//! The seam between the I/O thread and whoever answers: requests leave through it, answers arrive.
//!
//! `bridge` implements it over memory shared with JavaScript; tests implement it over a `Vec`.

use std::io;
use std::time::Duration;

use crate::http::head::{FieldLine, RequestHead};
pub use crate::net::answer::{Answer, AnswerBody};
use crate::net::endpoint::Endpoint;
use crate::net::routing::RouteMatch;

/// Names one request for ever: the slot of its connection, which connection it was, which request
/// of it. An answer with a token whose connection is gone finds nothing and is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestToken {
    /// Slot of the connection.
    pub index: u32,
    /// Which of the connections that had this slot.
    pub generation: u32,
    /// Sequence number in the low 24 bits, `FLAG_*` above.
    pub meta: u32,
}

/// Mask of the sequence number in `RequestToken::meta`.
pub const SEQUENCE: u32 = 0x00ff_ffff;
/// The request's method is HEAD: its answer has no body.
pub const FLAG_HEAD: u32 = 1 << 24;
/// The request came as HTTP/1.0.
pub const FLAG_HTTP10: u32 = 1 << 25;
/// The connection ends with the answer.
pub const FLAG_LAST: u32 = 1 << 26;
/// The client asks to switch protocols (RFC 9110 §7.8).
pub const FLAG_UPGRADE: u32 = 1 << 27;
/// The client asks for a tunnel (RFC 9110 §9.3.6).
pub const FLAG_CONNECT: u32 = 1 << 28;
/// The request has a body, and bodies are streamed.
pub const FLAG_BODY: u32 = 1 << 29;
/// The body is complete in the request; else it follows when it is pulled.
pub const FLAG_WHOLE: u32 = 1 << 30;
/// With any of these the request may become more than one answer.
pub const FLAGS_EXTENDED: u32 = FLAG_UPGRADE | FLAG_CONNECT | FLAG_BODY;

/// The route of a request that no router has seen.
pub const ROUTE_NONE: u32 = u32::MAX;
/// The route of a request that no route has.
pub const ROUTE_NOT_FOUND: u32 = u32::MAX - 1;
/// The route of a request whose path only has routes of other methods.
pub const ROUTE_NOT_ALLOWED: u32 = u32::MAX - 2;

/// A whole request, on its way to its handler. Spans point into `bytes`.
#[derive(Debug)]
pub struct Request<'a> {
    /// What the answer has to bear.
    pub token: RequestToken,
    /// Where the parts of the head are.
    pub head: &'a RequestHead,
    /// The field lines in order.
    pub fields: &'a [FieldLine],
    /// The head as sent, and for a `Body::Behind` the decoded body behind it.
    pub bytes: RequestBytes<'a>,
    /// The normal form of its path, if that is not what was sent.
    pub normal_path: Option<&'a [u8]>,
    /// Which route it has.
    pub route: RouteMatch<'a>,
    /// The client's end of the connection.
    pub remote: &'a Endpoint,
    /// Our end of the connection.
    pub local: &'a Endpoint,
}

/// Where a request's head and decoded body lie.
#[derive(Debug)]
pub enum RequestBytes<'a> {
    /// In the thread's read buffer: to be copied before the call returns.
    Borrowed {
        /// The head as sent.
        head: &'a [u8],
        /// The decoded body.
        body: &'a [u8],
    },
    /// Collected over several reads: head, then decoded body.
    Owned(Vec<u8>),
}

impl RequestBytes<'_> {
    /// The bytes that begin with the head.
    pub fn head(&self) -> &[u8] {
        match self {
            Self::Borrowed { head, .. } => head,
            Self::Owned(bytes) => bytes,
        }
    }
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
    /// A connection that was accepted for a ticket brings no more requests.
    Left {
        /// Which connection of this thread.
        generation: u32,
    },
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

/// Which requests of a connection are withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// All that are not begun: none will be answered.
    All,
    /// All, if the oldest one is not begun; else none.
    IfNotBegun,
}

/// Takes requests and notices. A request may only be handed over after `has_room` said so.
pub trait Deliver {
    /// Whether one more request can be taken now, of whatever size.
    fn has_room(&mut self) -> bool;
    /// Takes one request.
    fn request(&mut self, request: Request<'_>);
    /// Takes a piece of a streamed body, of at most 16 KiB, after `has_room` said so.
    fn body(&mut self, token: RequestToken, data: &[u8]);
    /// Takes one notice; it is never refused.
    fn notice(&mut self, notice: Notice);
    /// Sees to it that requests of a connection never run, as far as they are not begun; says
    /// whether that holds for the oldest unanswered one, which has the sequence number `next`.
    fn withdraw(&mut self, id: (u32, u32), next: u32, how: Withdrawal) -> bool;
}

/// Both directions, and the rules of going to sleep.
pub trait Crossing: Deliver {
    /// Hands everything taken so far over, with at most one wake-up.
    fn publish(&mut self);
    /// Gives every answer published so far to `sink`. Fails, now and ever after, if the other side
    /// has published what is none.
    fn answers(&mut self, sink: &mut dyn FnMut(RequestToken, Answer<'_>)) -> io::Result<()>;
    /// Announces that the thread is about to sleep. `Some(limit)`: it may, for at most so long;
    /// `None`: something arrived meanwhile and it must not.
    fn before_sleep(&mut self) -> Option<Option<Duration>>;
    /// The thread is awake.
    fn after_sleep(&mut self);
    /// Whether the other side shows no life although it has been called, at `now_ms`.
    fn is_stuck(&mut self, now_ms: u64) -> bool;
    /// Requests and notices handed over since the beginning, wrapping.
    fn handed_over(&self) -> u32;
    /// How many of them the other side has taken up.
    fn taken_up(&self) -> u32;
    /// Calls the other side, so that `is_stuck` can tell.
    fn probe(&mut self);
}

#[cfg(test)]
mod tests;
