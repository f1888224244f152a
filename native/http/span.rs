//! Where a part of a head lies in the bytes that it was read from.

/// Part of a head, in bytes from `RequestHead::start`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Number of bytes.
    pub len: u32,
}

impl Span {
    /// The offset behind the last byte.
    #[inline]
    pub fn end(self) -> u32 {
        self.start + self.len
    }

    /// The bytes it covers; `bytes` begins at the head's start.
    #[inline]
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start as usize..self.end() as usize]
    }

    /// From an offset up to another one.
    #[inline]
    pub(super) fn between(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            len: (end - start) as u32,
        }
    }
}
