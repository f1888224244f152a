//! The end of a connection: when there is nothing left to wait for, and how it is closed.

use std::io;

use super::course::{BodyUp, Course, Goodbye, Parked, Refusal};
use super::{After, Connection, READ_BUDGET, Turn};
use crate::http::response::{self, RawRules};
use crate::net::config::Config;
use crate::net::crossing::Deliver;
use crate::net::inbox::Stage;
use crate::net::notice::{BodyEnd, Notice};
use crate::net::request::SEQUENCE;
use crate::net::stats::Counter;
use crate::net::stream::Socket;

impl<S: Socket> Connection<S> {
    /// The client is gone, or will send no more: whoever handles its requests hears of it, once of
    /// each.
    pub fn gone(&mut self, deliver: &mut impl Deliver) {
        if let Some(notice) = self.abort() {
            deliver.notice(notice);
        }
    }

    /// What whoever handles its unanswered requests is to hear, if they have not heard it yet.
    pub(super) fn abort(&mut self) -> Option<Notice> {
        let untold = self.next_request.wrapping_sub(self.told);
        let count = untold.min(self.in_flight());
        (count > 0).then(|| {
            self.told = self.next_request;
            Notice::Abort {
                index: self.index,
                generation: self.generation,
                first: self.next_request.wrapping_sub(count) & SEQUENCE,
                count,
            }
        })
    }

    /// Whether the end of what the client sends is found by reading the body that somebody reads, and is
    /// a fault then.
    fn will_be_truncated(&self, config: &Config) -> bool {
        let is_read = |up: &BodyUp| up.is_wanted() || up.produced() == 0;
        config.follows_node() && !self.peer_closed && self.upload().is_some_and(is_read)
    }

    /// It ends behind what is written, whatever is unanswered or unread.
    pub fn end_now(&mut self, deliver: &mut impl Deliver) {
        if !self.is_over() {
            self.gone(deliver);
            self.lose_body(BodyEnd::Lost, deliver);
            self.stop(Goodbye::Linger);
        }
    }

    /// Decides whether there is anything left to wait for.
    pub(super) fn settle<D: Deliver>(&mut self, turn: &mut Turn<'_, D>) {
        if self.peer_closing && self.in_flight() > 0 && !self.will_be_truncated(turn.config) {
            self.gone(turn.deliver);
        }
        if turn.closing && turn.scratch.answers_some() {
            self.answer_early(turn);
        }
        if self.in_flight() > 0 {
            return;
        }
        if let Course::Refused(refusal) = self.course
            && self.park(refusal, turn)
        {
            return;
        }
        match self.course {
            Course::Refused(Refusal { status, retry, .. }) => {
                let date = turn.config.date.then_some(turn.date);
                let rules = turn.config.raw_rules;
                turn.scratch.stats.responded(status);
                self.outbox(turn.pool).append(|out| match rules {
                    RawRules::Strict => response::encode_error(status, retry, date, out),
                    RawRules::Node => response::encode_node_error(status, out),
                });
                self.stop(Goodbye::Linger);
            }
            Course::Parked(Parked {
                has_reply: false,
                is_seen: true,
                ..
            }) if self.peer_closing => self.stop(Goodbye::Linger),
            Course::Last => self.stop(Goodbye::Linger),
            Course::Open if self.peer_closed && !self.is_waiting() => self.stop(Goodbye::Linger),
            Course::Open | Course::Drop(_)
                if turn.closing && !turn.scratch.keeps_idle && !self.readable =>
            {
                let inbox = self.inbox.as_deref();
                let is_awaited = inbox.is_some_and(|inbox| match inbox.stage {
                    Stage::Head(_) => turn.scratch.keeps_heads() && !inbox.is_blank(),
                    _ => true,
                });
                if !is_awaited {
                    self.stop(self.goodbye(turn.scratch.lingers_idle));
                }
            }
            _ => {}
        }
    }

    /// How a connection ends that is not to wait for what the client may still send.
    fn goodbye(&self, lingers: bool) -> Goodbye {
        // A close could become a reset, which must not overtake what is still to arrive.
        if self.is_open() && self.outbox.is_none() && !lingers {
            Goodbye::Quiet
        } else {
            Goodbye::Linger
        }
    }

    /// Everything is sent and nothing more will be.
    pub(super) fn end<D: Deliver>(&mut self, goodbye: Goodbye, turn: &mut Turn<'_, D>) -> After {
        // Closing with bytes unread would reset the connection, and the reset would overtake the
        // response (RFC 9112 §9.6): FIN first, then read and drop for a while.
        // A connection that was taken has another owner, who ends it.
        if self.peer_closed
            || goodbye == Goodbye::Quiet
            || self.is_taking()
            || self.stream.shutdown_write().is_err()
        {
            return After::Close;
        }
        self.course = Course::Lingering(turn.config.linger_bytes);
        self.linger(turn)
    }

    /// Drops what comes. Beyond the bound nothing is read: the kernel lets the client send no more
    /// than its buffer holds, so that it can read the answer until the time is over. Behind its FIN
    /// there is no more than that, and read to its end the connection closes without a reset.
    pub(super) fn linger<D>(&mut self, turn: &mut Turn<'_, D>) -> After {
        let mut budget = READ_BUDGET;
        while self.readable
            && let Course::Lingering(left) = &mut self.course
            && (*left > 0 || self.peer_closing)
        {
            if budget == 0 {
                return After::Again;
            }
            match self.stream.read(&mut turn.scratch.input) {
                Ok(0) => return After::Close,
                Ok(n) => {
                    turn.scratch.stats.add(Counter::BytesIn, n as u64);
                    *left = left.saturating_sub(n);
                    budget = budget.saturating_sub(n);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.readable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return After::Close,
            }
        }
        After::Wait
    }
}
