//! Giving a connection away. What is due before the taken request is still written here; then the
//! socket and every byte read behind the request are the taker's.

use super::Connection;
use super::course::Course;
use crate::net::request::{RequestToken, SEQUENCE};
use crate::net::stream::Socket;
use crate::net::takeover::TakeError;

/// How far a takeover has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taking {
    /// Nobody has asked for the connection.
    No,
    /// Somebody has.
    Begun,
    /// The taker waits to hear that it is free.
    Awaited,
}

impl<S: Socket> Connection<S> {
    /// Gives the connection to the handler of `token`, which must be the last request handed up,
    /// with the bytes that were read behind it. Nothing is read from now on.
    pub fn give_away(&mut self, token: RequestToken) -> Result<Vec<u8>, TakeError> {
        let ahead = token.meta.wrapping_sub(self.next_answer) & SEQUENCE;
        let is_answered = self.early.iter().any(|(early, _)| early.meta == token.meta);
        let is_open = self.is_streaming() && ahead == 0;
        if ahead >= self.in_flight() || is_answered || is_open || self.is_over() || self.is_taking()
        {
            return Err(TakeError::Answered);
        }
        if ahead + 1 != self.in_flight() {
            return Err(TakeError::Pipelined);
        }
        if self.is_in_body() {
            return Err(TakeError::Body);
        }
        // Never half a body: a request that has one is not begun behind one that is unanswered.
        let unread = self.inbox.take();
        let bytes = unread.map_or_else(Vec::new, |mut inbox| inbox.bytes.split_off(inbox.at));
        self.taking = Taking::Begun;
        self.course = Course::Last;
        Ok(bytes)
    }

    /// Nothing more is read: the connection ends behind the answers to what was handed up.
    pub fn finish(&mut self) {
        self.take_no_more();
    }

    /// The taker has to wait for what is due before.
    pub fn await_turn(&mut self) {
        self.taking = Taking::Awaited;
    }

    /// Whether the taker waits to hear that the connection is free.
    pub fn is_awaited(&self) -> bool {
        self.taking == Taking::Awaited
    }

    /// Whether the connection was taken over.
    pub fn is_taking(&self) -> bool {
        self.taking != Taking::No
    }

    /// Whether it was, and everything due before is written.
    pub(super) fn is_free(&self) -> bool {
        self.is_taking() && self.in_flight() == 1 && self.outbox.is_none()
    }

    /// Whether the request so far ahead is the one that took the connection: its answer is dropped.
    pub(super) fn is_taken(&self, ahead: u32) -> bool {
        self.is_taking() && ahead + 1 == self.in_flight()
    }
}
