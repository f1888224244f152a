//! What a connection keeps between two reads: the bytes of a request that is not complete, or of
//! one that may not be taken yet. A connection between requests has none.

use crate::http::body::BodyDecoder;
use crate::http::head::HeadParser;

/// An unfinished or waiting request.
#[derive(Debug)]
pub struct Inbox {
    /// `Stage::Head`: bytes as received from `at`. `Stage::Body`: the head, then the decoded body.
    pub bytes: Vec<u8>,
    /// How many bytes of it are done with.
    pub at: usize,
    /// What is missing.
    pub stage: Stage,
    /// When the body came.
    pub body: BodyTimes,
}

/// When a body began and when it was last read, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct BodyTimes {
    /// When the head was complete.
    pub begun_ms: u64,
    /// When something of it was last read.
    pub read_ms: u64,
}

/// How far the request has come.
#[derive(Debug)]
pub enum Stage {
    /// The head is incomplete: the parser knows where it stopped.
    Head(HeadParser),
    /// Nothing: what came may not be looked at yet. Requests that may not be taken before an answer
    /// is written, or a streamed body as it came, of which the handler has not asked for more.
    Waiting,
    /// No requests: kept for whoever takes the connection over instead of answering.
    Refused,
    /// The head is complete, the body is not.
    Body(BodyDecoder),
}

impl Inbox {
    /// Keeps `rest`, in as much memory as it needs and no more.
    pub fn new(rest: &[u8], stage: Stage) -> Box<Self> {
        Self::of(rest.to_vec(), stage)
    }

    /// Goes on with bytes that were collected already.
    pub fn of(bytes: Vec<u8>, stage: Stage) -> Box<Self> {
        Box::new(Self {
            bytes,
            at: 0,
            stage,
            body: BodyTimes::default(),
        })
    }

    /// Whether nothing of a request has come, only empty lines.
    pub fn is_blank(&self) -> bool {
        matches!(&self.stage, Stage::Head(parser) if parser.is_blank())
    }

    /// Whether a request was begun whose end is missing.
    pub fn is_unfinished(&self) -> bool {
        matches!(self.stage, Stage::Head(_) | Stage::Body(_)) && !self.is_blank()
    }

    /// Bytes of memory that it takes.
    pub fn cost(&self) -> usize {
        self.bytes.capacity()
    }

    /// The bytes that are still to be looked at.
    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    /// Adds what was read, moving the rest to the front when that is cheap.
    pub fn push(&mut self, input: &[u8]) {
        if self.at > self.bytes.len() / 2 {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        self.bytes.extend_from_slice(input);
    }
}
