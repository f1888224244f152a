//! Memory for requests: who goes on when there is little, and who has to go.

use super::EventLoop;
use super::connections::line_up;
use crate::net::budget::Memory;
use crate::net::crossing::Crossing;
use crate::net::stats::Counter;

/// So many connections are given up in one turn.
const GIVEN_UP: usize = 8;

impl<C: Crossing> EventLoop<C> {
    /// Lets the next one go on that waits for memory. Those who had the right of way and did not
    /// finish go when what they keep is far too much and others wait: 503, they may come again.
    pub(super) fn share_memory(&mut self) {
        let (now, memory) = (self.clock.now_ms(), self.memory());
        if let Some(id) = self.scratch.right_of_way.look(now, memory)
            && let Some(connection) = self.connections.get_mut(id.0 as usize)
            && connection.id() == id
        {
            line_up(connection, &mut self.queue);
        }
        for _ in 0..GIVEN_UP {
            if !self.peers.open.budget.is_far_over(self.config.max_buffered) {
                break;
            }
            let Some(id) = self.scratch.right_of_way.give_up() else {
                break;
            };
            let connection = self.connections.get_mut(id.0 as usize);
            let Some(connection) = connection.filter(|connection| connection.id() == id) else {
                continue;
            };
            if connection.is_collecting() {
                self.scratch.stats.add(Counter::Refused, 1);
                connection.give_up(503, &mut self.crossing);
                self.advance(id.0);
            }
        }
    }

    fn memory(&mut self) -> Memory {
        let budget = &self.peers.open.budget;
        if !budget.is_over(self.config.max_buffered) {
            return Memory::Enough;
        }
        let may_read = self.scratch.overloaded || self.crossing.has_room();
        if budget.has_finished() || !may_read {
            Memory::Owed
        } else {
            Memory::Short
        }
    }
}
