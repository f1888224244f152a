//! Connections that leave the loop alive.

use mio::event::Source;

use super::EventLoop;
use crate::net::connection::Connection;
use crate::net::crossing::Crossing;
#[cfg(unix)]
use crate::net::fd::Lent;
use crate::net::notice::{Notice, Parting};
use crate::net::request::RequestToken;
use crate::net::stats::Counter;
use crate::net::stream::Stream;
use crate::net::takeover::{Handover, TakeError};

impl<C: Crossing> EventLoop<C> {
    /// Gives a connection to the handler of one of its requests. The socket is the taker's at once;
    /// as long as answers are due before it is not `is_free`, and the taker must not write.
    #[cfg(unix)]
    pub fn take_over(&mut self, token: RequestToken) -> Result<Handover, TakeError> {
        // Answers that were given before belong on the wire before.
        self.take_answers().map_err(|_| TakeError::Gone)?;
        let connection = self.connections.get_mut(token.index as usize);
        let connection = connection
            .filter(|connection| connection.id().1 == token.generation)
            .ok_or(TakeError::Gone)?;
        let socket = connection.stream.duplicate();
        // Every descriptor that is needed, before the connection is given away.
        let socket = socket.and_then(Lent::new);
        let socket = socket.map_err(|_| TakeError::Descriptor)?;
        let bytes = connection.give_away(token)?;
        self.scratch.stats.add(Counter::Takeovers, 1);
        self.advance(token.index);
        let connection = self.connections.get_mut(token.index as usize);
        let left = connection.filter(|connection| connection.id().1 == token.generation);
        let is_free = left.map(|left| left.await_turn()).is_none();
        Ok(Handover {
            socket,
            bytes,
            is_free,
        })
    }

    /// There is no descriptor that another owner could have.
    #[cfg(not(unix))]
    pub fn take_over(&mut self, _token: RequestToken) -> Result<Handover, TakeError> {
        Err(TakeError::Unsupported)
    }

    /// Ends a connection behind the answers to what it has handed up; one that is gone has ended.
    pub(super) fn finish(&mut self, token: RequestToken) {
        let connection = self.connections.get_mut(token.index as usize);
        if let Some(connection) = connection
            && connection.id().1 == token.generation
        {
            connection.finish();
            self.advance(token.index);
        }
    }

    /// Everything due before is written: from here on the taker has the connection for itself.
    pub(super) fn let_go(&mut self, index: u32) {
        if let Some(mut connection) = self.connections.try_remove(index as usize) {
            self.part_with(&mut connection, false);
            connection.release(&mut self.scratch);
            // Whoever has it knows more of it than we.
            self.leave(connection.id(), false, Parting::Ours);
            drop(connection);
            self.scratch.stats.add(Counter::Closed, 1);
            self.closed();
        }
    }

    /// Takes the socket out of the poll, where it would stay with the taker's descriptor open, and
    /// tells a taker who waits.
    pub(super) fn part_with(&mut self, connection: &mut Connection<Stream>, is_lost: bool) {
        // A socket that is not in the poll needs no leaving.
        let _ = connection.stream.deregister(self.poll.registry());
        if connection.is_awaited() {
            let (index, generation) = connection.id();
            self.crossing.notice(Notice::Taken {
                index,
                generation,
                is_lost,
            });
        }
    }
}
