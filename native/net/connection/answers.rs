//! Answers down: each is written in the turn of its request, and a connection may end behind it.

use std::collections::VecDeque;

use super::course::{Course, Goodbye};
use super::responses::internal_error;
use super::{Connection, Scratch, Turn};
use crate::http::response::RawRules;
use crate::net::answer::{Answer, Part};
use crate::net::notice::Notice;
use crate::net::request::{FLAG_LAST, RequestToken, SEQUENCE};
use crate::net::stream::Socket;

impl<S: Socket> Connection<S> {
    /// Takes the answer to one of its requests; it is written when the answers before it are, and a
    /// file when it has been opened (see `next_file`). A second answer to a request, or one to a
    /// request that never was, is dropped.
    pub fn answer<D>(&mut self, token: RequestToken, answer: Answer<'_>, turn: &mut Turn<'_, D>) {
        if let Answer::Part(Part::Pull(portions)) = answer {
            // A body comes in the order of requests, whatever is to be answered before its own.
            if self.is_body_of(token.meta) {
                self.pull(portions, turn);
            }
            return;
        }
        if let Answer::Part(Part::Aside(bytes)) = answer {
            return self.write_aside(bytes, turn.pool);
        }
        let ahead = token.meta.wrapping_sub(self.next_answer) & SEQUENCE;
        if ahead >= self.in_flight() || self.is_over() || self.is_taken(ahead) {
            note_late(token, &answer, turn.scratch);
            return;
        }
        if ahead > 0 || matches!(answer, Answer::File(_)) {
            // An interim response is no answer: the one behind it is the first.
            let is_same = |(early, given): &(RequestToken, Answer<'_>)| {
                let is_none = matches!(given, Answer::Part(Part::Interim(..) | Part::Raw(_)));
                early.meta == token.meta && !is_none
            };
            if matches!(answer, Answer::Part(_)) || !self.early.iter().any(is_same) {
                self.early.push_back((token, answer.into_owned()));
            }
            return;
        }
        self.write_answer(token, answer, turn);
        self.answer_early(turn);
    }

    /// Takes the answer to a request that no handler sees.
    pub(super) fn answer_at_once<D>(
        &mut self,
        token: RequestToken,
        answer: Answer<'_>,
        turn: &mut Turn<'_, D>,
    ) {
        if turn.closing {
            // Whether it is the last one is not known before all that was read is looked at.
            self.early.push_back((token, answer.into_owned()));
        } else {
            self.answer(token, answer, turn);
        }
    }

    /// Writes the answers that came before their turn, as far as it is their turn now.
    pub(super) fn answer_early<D>(&mut self, turn: &mut Turn<'_, D>) {
        while !self.early.is_empty() {
            let next = self.next_answer & SEQUENCE;
            let found = self
                .early
                .iter()
                .position(|(token, _)| token.meta & SEQUENCE == next);
            let Some(found) = found else { break };
            if matches!(self.early[found].1, Answer::File(_)) {
                // It is not open yet.
                break;
            }
            if let Some((token, answer)) = self.early.remove(found) {
                self.write_answer(token, answer, turn);
            }
        }
        if self.early.is_empty() {
            self.early = VecDeque::new();
        }
    }

    fn write_answer<D>(&mut self, token: RequestToken, answer: Answer<'_>, turn: &mut Turn<'_, D>) {
        let is_last = self.ends_with(token.meta, turn);
        let is_whole = !matches!(answer, Answer::Part(_));
        // Interim responses that were written bit by bit are no beginning.
        self.sending
            .take_if(|sending| is_whole && sending.is_empty());
        let close = match answer {
            Answer::Part(part) => return self.write_part(token, part, turn),
            _ if self.is_streaming() => return,
            Answer::Encoded { close, .. } => {
                self.write_encoded(token.meta, answer, close || is_last, turn);
                close || is_last
            }
            // Opened before it gets here.
            Answer::File(_) => {
                self.write_encoded(token.meta, internal_error(), is_last, turn);
                is_last
            }
            Answer::Raw { body, close } => match turn.config.raw_rules {
                RawRules::Strict => self.write_raw(token, body, close || is_last, turn),
                RawRules::Node => self.write_node(token, body, close || is_last, turn),
            },
        };
        self.finish_answer(close, turn);
    }

    /// Whether nothing follows the answer that is next, because the server or the connection ends behind it.
    pub(super) fn is_last<D>(&self, turn: &Turn<'_, D>) -> bool {
        let is_ending = turn.closing || matches!(self.course, Course::Last);
        is_ending && self.in_flight() == 1 && !self.is_waiting()
    }

    /// Whether the connection ends with the answer that is next, if it is complete now.
    pub(super) fn ends_with<D>(&self, meta: u32, turn: &Turn<'_, D>) -> bool {
        meta & FLAG_LAST != 0 || self.is_last(turn) || self.leaves_body(turn)
    }

    /// The answer that was next is complete.
    pub(super) fn finish_answer<D>(&mut self, close: bool, turn: &mut Turn<'_, D>) {
        let close = close || self.leaves_body(turn);
        self.next_answer = self.next_answer.wrapping_add(1);
        if close {
            self.end_behind(Goodbye::Linger, turn);
        } else if turn.config.raw_rules == RawRules::Strict {
            self.drop_body(turn);
        }
        // Node's handlers read on behind their answer, and node's code reads what they do not.
    }

    /// The connection ends behind what was answered so far.
    pub(super) fn end_behind<D>(&mut self, goodbye: Goodbye, turn: &mut Turn<'_, D>) {
        self.drop_body(turn);
        // Whoever streams an answer to a later request waits for a word.
        let abort = self.abort();
        turn.scratch.notices.extend(abort);
        self.stop(goodbye);
    }
}

/// Who writes an answer bit by bit waits to hear that it is one.
pub fn note_late(token: RequestToken, answer: &Answer<'_>, scratch: &mut Scratch) {
    if matches!(answer, Answer::Part(Part::RawEnd)) {
        let is_late = true;
        scratch.notices.push(Notice::RawDone { token, is_late });
    }
}
