//! A line of connections: first come, first served, each of them in it once.

use std::collections::{BTreeMap, HashMap};

/// Slot and generation of a connection.
type Id = (u32, u32);

/// Connections in the order in which they came. Empty it owns nothing.
#[derive(Debug, Default)]
pub struct Line {
    order: BTreeMap<u64, Id>,
    places: HashMap<Id, u64>,
    next: u64,
}

impl Line {
    /// Puts `id` behind all others, unless it is in the line already.
    pub fn join(&mut self, id: Id) {
        if !self.places.contains_key(&id) {
            self.places.insert(id, self.next);
            self.order.insert(self.next, id);
            self.next += 1;
        }
    }

    /// Takes `id` out, wherever it is.
    pub fn leave(&mut self, id: Id) {
        // Asked of every connection in every turn.
        if self.places.is_empty() {
            return;
        }
        if let Some(place) = self.places.remove(&id) {
            self.order.remove(&place);
        }
        if self.places.is_empty() {
            self.places = HashMap::new();
        }
    }

    /// Who came first.
    pub fn first(&self) -> Option<Id> {
        self.order.first_key_value().map(|(_, id)| *id)
    }

    /// Whether `id` is in it.
    pub fn has(&self, id: Id) -> bool {
        self.places.contains_key(&id)
    }

    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serves_in_the_order_of_coming_and_each_once() {
        let mut line = Line::default();
        for index in [3, 1, 2, 1] {
            line.join((index, 7));
        }
        line.leave((9, 7));
        assert_eq!((line.first(), line.has((1, 7))), (Some((3, 7)), true));
        line.leave((1, 7));
        line.leave((3, 7));
        assert_eq!((line.first(), line.has((1, 7))), (Some((2, 7)), false));
        line.join((1, 7));
        line.leave((2, 7));
        assert_eq!(line.first(), Some((1, 7)));
        line.leave((1, 7));
        assert!(line.is_empty() && line.first().is_none());
    }
}
