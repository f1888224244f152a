//! Bytes out: what the socket takes of the answers that are written.

use std::io;

use super::files::note_shrunk;
use super::{Connection, Turn};
use crate::net::outbox::{Outbox, OutboxPool, Written};
use crate::net::stats::Counter;
use crate::net::stream::Socket;

impl<S: Socket> Connection<S> {
    /// Bytes that the socket has not taken.
    pub fn unsent(&self) -> u64 {
        self.outbox.as_ref().map_or(0, |outbox| outbox.len())
    }

    /// Where what is to be sent goes.
    pub(super) fn outbox(&mut self, pool: &mut OutboxPool) -> &mut Outbox {
        self.outbox.get_or_insert_with(|| pool.take())
    }

    /// Writes what the socket takes, and at most `budget` bytes.
    pub(super) fn flush<D>(
        &mut self,
        budget: &mut usize,
        turn: &mut Turn<'_, D>,
    ) -> io::Result<()> {
        self.widen(turn.scratch);
        let Some(outbox) = &mut self.outbox else {
            return Ok(());
        };
        if (!self.writable && !outbox.is_empty()) || self.warming {
            return Ok(());
        }
        let before = outbox.len();
        let written = outbox.write_to(&mut self.stream, budget);
        // Also what was written before a failure.
        let sent = before - outbox.len();
        self.progressed |= sent > 0;
        turn.scratch.stats.add(Counter::BytesOut, sent);
        let written = written.inspect_err(|error| note_shrunk(error, turn.scratch))?;
        self.writable = written != Written::Blocked;
        if written == Written::Cold {
            self.warm(turn.scratch);
        }
        if written == Written::All
            && let Some(outbox) = self.outbox.take()
        {
            turn.pool.put(outbox);
        }
        Ok(())
    }
}
