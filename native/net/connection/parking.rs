//! Refusals that JavaScript answers: it is told of them in their turn, and writes the reply. If it
//! does not in time, the client gets the one that it would have had.

use super::course::{Course, Parked, Refusal};
use super::{Connection, Turn};
use crate::http::error::ParseError;
use crate::net::config::Config;
use crate::net::crossing::Deliver;
use crate::net::open::Open;
use crate::net::outbox::OutboxPool;
use crate::net::refused::Kept;
use crate::net::stream::Socket;

/// Milliseconds that JavaScript has for the reply.
pub(super) const PARK_MS: u64 = 10_000;

impl<S: Socket> Connection<S> {
    /// Whether JavaScript answers what is refused: it does if it has seen the connection, whose socket may have
    /// listeners of its own, or if somebody listens for all of them.
    pub fn tells_refusals(&self, open: &Open) -> bool {
        self.is_known || open.tells_refusals()
    }

    /// Keeps what JavaScript is to be told of a request that is refused.
    pub(super) fn keep_refused<D>(&mut self, fault: ParseError, bytes: &[u8], turn: &Turn<'_, D>) {
        if self.tells_refusals(&turn.scratch.open) {
            self.refused = Some(Kept::of(Some(fault), bytes, &turn.config.limits));
        }
    }

    /// Keeps that of one that took too long.
    pub fn keep_late(&mut self, config: &Config) {
        let read = self.inbox.as_deref().map_or(&b""[..], |inbox| inbox.rest());
        self.refused = Some(Kept::of(None, read, &config.limits));
    }

    /// Whether a refusal is for JavaScript to answer; then it is told as soon as there is room.
    pub(super) fn park<D: Deliver>(&mut self, refusal: Refusal, turn: &mut Turn<'_, D>) -> bool {
        let is_meant = self.tells_refusals(&turn.scratch.open) && !refusal.is_told;
        let Some(kept) = self.refused.take_if(|_| is_meant) else {
            return false;
        };
        if !turn.deliver.has_room() {
            self.refused = Some(kept);
            return true;
        }
        self.is_known = true;
        turn.deliver.refused(&kept.told(self.id(), refusal.status));
        self.course = Course::Parked(Parked {
            refusal,
            has_reply: false,
            is_seen: false,
        });
        true
    }

    /// Takes bytes that JavaScript writes where no answer is due: its reply to a refusal, or whatever else its
    /// program has to say. In reply to a refusal none say that it has looked: a client that has ended its side
    /// is not waited for then.
    pub fn write_aside(&mut self, bytes: Box<dyn AsRef<[u8]> + Send>, pool: &mut OutboxPool) {
        if self.is_over() || self.is_taking() {
            return;
        }
        let is_something = !(*bytes).as_ref().is_empty();
        if let Course::Parked(parked) = &mut self.course {
            parked.has_reply |= is_something;
            parked.is_seen = true;
        }
        self.progressed = true;
        if is_something {
            self.outbox(pool).add(bytes);
        }
    }

    /// JavaScript has not replied in time: whether the client is now refused without it.
    pub(super) fn unpark(&mut self) -> bool {
        match self.course {
            Course::Parked(Parked {
                refusal,
                has_reply: false,
                ..
            }) => {
                let is_told = true;
                self.course = Course::Refused(Refusal { is_told, ..refusal });
                true
            }
            _ => false,
        }
    }

    /// Whether JavaScript has the word.
    pub(super) fn is_parked(&self) -> bool {
        matches!(self.course, Course::Parked(_))
    }

    /// Whether a refusal is due and waits to be told.
    pub(super) fn waits_to_tell(&self) -> bool {
        self.in_flight() == 0 && matches!(self.course, Course::Refused(_))
    }
}
