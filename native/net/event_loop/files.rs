//! The files of a loop's connections: opened, read ahead, and answered with.

use super::EventLoop;
use crate::net::answer::{Answer, Resolved};
use crate::net::connection::{Connection, Queued, Turn};
use crate::net::crossing::Crossing;
use crate::net::request::RequestToken;
use crate::net::stream::Stream;

impl<C: Crossing> EventLoop<C> {
    /// The file of a request was looked for.
    pub(super) fn take_file(&mut self, token: RequestToken, resolved: Resolved) {
        self.scratch.notices.extend(resolved.notice);
        if self.answer_with_file(token, resolved.answer).is_some() {
            self.advance(token.index);
        }
    }

    /// Opens the file that had to wait for the one before it.
    pub(super) fn open_next(&mut self, index: u32) {
        let connection = self.connections.get_mut(index as usize);
        let Some((token, file)) = connection.and_then(|found| found.next_file()) else {
            return;
        };
        let notices = &mut self.scratch.notices;
        let answer = self.opener.open(token, file, notices);
        // Its turn is over: others have one before it goes on.
        if let Some(connection) = self.answer_with_file(token, answer)
            && connection.queued != Queued::Soon
        {
            connection.queued = Queued::Soon;
            self.again.push(index);
        }
    }

    /// Gives a connection its answer, if it is there and there is one.
    fn answer_with_file(
        &mut self,
        token: RequestToken,
        answer: Option<Answer<'_>>,
    ) -> Option<&mut Connection<Stream>> {
        let is_ending = self.is_ending() || self.peers.open.is_ending();
        let closing = self.config.ends_connections(is_ending);
        let found = self.connections.get_mut(token.index as usize);
        let connection = found.filter(|found| found.id().1 == token.generation)?;
        let mut turn = Turn {
            config: &self.config,
            deliver: &mut (),
            scratch: &mut self.scratch,
            pool: &mut self.pool,
            date: self.clock.date(),
            closing,
        };
        connection.answer(token, answer?, &mut turn);
        Some(connection)
    }

    /// What a connection is to send was read from its disk.
    pub(super) fn take_warmed(&mut self, id: (u32, u32)) {
        let connection = self.connections.get_mut(id.0 as usize);
        if let Some(connection) = connection.filter(|found| found.id() == id) {
            connection.warmed();
            self.advance(id.0);
        }
    }

    /// Has what is cold read by the helper, and tells of what could not be sent.
    pub(super) fn settle_files(&mut self) {
        for (id, read) in self.scratch.cold.drain(..) {
            self.opener.read(id, read);
        }
        for notice in self.scratch.notices.drain(..) {
            self.crossing.notice(notice);
        }
    }
}
