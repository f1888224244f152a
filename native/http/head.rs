//! The head of a request: what it consists of (RFC 9112 §3, §5).
//!
//! A head is spans into the bytes it was read from; `parser` reads it.

mod parser;

pub use parser::HeadParser;

use crate::http::method::Method;
use crate::http::span::Span;
use crate::http::target::{self, TargetForm};

/// A field line (RFC 9112 §5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct FieldLine {
    /// The name as sent.
    pub name: Span,
    /// The value without the SP and HTAB around it.
    pub value: Span,
}

/// What the client speaks (RFC 9112 §2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1, and 1.2 to 1.9, which promise to be compatible with it (RFC 9110 §2.5).
    #[default]
    Http11,
}

/// A whole request head; every span counts from `start`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestHead {
    /// Bytes of empty lines before the request line (RFC 9112 §2.2).
    pub start: u32,
    /// Bytes of the head from `start`, blank line included.
    pub len: u32,
    /// The method, named.
    pub method_kind: Method,
    /// The method as sent.
    pub method: Span,
    /// The request target as sent.
    pub target: Span,
    /// The path of the target; empty when an absolute target has none, which means `/`.
    pub path: Span,
    /// There is a percent sign in the path.
    pub has_percent: bool,
    /// What follows the first `?` of the target.
    pub query: Span,
    /// The eight bytes of the version.
    pub version_span: Span,
    /// The version to answer by.
    pub version: Version,
    /// The form of the target.
    pub form: TargetForm,
}

impl RequestHead {
    /// The authority of an absolute target, which replaces the Host field (RFC 9112 §3.2.2).
    pub fn authority(&self, bytes: &[u8]) -> Option<Span> {
        if self.form != TargetForm::Absolute {
            return None;
        }
        let (start, len) = target::authority_of(self.target.of(bytes))?;
        Some(Span {
            start: self.target.start + start as u32,
            len: len as u32,
        })
    }
}

/// What a reader has made of the bytes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed<T> {
    /// All of it is there.
    Complete(T),
    /// Nothing is wrong yet; more bytes are needed.
    Partial,
}

#[cfg(test)]
mod tests;
