//! Bytes in: when a connection reads, and what its reading finds.

use std::io;

use super::course::Course;
use super::{Connection, Turn};
use crate::net::config::Config;
use crate::net::crossing::Deliver;
use crate::net::inbox::Stage;
use crate::net::notice::BodyEnd;
use crate::net::platform::drained;
use crate::net::stats::Counter;
use crate::net::stream::Socket;

impl<S: Socket> Connection<S> {
    /// Goes on with what was read before, as far as it may: what the socket holds comes behind it.
    pub(super) fn catch_up<D: Deliver>(&mut self, turn: &mut Turn<'_, D>) {
        loop {
            let taken = self.next_request;
            self.feed(turn);
            self.resume(turn);
            if self.next_request == taken {
                return;
            }
        }
    }

    pub(super) fn may_read<D: Deliver>(&self, turn: &mut Turn<'_, D>) -> bool {
        self.could_read(turn) && self.may_grow(turn)
    }

    /// Whether it would read, were there memory for what comes.
    pub(super) fn could_read<D: Deliver>(&self, turn: &mut Turn<'_, D>) -> bool {
        self.readable
            && !self.peer_closed
            && !self.holds_bytes()
            && self.wants_bytes(turn.config)
            && self.may_look(turn)
    }

    /// Whether there is room for a request, or no need for any before its head was looked at.
    pub(super) fn may_look<D: Deliver>(&self, turn: &mut Turn<'_, D>) -> bool {
        let stage = self.inbox.as_deref().map(|inbox| &inbox.stage);
        let is_body = self.is_in_body() || matches!(stage, Some(Stage::Body(_)));
        turn.scratch.overloaded
            || turn.deliver.has_room()
            || (turn.scratch.looks_ahead() && !is_body && !self.needs_room)
    }

    /// Whether something was read that may not be looked at yet.
    pub(super) fn holds_bytes(&self) -> bool {
        self.inbox
            .as_ref()
            .is_some_and(|inbox| matches!(inbox.stage, Stage::Waiting))
    }

    /// Whether something was begun of which the client owes more.
    pub(super) fn lacks_bytes(&self) -> bool {
        self.is_in_body() || self.is_unfinished()
    }

    /// Whether bytes are of use now.
    pub(super) fn wants_bytes(&self, config: &Config) -> bool {
        match &self.course {
            Course::Open => self.may_take(config),
            Course::Upload(up) => up.is_wanted(),
            Course::Drop(_) => true,
            Course::Last | Course::Refused(_) | Course::Parked(_) => false,
            Course::Ending(_) | Course::Lingering(_) => false,
        }
    }

    pub(super) fn read<D: Deliver>(
        &mut self,
        budget: &mut usize,
        turn: &mut Turn<'_, D>,
    ) -> io::Result<()> {
        let mut input = std::mem::take(&mut turn.scratch.input);
        let size = self.most(turn).min(self.read_limit(input.len()));
        let result = self.stream.read(&mut input[..size]);
        match result {
            Ok(0) => {
                self.readable = false;
                self.peer_closed = true;
                if !self.refuse_truncated(turn) {
                    self.gone(turn.deliver);
                    self.lose_body(BodyEnd::Lost, turn.deliver);
                }
            }
            Ok(n) => {
                *budget = budget.saturating_sub(n);
                turn.scratch.stats.add(Counter::BytesIn, n as u64);
                turn.scratch.right_of_way.advance(self.id(), n);
                self.receive(&input[..n], turn);
                // Who owes more may have sent it, where a short read does not say that this is all.
                let has_more = self.may_split && self.lacks_bytes();
                self.readable = has_more || !drained(n, size, self.peer_closing);
            }
            Err(ref error) if error.kind() == io::ErrorKind::WouldBlock => self.readable = false,
            Err(ref error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => {}
        }
        turn.scratch.input = input;
        match result {
            Err(error) if !is_passing(&error) => Err(error),
            _ => Ok(()),
        }
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
