//! The answer that is being sent piece by piece: how its body ends, and who frames it.

use crate::http::response::{BodyFit, GradualRaw};

/// An answer that is being sent.
#[derive(Debug)]
pub(super) struct Sending {
    /// The request's word of that name.
    pub(super) meta: u32,
    pub(super) framing: Framing,
    pub(super) closes: bool,
    pub(super) pushed: u64,
    pub(super) acknowledged: u64,
    /// The handler writes the response itself.
    pub(super) raw: Option<RawOut>,
}

/// How the client finds the end of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Chunked,
    /// By the declared length, which the handler's side keeps to, or as the handler frames it.
    Length,
    /// By the end of the connection.
    Close,
}

/// A response of which some bytes were written.
#[derive(Debug)]
pub(super) struct RawOut {
    pub(super) gradual: GradualRaw,
    pub(super) sent: Sent,
}

/// What is sent of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    All,
    /// The data, to a client that may not know chunks (RFC 9112 §6.1).
    Data,
    /// Nothing: it answers HEAD.
    Nothing,
}

impl Sending {
    pub(super) fn new(meta: u32, framing: Framing, closes: bool, raw: Option<RawOut>) -> Self {
        Self {
            meta,
            framing,
            closes,
            pushed: 0,
            acknowledged: 0,
            raw,
        }
    }
}

impl Sending {
    /// Whether there is nothing of it, written or kept.
    pub(super) fn is_empty(&self) -> bool {
        let raw = self.raw.as_ref();
        raw.is_some_and(|raw| raw.gradual.is_empty())
    }

    /// Whether the body that a handler has framed is what its head announces.
    pub(super) fn fit(&self) -> Option<BodyFit> {
        self.raw.as_ref().map(|raw| raw.gradual.fit())
    }
}

impl RawOut {
    /// Is there nothing of it yet that was sent?
    pub(super) fn is_in_head(&self) -> bool {
        self.gradual.is_in_head()
    }
}
