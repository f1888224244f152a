//! The protocol, pure: HTTP/1.1 messages as bytes, after RFC 9110 and RFC 9112.
//!
//! Nothing here does I/O, reads a clock, knows Node or uses `unsafe`. A request goes through
//! `head` (bytes to spans), `framing` (what the head says about the message) and `body` (the
//! bytes behind it); an answer goes through `response`. Every reader is strict, resumable at any
//! byte, and gives the same result for every way of cutting its input.
#![forbid(unsafe_code)]

pub mod body;
pub mod byte;
pub mod chunk;
pub mod coding;
pub mod condition;
pub mod date;
pub mod error;
pub mod framing;
pub mod head;
pub mod host;
pub mod limits;
pub mod list;
pub mod message;
pub mod method;
pub mod number;
pub mod proxy_protocol;
pub mod range;
pub mod response;
pub mod span;
pub mod status;
pub mod target;
pub mod trailer;

#[cfg(test)]
pub(crate) mod tests;
