//! Memory that belongs to JavaScript and is shared with an I/O thread.
//!
//! Who may touch what is a matter of protocol: a chunk is the thread's until it publishes what it
//! wrote, the ring is the thread's between head and tail, control words are atomic. JavaScript
//! keeps every buffer alive, and gives none of them to its user, until the thread has ended.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use napi::bindgen_prelude::{Int32Array, Uint8Array};

/// Atomic 32-bit words in an `ArrayBuffer`.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    start: *mut u32,
    len: usize,
}

// SAFETY: the words are only reached through `AtomicU32`.
unsafe impl Send for Words {}
// SAFETY: as above.
unsafe impl Sync for Words {}

impl Words {
    /// Words that outlive whoever looks at them. Taken writable, because atomics write.
    pub fn new(words: &mut [i32]) -> Self {
        Self {
            start: words.as_mut_ptr().cast(),
            len: words.len(),
        }
    }

    /// The words of an `Int32Array`, which JavaScript keeps alive as long as the server runs.
    pub fn of(words: &mut Int32Array) -> Self {
        // SAFETY: the slice lasts for this call, in which JavaScript does not run.
        Self::new(unsafe { words.as_mut() })
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.len
    }

    /// One word.
    pub fn at(&self, index: usize) -> &AtomicU32 {
        assert!(index < self.len, "control word {index} of {}", self.len);
        // SAFETY: `index` is inside the array, by the check above.
        let word = unsafe { self.start.add(index) };
        // SAFETY: typed arrays are aligned for their element, and both sides use atomics.
        unsafe { AtomicU32::from_ptr(word) }
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
    /// Bytes that outlive the loan, and that nobody reaches by another way meanwhile.
    pub fn new(bytes: &mut [u8]) -> Self {
        Self {
            start: bytes.as_mut_ptr(),
            len: bytes.len(),
        }
    }

    /// Borrows the bytes of a `Uint8Array` for as long as JavaScript promises to keep it.
    pub fn of(bytes: &mut Uint8Array) -> Self {
        // SAFETY: the slice lasts for this call, in which JavaScript does not run.
        Self::new(unsafe { bytes.as_mut() })
    }

    /// The same memory for somebody else, who keeps to the protocol as well.
    pub fn share(&self) -> Self {
        Self {
            start: self.start,
            len: self.len,
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

/// Bytes in an `ArrayBuffer` that nobody changes until they are given back.
#[derive(Debug)]
pub struct StillBytes {
    start: *const u8,
    len: usize,
}

// SAFETY: the bytes are only read, and at rest.
unsafe impl Send for StillBytes {}
// SAFETY: as above.
unsafe impl Sync for StillBytes {}

impl StillBytes {
    /// Borrows the bytes of a `Uint8Array` for as long as JavaScript promises to keep it and them.
    pub fn new(bytes: &[u8]) -> Self {
        Self {
            start: bytes.as_ptr(),
            len: bytes.len(),
        }
    }
}

impl AsRef<[u8]> for StillBytes {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: these are the bytes that were borrowed, and they are kept.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

/// Bytes that are at rest for the time of one call: what is needed for longer is a copy of them.
#[derive(Clone, Debug)]
pub struct PassingBytes(Arc<Passing>);

#[derive(Debug)]
struct Passing {
    still: StillBytes,
    kept: OnceLock<Vec<u8>>,
}

impl PassingBytes {
    /// Borrows the bytes until `keep` is called, which must be before JavaScript runs again.
    pub fn new(bytes: &[u8]) -> Self {
        Self(Arc::new(Passing {
            still: StillBytes::new(bytes),
            kept: OnceLock::new(),
        }))
    }

    /// The call is over: whoever still has them, has a copy of them from now on.
    pub fn keep(self) {
        if Arc::strong_count(&self.0) > 1 {
            self.0.kept.get_or_init(|| self.0.still.as_ref().to_vec());
        }
    }
}

impl AsRef<[u8]> for PassingBytes {
    fn as_ref(&self) -> &[u8] {
        match self.0.kept.get() {
            Some(kept) => kept,
            None => self.0.still.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PassingBytes;

    #[test]
    fn keeps_what_somebody_still_has_when_the_call_is_over() {
        let mut bytes = b"before".to_vec();
        let passing = PassingBytes::new(&bytes);
        let taken = passing.clone();
        assert_eq!(taken.as_ref(), b"before");
        passing.keep();
        bytes.copy_from_slice(b"after!");
        assert_eq!(taken.as_ref(), b"before");
        // Of what nobody has nothing is copied.
        let passing = PassingBytes::new(&bytes);
        drop(passing.clone());
        let inner = passing.0.clone();
        drop(passing);
        assert!(inner.kept.get().is_none());
    }
}
