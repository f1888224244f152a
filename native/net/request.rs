//! A request on its way to its handler, and the name that its answer has to bear.

use crate::http::head::{FieldLine, RequestHead};
use crate::net::endpoint::Endpoint;
use crate::router::span::Span;

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
/// The client waits for a 100 before it sends the body.
pub const FLAG_EXPECTS: u32 = 1 << 31;
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

/// A handler's route, and the values of its parameters.
#[derive(Clone, Copy, Debug)]
pub struct RouteMatch<'a> {
    /// The route's number, or one of `ROUTE_*`.
    pub id: u32,
    /// Offset from the start of the head that the parameters are counted from, unless the path has
    /// another normal form: then from its start.
    pub base: u32,
    /// The parameters in the order of the pattern.
    pub params: &'a [Span],
}

impl RouteMatch<'_> {
    /// What a request has without a router.
    pub const NONE: Self = RouteMatch {
        id: ROUTE_NONE,
        base: 0,
        params: &[],
    };
}
