//! The memory of one lookup, kept from one to the next.

use crate::router::allow::AllowCache;
use crate::router::fold::Folded;

/// A stretch of the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of its first byte.
    pub start: u32,
    /// Bytes.
    pub len: u32,
}

impl Span {
    /// The bytes of `path` that it covers.
    pub fn of(self, path: &[u8]) -> &[u8] {
        &path[self.start as usize..][..self.len as usize]
    }
}

/// Where the search may go on if what it tries first leads nowhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alternative {
    pub(super) node: u32,
    pub(super) at: u32,
    pub(super) spans: u32,
    /// Its parameter was not tried yet; else only the catch-all is left.
    pub(super) param: bool,
}

/// What a lookup found besides the route, and room for the next one. It belongs to one table and
/// the tables made of it: it remembers what `Allow` of theirs looks like.
#[derive(Debug, Default)]
pub struct Matcher {
    /// The parameters of the route that matched, in the order of its pattern; empty without one.
    pub spans: Vec<Span>,
    /// Where a redirect leads, without the query.
    pub target: Vec<u8>,
    pub(super) stack: Vec<Alternative>,
    pub(super) clean: Vec<u8>,
    pub(super) folded: Folded,
    pub(super) allow: AllowCache,
    /// Nodes that were looked at, so that a test can tell that none is looked at twice.
    #[cfg(test)]
    pub(super) steps: usize,
}

impl Matcher {
    /// Where its memory is and how much there is of it.
    #[cfg(test)]
    pub(super) fn footprint(&self) -> Vec<(usize, usize)> {
        let of = |bytes: &Vec<u8>| (bytes.as_ptr() as usize, bytes.capacity());
        vec![
            (self.spans.as_ptr() as usize, self.spans.capacity()),
            (self.stack.as_ptr() as usize, self.stack.capacity()),
            of(&self.target),
            of(&self.clean),
            of(&self.folded.text),
        ]
    }

    /// The value of `Allow` that the last decision asked for.
    pub fn allow(&self) -> &[u8] {
        self.allow.last()
    }
}
