//! Responses down: records in a ring.
//!
//! JavaScript writes from the tail, the thread reads from the head; both positions only grow and
//! are taken modulo the ring's size, a power of two. A record is contiguous: one that would cross
//! the end is written at the start, behind a skip record. Words are little-endian, sizes bytes.
//! Nothing is done with a record before it was checked: the other side may be broken.

use std::borrow::Cow;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::bridge::answer::{
    CONTENT_TYPES, KIND_ANSWER, KIND_SKIP, answer, encoded, is_known, token, word,
};
use crate::bridge::memory::{Loan, Words};
use crate::net::answer::{Answer, AnswerBody};
use crate::net::request::RequestToken;

/// The places of the control words of a thread, a cache line apart.
pub mod control {
    /// Records published by the thread, wrapping.
    pub const PUBLISHED: usize = 0;
    /// Tail of the ring, by JavaScript.
    pub const TAIL: usize = 16;
    /// Head of the ring, by the thread.
    pub const HEAD: usize = 32;
    /// 1 while the thread sleeps and has to be woken.
    pub const SLEEPING: usize = 48;
    /// 1 when the thread has ended, 2 when it failed.
    pub const ENDED: usize = 64;
    /// Changes whenever JavaScript drains: its sign of life.
    pub const PULSE: usize = 80;
    /// Records that JavaScript has taken up, wrapping.
    pub const READ: usize = 96;
    /// Not 0 while JavaScript has to look whether the requests that it reads were withdrawn.
    pub const WITHDRAWN: usize = 112;
    /// How many words.
    pub const COUNT: usize = 128;
}

/// The thread's end of the ring.
#[derive(Debug)]
pub struct Ring {
    memory: Loan,
    words: Words,
    head: u32,
}

impl Ring {
    /// A ring over memory whose size is a power of two.
    pub fn new(memory: Loan, words: Words) -> Self {
        Self {
            memory,
            words,
            head: 0,
        }
    }

    /// Whether a ring may have so many bytes.
    pub fn can_be(len: usize) -> bool {
        len.is_power_of_two() && len >= HEADER_BYTES as usize
    }

    /// Whether something was published.
    pub fn has_answers(&self) -> bool {
        self.tail().load(Ordering::SeqCst) != self.head
    }

    /// Gives every published answer to `sink`, then frees its place. Fails at what is no record;
    /// nothing behind it is looked at, now or later.
    pub fn take(&mut self, sink: &mut dyn FnMut(RequestToken, Answer<'_>)) -> io::Result<()> {
        let tail = self.tail().load(Ordering::Acquire);
        if tail == self.head {
            return Ok(());
        }
        while self.head != tail {
            let at = self.head as usize & (self.memory.len() - 1);
            let header = self.check(at, tail).ok_or_else(broken)?;
            if header[word::KIND] & 0xff != KIND_SKIP {
                self.read(at, &header, sink).ok_or_else(broken)?;
            }
            self.head = self.head.wrapping_add(header[word::SIZE]);
        }
        self.words
            .at(control::HEAD)
            .store(self.head, Ordering::Release);
        Ok(())
    }

    /// The words of the next record, if what is published up to `tail` begins with one: in one piece,
    /// with its parts inside and nothing but padding behind them. They are read once, so that what was
    /// checked is what is used. A skip has no others than its size and kind.
    fn check(&self, at: usize, tail: u32) -> Option<Header> {
        let published = tail.wrapping_sub(self.head) as usize;
        let rest = self.memory.len() - at;
        if published > self.memory.len() || !published.is_multiple_of(ALIGN) {
            return None;
        }
        let (size, kind) = (self.memory.word(at), self.memory.word(at + 4));
        if kind & 0xff == KIND_SKIP {
            let skip = [size, kind, 0, 0, 0, 0, 0, 0];
            return (size as usize == rest && rest <= published).then_some(skip);
        }
        if (size as usize) < word::COUNT * 4 || size as usize > rest.min(published) {
            return None;
        }
        let (words, _) = self.memory.bytes(at, word::COUNT * 4).as_chunks::<4>();
        let header: Header = std::array::from_fn(|place| u32::from_le_bytes(words[place]));
        let parts = u64::from(header[word::TYPE] >> 8)
            + u64::from(header[word::FIELDS_LEN])
            + u64::from(header[word::BODY_LEN]);
        let used = (parts + HEADER_BYTES).next_multiple_of(ALIGN as u64);
        (used == u64::from(header[word::SIZE])).then_some(header)
    }

    fn read(
        &self,
        at: usize,
        header: &Header,
        sink: &mut dyn FnMut(RequestToken, Answer<'_>),
    ) -> Option<()> {
        let token = token(|place| header[place]);
        let (kind, content_type) = (header[word::KIND], header[word::TYPE] & 0xff);
        let parts = at + word::COUNT * 4;
        let parts = self
            .memory
            .bytes(parts, header[word::SIZE] as usize - word::COUNT * 4);
        let (reason, parts) = parts.split_at((header[word::TYPE] >> 8) as usize);
        let (fields, parts) = parts.split_at(header[word::FIELDS_LEN] as usize);
        let body = AnswerBody::Borrowed(&parts[..header[word::BODY_LEN] as usize]);
        let (reason, fields) = (Cow::Borrowed(reason), Cow::Borrowed(fields));
        if kind & 0xff == KIND_ANSWER && is_known(kind) {
            // Nearly all of them: made in place.
            let content_type = CONTENT_TYPES.get(content_type as usize)?;
            sink(token, encoded(kind, content_type, reason, fields, body));
        } else {
            sink(token, answer(kind, content_type, reason, fields, body)?);
        }
        Some(())
    }

    fn tail(&self) -> &AtomicU32 {
        self.words.at(control::TAIL)
    }
}

/// The words of a record.
type Header = [u32; word::COUNT];

/// Records are multiples of so many bytes.
const ALIGN: usize = 8;
const HEADER_BYTES: u64 = word::COUNT as u64 * 4;

fn broken() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the response ring holds what is no record",
    )
}

#[cfg(test)]
pub(in crate::bridge) mod tests;
