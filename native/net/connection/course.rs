//! Where a connection is on its way to its end.
//!
//! Whoever reads bytes asks this first, and nothing else says what bytes are. What is behind the
//! decision to end is never looked at: no variant from `Last` on leads back to `Open`.

use std::collections::VecDeque;
use std::mem;

use super::Connection;
use crate::http::body::BodyDecoder;
use crate::net::inbox::BodyTimes;

/// What the bytes are that the client sends, and what comes behind the answers.
#[derive(Debug)]
pub(super) enum Course {
    /// Requests.
    Open,
    /// The body of the request that was handed up last, for whoever pulls it.
    Upload(Box<BodyUp>),
    /// The rest of a body whose request is answered: dropped. Requests follow.
    Drop(Box<Leftover>),
    /// Nothing that is looked at: the connection ends behind the answers that are due.
    Last,
    /// The same, with a reply behind them.
    Refused(Refusal),
    /// JavaScript was told of the reply that is due, and writes another one.
    Parked(Parked),
    /// The same, and no answer is taken any more: what is queued is sent.
    Ending(Goodbye),
    /// FIN is sent: so many bytes are still read and dropped.
    Lingering(usize),
}

/// A body on its way up.
#[derive(Debug)]
pub(super) struct BodyUp {
    pub(super) decoder: BodyDecoder,
    /// What has come of the trailer section, if it goes up.
    pub(super) trailers: Vec<u8>,
    pub(super) meta: u32,
    /// Negative behind a piece that was longer than what was asked for: the next pull pays for it,
    /// and that is how the handler's side counts.
    pub(super) wanted: i64,
    /// The client waits for a 100 and has sent nothing yet.
    pub(super) expects: bool,
    /// No request follows it.
    pub(super) is_last: bool,
    pub(super) paused_ms: Option<u64>,
    pub(super) times: BodyTimes,
}

/// What is unread of a body that nobody wants.
#[derive(Debug)]
pub(super) struct Leftover {
    pub(super) decoder: BodyDecoder,
    /// Bytes that may still come, as they are sent.
    pub(super) left: usize,
}

/// What a client is told in place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// Nothing was done for it, and it may come again (RFC 9110 §10.2.3).
    pub(super) retry: bool,
    /// JavaScript could have answered.
    pub(super) is_told: bool,
}

/// A refusal that JavaScript answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parked {
    pub(super) refusal: Refusal,
    /// It has begun to.
    pub(super) has_reply: bool,
    /// It has looked, and does not if the client leaves first.
    pub(super) is_seen: bool,
}

/// How a connection is closed when everything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goodbye {
    /// With FIN, and whatever comes is read for a while (RFC 9112 §9.6).
    Linger,
    /// At once: nothing was sent that a reset could overtake.
    Quiet,
    /// With a reset and without what is queued, for else the client would take it for the whole.
    Cut,
}

impl BodyUp {
    /// Whether somebody wants more of it.
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted > 0
    }

    /// Bytes of data decoded so far.
    pub(super) fn produced(&self) -> u64 {
        self.decoder.produced()
    }
}

impl Leftover {
    /// The rest that `decoder` has not seen, of which at most `left` bytes are dropped.
    pub(super) fn new(decoder: BodyDecoder, left: usize) -> Box<Self> {
        Box::new(Self { decoder, left })
    }
}

impl<S> Connection<S> {
    /// Whether bytes are requests.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.course, Course::Open)
    }

    /// Whether bytes belong to a body, wanted or not.
    pub(super) fn is_in_body(&self) -> bool {
        matches!(self.course, Course::Upload(_) | Course::Drop(_))
    }

    /// Whether what was read behind the last request is kept: somebody may take its connection.
    pub(super) fn may_be_taken(&self) -> bool {
        matches!(self.course, Course::Last) && self.next_request != self.next_answer
    }

    /// Whether no answer is taken any more.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.course, Course::Ending(_) | Course::Lingering(_))
    }

    /// Whether FIN is sent, and what comes is read only to be dropped.
    pub(super) fn is_lingering(&self) -> bool {
        matches!(self.course, Course::Lingering(_))
    }

    /// The body that is on its way up.
    pub(super) fn upload(&self) -> Option<&BodyUp> {
        match &self.course {
            Course::Upload(up) => Some(up),
            _ => None,
        }
    }

    /// The body that is on its way up, to be changed.
    pub(super) fn upload_mut(&mut self) -> Option<&mut BodyUp> {
        match &mut self.course {
            Course::Upload(up) => Some(up),
            _ => None,
        }
    }

    /// Takes the body that is on its way up, of which nothing more is looked at then.
    pub(super) fn take_upload(&mut self) -> Option<Box<BodyUp>> {
        match mem::replace(&mut self.course, Course::Last) {
            Course::Upload(up) => Some(up),
            course => {
                self.course = course;
                None
            }
        }
    }

    /// No request follows the one that was handed up last. Its body, if it has one, is still read.
    pub(super) fn take_no_more(&mut self) {
        self.course = match mem::replace(&mut self.course, Course::Last) {
            Course::Open | Course::Drop(_) => Course::Last,
            Course::Upload(mut up) => {
                up.is_last = true;
                Course::Upload(up)
            }
            ended => ended,
        };
    }

    /// Nothing more is looked at or answered, and what waits for its turn is forgotten.
    pub(super) fn stop(&mut self, goodbye: Goodbye) {
        self.course = Course::Ending(goodbye);
        self.next_answer = self.next_request;
        self.sending = None;
        self.early = VecDeque::new();
        self.inbox = None;
        self.refused = None;
    }
}
