//! Refusals: a reply in place of answers, and no handler that begins behind it.

use std::collections::VecDeque;

use super::course::{Course, Goodbye, Refusal};
use super::{Connection, Turn};
use crate::http::error::ParseError;
use crate::net::crossing::{Deliver, Withdrawal};
use crate::net::notice::BodyEnd;
use crate::net::request::SEQUENCE;
use crate::net::stats::Counter;
use crate::net::stream::Socket;

impl<S: Socket> Connection<S> {
    /// Nothing more is parsed; the reply follows the answers that are still due. `bytes` are those
    /// that are refused.
    pub(super) fn refuse<D>(&mut self, error: ParseError, bytes: &[u8], turn: &Turn<'_, D>) {
        turn.scratch.stats.refused(error);
        self.keep_refused(error, bytes, turn);
        self.refuse_with(turn.config.status_of(error), false);
    }

    /// The client sends no more: what it has left unfinished is refused by node's rules, and else gets no
    /// word. Says whether there was anything.
    pub(super) fn refuse_truncated<D: Deliver>(&mut self, turn: &mut Turn<'_, D>) -> bool {
        let is_unfinished = self.upload().is_some() || (self.is_open() && self.is_unfinished());
        // Behind an answer there is nobody to tell but the reader, who hears that the client is gone.
        if !turn.config.follows_node() || !is_unfinished || self.is_behind_answer() {
            return false;
        }
        let fault = ParseError::Truncated;
        if self.upload().is_some() {
            turn.scratch.stats.refused(fault);
            self.keep_refused(fault, b"", turn);
            self.give_up(fault.status(), turn.deliver);
        } else {
            self.inbox = None;
            self.refuse(fault, b"", turn);
        }
        true
    }

    /// JavaScript has fallen behind too far to take one more.
    pub(super) fn turn_away<D>(&mut self, turn: &Turn<'_, D>) {
        turn.scratch.stats.add(Counter::Refused, 1);
        self.refuse_with(503, true);
    }

    fn refuse_with(&mut self, status: u16, retry: bool) {
        if status == 503 {
            // Nothing is wrong with it.
            self.refused = None;
        }
        let is_told = false;
        self.course = Course::Refused(Refusal {
            status,
            retry,
            is_told,
        });
    }

    /// Gives up what was handed up or received: nothing but `status` will be answered. A 503 says
    /// that the client may come again only if no handler has begun, and then none will.
    pub fn give_up(&mut self, status: u16, deliver: &mut impl Deliver) {
        if !self.is_over() {
            let is_withdrawn =
                self.is_given_up_by(status) && self.withdraw(Withdrawal::All, deliver);
            self.refuse_instead(status, is_withdrawn, deliver);
        }
    }

    /// Refuses what has waited too long, if no handler has begun with the oldest request: then none will.
    /// That is asked once, for a request that was withdrawn and passed over looks like one that has begun.
    pub fn turn_back(&mut self, deliver: &mut impl Deliver) -> bool {
        let is_withdrawn = !self.is_over() && self.withdraw(Withdrawal::IfNotBegun, deliver);
        if is_withdrawn {
            self.gone(deliver);
            self.refuse_instead(503, true, deliver);
        }
        is_withdrawn
    }

    /// Whether the answers that are due are given up for such a reply.
    fn is_given_up_by(&self, status: u16) -> bool {
        status == 503 || self.upload().is_some()
    }

    fn refuse_instead(&mut self, status: u16, is_withdrawn: bool, deliver: &mut impl Deliver) {
        let is_given_up = self.is_given_up_by(status);
        if self.is_behind_answer() {
            // The answer is out, and another word would be taken for one to the next request.
            self.lose_body(BodyEnd::Refused(status), deliver);
            return self.stop(Goodbye::Linger);
        }
        self.lose_body(BodyEnd::Refused(status), deliver);
        if self.has_begun_answer() {
            // Too late for another word.
            return self.stop(self.how_to_break_off());
        }
        self.sending = None;
        self.inbox = None;
        let is_begun = self.in_flight() > 0 && !is_withdrawn;
        if is_given_up {
            self.next_answer = self.next_request;
            self.early = VecDeque::new();
        }
        let retry = status == 503 && !is_begun;
        self.refuse_with(status, retry);
    }

    /// Sees to it that no handler begins with what it has handed up; says whether none has begun
    /// with the oldest request that is unanswered.
    pub fn withdraw(&self, how: Withdrawal, deliver: &mut impl Deliver) -> bool {
        let next = self.next_answer & SEQUENCE;
        self.in_flight() > 0 && deliver.withdraw(self.id(), next, how)
    }
}
