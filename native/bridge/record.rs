//! How a record looks: its kinds, its words, and what a request puts into them.

use crate::http::head::{FieldLine, Version};
use crate::http::method::Method;
use crate::net::endpoint::Endpoint;
use crate::net::request::{FLAGS_EXTENDED, Request};
use crate::router::span::Span;

/// A request; see `word` for what follows. Field lines, parameters and the raw bytes follow the words,
/// and the normal form of its path, if that is not what was sent.
pub const KIND_REQUEST: u32 = 1;
/// The chunk is let go; the next record is at the start of the next chunk.
pub const KIND_END: u32 = 2;
/// A request that no chunk can hold: [kind, size, number]. Fetched by its number, it is a buffer
/// with the raw bytes first and a `KIND_REQUEST` record behind them; its last word says where.
pub const KIND_LARGE: u32 = 3;
/// The client left: [kind, size, index, generation, first, count].
pub const KIND_ABORT: u32 = 4;
/// A raw answer was refused: [kind, size, index, generation, meta, reason].
pub const KIND_RAW_REFUSED: u32 = 5;
/// A lent body is no longer needed: [kind, size, number].
pub const KIND_RELEASED: u32 = 6;

/// A file could not be sent: [kind, size, number, errno].
pub const KIND_FILE_FAILED: u32 = 32;

/// A client was accepted for a ticket: [kind, size, ticket, generation].
pub const KIND_ACCEPTED: u32 = 48;
/// None will be: [kind, size, ticket].
pub const KIND_NOT_ACCEPTED: u32 = 49;
/// A connection that JavaScript knows is gone: [kind, size, generation, index, how: the number
/// of a `Parting`].
pub const KIND_LEFT: u32 = 50;
/// A client was accepted: the words of a request's record, of which only those are not 0 that
/// concern the connection.
pub const KIND_CONNECTED: u32 = 51;
/// A client was turned away: the same.
pub const KIND_DROPPED: u32 = 54;

/// Requests wait too long: [kind, size, milliseconds].
pub const KIND_OVERLOAD: u32 = 7;

/// A request that may become more than one answer, as its meta word says; else like a request.
pub const KIND_EXTENDED: u32 = 16;
/// A connection that was taken is free, or lost: [kind, size, index, generation, is lost].
pub const KIND_TAKEN: u32 = 17;
/// The client has taken so many bytes of an answer: [kind, size, index, generation, meta, bytes].
pub const KIND_DRAINED: u32 = 18;
/// A piece of a body: [kind, size, index, generation, 0, length] and its bytes; or its end, with
/// a code in place of the 0 (`BodyEnd::code`) and without bytes.
pub const KIND_BODY: u32 = 19;
/// A raw answer that came bit by bit is complete: [kind, size, index, generation, meta,
/// whether its request was answered before].
pub const KIND_RAW_DONE: u32 = 20;

/// The trailer section of a body, right before its end: the words of a piece, and its field lines.
pub const KIND_TRAILERS: u32 = 21;

/// A request is refused, and JavaScript answers it: [kind, size, index, generation, status, fault,
/// bytes read without one, length] and the bytes that were read of it. The fault is the place in
/// `ParseError::ALL`, `NO_FAULT` for a request that took too long.
pub const KIND_REFUSED: u32 = 52;
/// See there.
pub const NO_FAULT: u32 = u32::MAX;

/// The server closes, and nobody is served on this thread any more: [kind, size, 0].
pub const KIND_QUIET: u32 = 53;

/// The places of the words of a request record.
pub mod word {
    /// Kind in the low byte, method above it, minor version above that.
    pub const KIND: usize = 0;
    /// Bytes of the whole record.
    pub const SIZE: usize = 1;
    /// Slot of the connection.
    pub const INDEX: usize = 2;
    /// Which connection.
    pub const GENERATION: usize = 3;
    /// Sequence number and flags, to be given back with the answer.
    pub const META: usize = 4;
    /// Number of field lines.
    pub const FIELDS: usize = 5;
    /// Offset of the raw bytes: the head as sent, then the decoded body.
    pub const RAW: usize = 6;
    /// Bytes of the head.
    pub const HEAD_LEN: usize = 7;
    /// Bytes of the method; the target starts one byte behind it.
    pub const METHOD_LEN: usize = 8;
    /// Bytes of the request target.
    pub const TARGET_LEN: usize = 9;
    /// Offset of the path in its normal form from the raw bytes.
    pub const PATH: usize = 10;
    /// Bytes of the path.
    pub const PATH_LEN: usize = 11;
    /// Offset of the query from the raw bytes.
    pub const QUERY: usize = 12;
    /// Bytes of the query.
    pub const QUERY_LEN: usize = 13;
    /// Bytes of the decoded body.
    pub const BODY_LEN: usize = 14;
    /// The route that matched; `0xffff_ffff` for none.
    pub const ROUTE: usize = 15;
    /// Number of route parameters, whose spans follow the field lines.
    pub const PARAMS: usize = 16;
    /// The client's port in the low half, ours in the high half.
    pub const PORTS: usize = 17;
    /// Address family: 4, 6, or 0 for a Unix socket; the client's in the low byte, ours above it, and the
    /// number of the interface of a link-local address in the high half.
    pub const FAMILY: usize = 18;
    /// The client's address, four words.
    pub const REMOTE: usize = 19;
    /// Our address, four words.
    pub const LOCAL: usize = 23;
    /// Words before the field lines.
    pub const COUNT: usize = 27;
}

/// Words of one field line: offset and length of its name, offset and length of its value, the
/// offsets from the raw bytes.
pub const FIELD_WORDS: usize = 4;
/// Bytes of one field line.
pub const FIELD_BYTES: usize = FIELD_WORDS * 4;

/// Method codes, counted from 1, and their names.
pub const METHODS: [(Method, &str); 8] = [
    (Method::Get, "GET"),
    (Method::Post, "POST"),
    (Method::Head, "HEAD"),
    (Method::Put, "PUT"),
    (Method::Delete, "DELETE"),
    (Method::Patch, "PATCH"),
    (Method::Options, "OPTIONS"),
    (Method::Trace, "TRACE"),
];

/// The words of `request` whose record has `size` bytes, and whose raw bytes are at `raw`.
pub fn words(request: &Request<'_>, size: usize, raw: usize, raw_len: usize) -> [u32; word::COUNT] {
    let head = request.head;
    let minor = u32::from(head.version == Version::Http11);
    let (remote, local) = (request.remote, request.local);
    let mut words = [0; word::COUNT];
    let kind = match request.token.meta & FLAGS_EXTENDED {
        0 => KIND_REQUEST,
        _ => KIND_EXTENDED,
    };
    words[word::KIND] = kind | method_code(head.method_kind) << 8 | minor << 16;
    words[word::SIZE] = size as u32;
    words[word::INDEX] = request.token.index;
    words[word::GENERATION] = request.token.generation;
    words[word::META] = request.token.meta;
    words[word::FIELDS] = request.fields.len() as u32;
    words[word::RAW] = raw as u32;
    words[word::HEAD_LEN] = head.len;
    words[word::METHOD_LEN] = head.method.len;
    words[word::TARGET_LEN] = head.target.len;
    let (path, path_len) = match request.normal_path {
        Some(path) => (raw_len as u32, path.len() as u32),
        None => (head.path.start, head.path.len),
    };
    words[word::PATH] = path;
    words[word::PATH_LEN] = path_len;
    words[word::QUERY] = head.query.start;
    words[word::QUERY_LEN] = head.query.len;
    words[word::BODY_LEN] = raw_len as u32 - head.len;
    words[word::ROUTE] = request.route.id;
    words[word::PARAMS] = request.route.params.len() as u32;
    set_ends(&mut words, remote, local);
    words
}

/// The words of a connection of which there is no request: `kind` says why.
pub fn connection_words(
    kind: u32,
    (index, generation): (u32, u32),
    remote: &Endpoint,
    local: &Endpoint,
) -> [u32; word::COUNT] {
    let mut words = [0; word::COUNT];
    words[word::KIND] = kind;
    words[word::SIZE] = word::COUNT as u32 * 4;
    words[word::INDEX] = index;
    words[word::GENERATION] = generation;
    set_ends(&mut words, remote, local);
    words
}

/// The record of a request that has memory of its own: `raw`, the head as sent and the decoded body,
/// the normal form of the path, then the words and field lines, then one word that says where they begin.
pub fn in_one_piece(request: &Request<'_>, mut raw: Vec<u8>) -> Vec<u8> {
    let raw_len = raw.len();
    raw.extend_from_slice(request.normal_path.unwrap_or_default());
    let at = raw.len().next_multiple_of(4);
    raw.resize(at, 0);
    raw.extend_from_slice(le_bytes(&words(request, 0, 0, raw_len)).as_flattened());
    for line in request.fields {
        raw.extend_from_slice(le_bytes(&field_words(line)).as_flattened());
    }
    for span in request.route.params {
        let words = param_words(span, param_base(request, raw_len));
        raw.extend_from_slice(le_bytes(&words).as_flattened());
    }
    raw.extend_from_slice(&(at as u32).to_le_bytes());
    raw
}

fn set_ends(words: &mut [u32; word::COUNT], remote: &Endpoint, local: &Endpoint) {
    words[word::PORTS] = u32::from(remote.port) | u32::from(local.port) << 16;
    words[word::FAMILY] =
        u32::from(remote.family) | u32::from(local.family) << 8 | u32::from(remote.scope) << 16;
    set_address(words, word::REMOTE, remote);
    set_address(words, word::LOCAL, local);
}

fn set_address(words: &mut [u32; word::COUNT], at: usize, end: &Endpoint) {
    words[at..at + 4].copy_from_slice(&end.ip);
}

/// The methods that JavaScript need not decode; 0 for any other.
fn method_code(method: Method) -> u32 {
    METHODS
        .iter()
        .position(|(kind, _)| *kind == method)
        .map_or(0, |place| place as u32 + 1)
}

/// The words of one field line.
pub fn field_words(line: &FieldLine) -> [u32; FIELD_WORDS] {
    [
        line.name.start,
        line.name.len,
        line.value.start,
        line.value.len,
    ]
}

/// Words of one parameter: offset from the raw bytes, and length.
pub const PARAM_WORDS: usize = 2;
/// Bytes of one parameter.
pub const PARAM_BYTES: usize = PARAM_WORDS * 4;

/// What the parameters of a request are counted from.
pub fn param_base(request: &Request<'_>, raw_len: usize) -> u32 {
    match request.normal_path {
        Some(_) => raw_len as u32,
        None => request.route.base,
    }
}

/// The words of one parameter, whose span is counted from `base`.
pub fn param_words(span: &Span, base: u32) -> [u32; PARAM_WORDS] {
    [base + span.start, span.len]
}

/// Words as they are in shared memory.
pub fn le_bytes<const N: usize>(words: &[u32; N]) -> [[u8; 4]; N] {
    words.map(u32::to_le_bytes)
}
