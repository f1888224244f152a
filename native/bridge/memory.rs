//! Memory that belongs to JavaScript and is shared with an I/O thread.
//!
//! Who may touch what is a matter of protocol: a chunk is the thread's until it publishes what it
//! wrote, the ring is the thread's between head and tail, control words are atomic. JavaScript
//! keeps every buffer alive, and gives none of them to its user, until the thread has ended.

use std::sync::atomic::AtomicU32;

/// Atomic 32-bit words in an `ArrayBuffer`.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    start: *const u32,
    len: usize,
}

// SAFETY: the words are only reached through `AtomicU32`.
unsafe impl Send for Words {}
// SAFETY: as above.
unsafe impl Sync for Words {}

impl Words {
    /// The words of an `Int32Array`, which JavaScript keeps alive as long as the server runs.
    pub fn new(words: &[i32]) -> Self {
        Self {
            start: words.as_ptr().cast(),
            len: words.len(),
        }
    }

    /// One word.
    pub fn at(&self, index: usize) -> &AtomicU32 {
        assert!(index < self.len, "control word {index} of {}", self.len);
        // SAFETY: `index` is inside the array, by the check above.
        let word = unsafe { self.start.add(index) };
        // SAFETY: typed arrays are aligned for their element, and both sides use atomics.
        unsafe { AtomicU32::from_ptr(word.cast_mut()) }
    }
}

/// A stretch of bytes in an `ArrayBuffer`, lent to one thread.
#[derive(Debug)]
pub struct Loan {
    start: *mut u8,
    len: usize,
}

// SAFETY: a loan has one owner, and JavaScript touches the bytes only as the protocol says.
unsafe impl Send for Loan {}
// SAFETY: shared access only reads; see `bytes`.
unsafe impl Sync for Loan {}

impl Loan {
    /// Borrows the bytes of a `Uint8Array` for as long as JavaScript promises to keep it.
    pub fn new(bytes: &[u8]) -> Self {
        Self {
            start: bytes.as_ptr().cast_mut(),
            len: bytes.len(),
        }
    }

    /// How many bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Copies `bytes` to `at`.
    pub fn write(&mut self, at: usize, bytes: &[u8]) {
        assert!(
            at <= self.len && bytes.len() <= self.len - at,
            "write outside the chunk"
        );
        // SAFETY: `at` is inside, by the check above.
        let target = unsafe { self.start.add(at) };
        // JavaScript does not read there before the range is published.
        // SAFETY: the target is inside the loan, by the same check; the source is our own.
        unsafe { target.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }

    /// The bytes of a range that JavaScript has written and will not touch until it is released.
    pub fn bytes(&self, at: usize, len: usize) -> &[u8] {
        assert!(
            at <= self.len && len <= self.len - at,
            "read outside the loan"
        );
        // SAFETY: `at` is inside, by the check above.
        let start = unsafe { self.start.add(at) };
        // SAFETY: the range is inside the loan, by the same check, and at rest.
        unsafe { std::slice::from_raw_parts(start, len) }
    }

    /// One little-endian word of such a range.
    pub fn word(&self, at: usize) -> u32 {
        let bytes = self.bytes(at, 4);
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }
}

impl AsRef<[u8]> for Loan {
    fn as_ref(&self) -> &[u8] {
        self.bytes(0, self.len)
    }
}
