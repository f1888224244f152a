//! Heads, read and judged: what each says of its body, of its handler and of those behind it.

use super::Turn;
use crate::http::error::ParseError;
use crate::http::framing::{BodyLength, Framing, Leniency, frame_leniently, offers_web_socket};
use crate::http::head::{FieldLine, HeadParser, Parsed, RequestHead};
use crate::http::limits::Limits;
use crate::http::method::Method;
use crate::net::config::Config;
use crate::net::open::Upgrades;

/// What comes next in a buffer.
pub(super) enum Next {
    Request(RequestHead, Framing),
    /// The beginning of a head.
    Partial(HeadParser),
}

/// Reads and judges the head that `buf` begins with.
pub(super) fn next_request<D>(buf: &[u8], turn: &mut Turn<'_, D>) -> Result<Next, ParseError> {
    let mut parser = HeadParser::default();
    let (limits, fields) = (&turn.config.limits, &mut turn.scratch.fields);
    fields.clear();
    let head = match parser.parse(buf, limits, fields)? {
        Parsed::Complete(head) => head,
        Parsed::Partial => return Ok(Next::Partial(parser)),
    };
    let bytes = &buf[head.start as usize..][..head.len as usize];
    let framing = judge(&head, bytes, turn)?;
    Ok(Next::Request(head, framing))
}

/// Whether a request is one that no handler sees, so that it needs no room for one. One with a body
/// waits with the others.
pub(super) fn is_answered_here<D>(
    head: &RequestHead,
    framing: &Framing,
    bytes: &[u8],
    turn: &mut Turn<'_, D>,
) -> bool {
    let is_plain = framing.body == BodyLength::None && !framing.upgrade;
    if !is_plain || head.method_kind == Method::Connect {
        return false;
    }
    turn.scratch.is_answered(head, bytes)
}

/// Judges the head whose fields were read last, by what the server serves.
pub(super) fn judge<D>(
    head: &RequestHead,
    bytes: &[u8],
    turn: &Turn<'_, D>,
) -> Result<Framing, ParseError> {
    let (limits, fields) = (&turn.config.limits, &turn.scratch.fields);
    let mut leniency = Leniency {
        host: turn.config.host_rule,
        ..Leniency::default()
    };
    match frame_leniently(head, bytes, fields, limits, leniency) {
        // Few ask for that, so that only then is looked whether it is served.
        Err(ParseError::Connect | ParseError::Expectation) => {
            leniency.tunnels = turn.scratch.open.serves_tunnels();
            leniency.expectations = turn.scratch.open.serves_expectations();
            frame_leniently(head, bytes, fields, limits, leniency)
        }
        framed => framed,
    }
}

/// Whether the body of a request goes up in pieces. Whoever takes the connection of an upgrade has
/// to know where its body ends: that of one that somebody waits for is collected.
pub(super) fn is_streamed<D>(framing: &Framing, head: &[u8], turn: &Turn<'_, D>) -> bool {
    if !turn.config.stream_bodies || framing.body == BodyLength::None {
        return false;
    }
    let is_awaited = framing.upgrade
        && match turn.scratch.open.upgrades() {
            Upgrades::None => false,
            Upgrades::WebSockets => offers_web_socket(&turn.scratch.fields, head),
            Upgrades::All => true,
        };
    !is_awaited
}

/// Whether a request waits for the answers before it and holds those behind it: pipelined
/// requests may be handled together only while their methods are safe (RFC 9112 §9.3.2). One with a
/// body waits as it came, for whoever takes the connection before it has to get the same bytes; by
/// node's rules only upgrades are taken, and nothing goes beside them.
pub(super) fn is_barrier(head: &RequestHead, framing: &Framing, config: &Config) -> bool {
    let has_body = framing.body != BodyLength::None && !config.follows_node();
    !head.method_kind.is_safe() || has_body || framing.expect_continue || framing.upgrade
}

/// Reads a head that is known to be complete.
pub(super) fn parse_head(
    bytes: &[u8],
    limits: &Limits,
    fields: &mut Vec<FieldLine>,
) -> Result<RequestHead, ParseError> {
    fields.clear();
    match HeadParser::default().parse(bytes, limits, fields)? {
        Parsed::Complete(head) => Ok(head),
        Parsed::Partial => Err(ParseError::ALL[0]),
    }
}
