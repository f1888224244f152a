//! The memory of one lookup, kept from one to the next.

use crate::router::allow::AllowCache;
use crate::router::escape::Decoded;
use crate::router::fold::Folded;
use crate::router::span::Span;

/// Where a walk may go on if what it tries first leads nowhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alternative {
    pub(super) node: u32,
    pub(super) at: u32,
    pub(super) spans: u32,
    /// Its parameter was not tried yet; else only the catch-all is left.
    pub(super) param: bool,
}

/// What a walk through a tree has found on its way.
#[derive(Debug, Default)]
pub struct Trail {
    /// The parameters so far, in the order of the pattern.
    pub spans: Vec<Span>,
    pub(super) stack: Vec<Alternative>,
    /// Nodes that were looked at, so that a test can tell that none is looked at twice.
    #[cfg(test)]
    pub(super) steps: usize,
}

impl Trail {
    pub(super) fn clear(&mut self) {
        self.spans.clear();
        self.stack.clear();
    }

    /// Notes that a walk may come back to a node.
    pub(super) fn leave(&mut self, node: u32, at: usize, param: bool) {
        self.stack.push(Alternative {
            node,
            at: at as u32,
            spans: self.spans.len() as u32,
            param,
        });
    }

    /// Notes that a walk has come to a node.
    pub(super) fn step(&mut self) {
        #[cfg(test)]
        {
            self.steps += 1;
        }
    }
}

/// What a lookup found besides the route, and room for the next one. It remembers what `Allow` looks
/// like in one table.
#[derive(Debug, Default)]
pub struct Matcher {
    /// Where a redirect leads, without the query.
    pub target: Vec<u8>,
    pub(super) trail: Trail,
    pub(super) decoded: Decoded,
    pub(super) clean: Vec<u8>,
    pub(super) folded: Folded,
    /// A target that may not be the best.
    pub(super) other: Vec<u8>,
    pub(super) allow: AllowCache,
}

impl Matcher {
    /// The parameters of the route that matched, in the order of its pattern; empty without one.
    pub fn spans(&self) -> &[Span] {
        &self.trail.spans
    }

    /// Gets ready for another table.
    pub fn forget(&mut self) {
        self.allow = AllowCache::default();
    }

    /// The value of `Allow` that the last decision asked for.
    pub fn allow(&self) -> &[u8] {
        self.allow.last()
    }

    /// Nodes that were looked at.
    #[cfg(test)]
    pub(super) fn steps(&self) -> usize {
        self.trail.steps
    }

    /// Where its memory is and how much there is of it.
    #[cfg(test)]
    pub(super) fn footprint(&self) -> Vec<(usize, usize)> {
        let of = |bytes: &Vec<u8>| (bytes.as_ptr() as usize, bytes.capacity());
        let Trail { spans, stack, .. } = &self.trail;
        // The two change places.
        let mut targets = [of(&self.target), of(&self.other)];
        targets.sort_unstable();
        let mut footprint = vec![
            (spans.as_ptr() as usize, spans.capacity()),
            (stack.as_ptr() as usize, stack.capacity()),
            of(&self.decoded.text),
            of(&self.clean),
            of(&self.folded.text),
        ];
        footprint.extend(targets);
        footprint
    }
}
