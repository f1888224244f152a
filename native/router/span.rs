//! Where the value of a parameter lies in its path.

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
