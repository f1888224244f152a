//! What a connection holds of the memory that unfinished requests may take in all.

use super::turn::READ_BUDGET;
use super::{After, Connection, Scratch, Turn};
use crate::net::crossing::Deliver;
use crate::net::inbox::Inbox;
use crate::net::refused::Kept;
use crate::net::stream::Socket;

/// While memory is short, requests are read in such pieces, and go on freely up to such a size.
const PIECE: usize = 4 << 10;
const SMALL: usize = 8 << 10;

impl<S: Socket> Connection<S> {
    /// Tells the budget what the connection holds now.
    pub(super) fn hold(&mut self, scratch: &mut Scratch) {
        let held = self.held_now();
        scratch.open.budget.change(self.held, held);
        self.held = held;
        if !self.is_unfinished() {
            scratch.right_of_way.give_back(self.id());
        }
    }

    /// Gives back what it holds, for it is to be dropped.
    pub fn release(&mut self, scratch: &mut Scratch) {
        (self.inbox, self.refused) = (None, None);
        self.hold(scratch);
        scratch.wide -= u32::from(self.is_wide);
        self.is_wide = false;
    }

    /// Whether a request was begun whose end is missing.
    pub(super) fn is_unfinished(&self) -> bool {
        self.inbox.as_deref().is_some_and(Inbox::is_unfinished)
    }

    /// Whether the budget allows to read.
    pub(super) fn may_grow<D>(&self, turn: &Turn<'_, D>) -> bool {
        !self.needs_right_of_way(turn)
            || (!turn.scratch.open.budget.has_finished()
                && turn.scratch.right_of_way.is_open_to(self.id()))
    }

    /// Waits for the right of way if nothing else is in the way of reading.
    pub(super) fn line_up<D: Deliver>(&self, after: After, turn: &mut Turn<'_, D>) {
        if after == After::Starved && self.could_read(turn) && !self.may_grow(turn) {
            turn.scratch.right_of_way.wait(self.id());
        }
    }

    /// Claims the right of way for a read if one is needed.
    pub(super) fn claim<D>(&self, turn: &mut Turn<'_, D>) {
        if self.needs_right_of_way(turn) {
            turn.scratch.right_of_way.take(self.id());
        }
    }

    fn held_now(&self) -> usize {
        let refused = self.refused.as_deref().map_or(0, Kept::cost);
        self.inbox.as_deref().map_or(0, Inbox::cost) + refused
    }

    fn needs_right_of_way<D>(&self, turn: &Turn<'_, D>) -> bool {
        self.held_now() >= SMALL && is_short(turn)
    }

    /// How much may be read at once: little of a small request while memory is short, for what is
    /// incomplete has to be kept.
    pub(super) fn most<D>(&self, turn: &Turn<'_, D>) -> usize {
        if self.held_now() < SMALL && is_short(turn) {
            PIECE
        } else {
            READ_BUDGET
        }
    }
}

fn is_short<D>(turn: &Turn<'_, D>) -> bool {
    turn.scratch.open.budget.is_over(turn.config.max_buffered)
}
