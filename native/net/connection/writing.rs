//! Bytes out: what the socket takes of the answers that are written.

use std::io;

use super::files::note_shrunk;
use super::{Connection, Turn};
use crate::net::outbox::{Outbox, OutboxPool, Written};
use crate::net::stats::Counter;
use crate::net::stream::Socket;

/// Bytes from which on a write of their own costs less than a copy.
const AT_ONCE: usize = 8 << 10;

impl<S: Socket> Connection<S> {
    /// Bytes that the socket has not taken.
    pub fn unsent(&self) -> u64 {
        self.outbox.as_ref().map_or(0, |outbox| outbox.len())
    }

    /// Where what is to be sent goes.
    pub(super) fn outbox(&mut self, pool: &mut OutboxPool) -> &mut Outbox {
        self.outbox.get_or_insert_with(|| pool.take())
    }

    /// Sends bytes that are somebody else's as soon as this returns: what the socket does not take at once is copied.
    pub(super) fn send_borrowed<D>(&mut self, bytes: &[u8], turn: &mut Turn<'_, D>) {
        let sent = self.send_at_once(bytes, turn);
        match &bytes[sent..] {
            [] => {}
            rest if rest.len() < AT_ONCE => self
                .outbox(turn.pool)
                .append(|out| out.extend_from_slice(rest)),
            rest => self.outbox(turn.pool).push(Box::new(rest.to_vec())),
        }
    }

    /// Writes large bytes behind what there is already, if that is the socket's next. Returns how many of them.
    fn send_at_once<D>(&mut self, bytes: &[u8], turn: &mut Turn<'_, D>) -> usize {
        if bytes.len() < AT_ONCE || !self.writable || self.warming {
            return 0;
        }
        let mut outbox = self.outbox.take().unwrap_or_else(|| turn.pool.take());
        // A socket that fails does so again where that is looked at.
        let written = outbox.write_with(bytes, &mut self.stream);
        let (before, sent) = written.unwrap_or_default();
        self.note_sent((before + sent) as u64, turn);
        match outbox.is_empty() {
            true => turn.pool.put(outbox),
            false => self.outbox = Some(outbox),
        }
        sent
    }

    fn note_sent<D>(&mut self, bytes: u64, turn: &Turn<'_, D>) {
        self.progressed |= bytes > 0;
        turn.scratch.stats.add(Counter::BytesOut, bytes);
        self.pace.sent(bytes);
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
        self.note_sent(sent, turn);
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
