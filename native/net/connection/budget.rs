//! What a connection holds of the memory that unfinished requests may take in all.

use super::{Connection, Turn};
use crate::net::accept::Open;

impl<S> Connection<S> {
    /// Tells the budget what the connection holds now.
    pub(super) fn hold(&mut self, open: &Open) {
        let inbox = self.inbox.as_ref();
        let (held, has_reserved) =
            inbox.map_or((0, false), |inbox| (inbox.cost(), inbox.reserved > 0));
        open.budget.change(self.held, held);
        if self.has_reserved && !has_reserved {
            open.budget.end_body();
        }
        (self.held, self.has_reserved) = (held, has_reserved);
    }

    /// Gives back what it holds, for it is to be dropped.
    pub fn release(&mut self, open: &Open) {
        self.inbox = None;
        self.hold(open);
    }

    /// Whether the budget allows to read: what was begun may always be finished, or all those who
    /// have begun could wait for each other.
    pub(super) fn may_grow<D>(&self, turn: &Turn<'_, D>) -> bool {
        self.inbox.is_some() || !turn.scratch.open.budget.is_over(turn.config.max_buffered)
    }

    /// Sets `cost` bytes aside for a request that was begun; `false` if there is no room.
    pub(super) fn reserve<D>(&mut self, cost: usize, turn: &Turn<'_, D>) -> bool {
        // What it holds already must not stand in its own way.
        self.hold(&turn.scratch.open);
        let has_room = (turn.scratch.open.budget).reserve(cost, turn.config.max_buffered);
        if has_room {
            (self.held, self.has_reserved) = (cost, true);
        }
        has_room
    }
}
