//! Writes records as `ts/crossing/ring.ts` does.

use std::borrow::Cow;
use std::sync::atomic::Ordering;

use crate::bridge::answer::{
    CONTENT_TYPES, FLAG_CLOSE, FLAG_HAS_DATE, FLAG_HAS_LENGTH, KIND_ANSWER, KIND_RAW, KIND_SKIP,
    answer, word,
};
use crate::bridge::batch::tests::reader::Page;
use crate::bridge::memory::{Loan, Words};
use crate::bridge::ring::control;
use crate::http::tests::seeded::Seeded;
use crate::net::answer::{Answer, AnswerBody};
use crate::net::request::RequestToken;

/// An answer, as it is written and as it arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::bridge) struct Down {
    pub(in crate::bridge) token: RequestToken,
    is_raw: bool,
    status: u16,
    content_type: u8,
    /// Has a date, has a length, closes.
    flags: [bool; 3],
    reason: Vec<u8>,
    fields: Vec<u8>,
    body: Vec<u8>,
}

impl Down {
    /// An answer with `size` bytes behind its words.
    pub(in crate::bridge) fn new(seeded: &mut Seeded, size: usize) -> Self {
        let is_raw = seeded.below(4) == 0;
        let mut bytes: Vec<u8> = (0..size).map(|_| seeded.next() as u8).collect();
        let token = RequestToken {
            index: seeded.next() as u32,
            generation: seeded.next() as u32,
            meta: seeded.next() as u32,
        };
        if is_raw {
            return Self {
                token,
                is_raw,
                flags: [false, false, seeded.below(2) == 0],
                body: bytes,
                ..Self::default()
            };
        }
        let reason = bytes.split_off(size - seeded.below(size + 1));
        let fields = bytes.split_off(bytes.len() - seeded.below(bytes.len() + 1));
        Self {
            token,
            is_raw,
            status: 200 + seeded.below(800) as u16,
            content_type: seeded.below(CONTENT_TYPES.len()) as u8,
            flags: [(); 3].map(|()| seeded.below(2) == 0),
            reason,
            fields,
            body: bytes,
        }
    }

    /// Whether it is a response as bytes.
    pub(in crate::bridge) fn is_raw(&self) -> bool {
        self.is_raw
    }

    /// What arrived.
    pub(in crate::bridge) fn of(token: RequestToken, answer: &Answer<'_>) -> Self {
        match answer {
            Answer::Raw { body, close } => Self {
                token,
                is_raw: true,
                flags: [false, false, *close],
                body: body.bytes().to_vec(),
                ..Self::default()
            },
            Answer::File(_) => panic!("a file"),
            Answer::Part(part) => panic!("nobody wrote {part:?}"),
            Answer::Encoded {
                status,
                reason,
                content_type,
                fields,
                has_date,
                has_length,
                close,
                body,
            } => {
                let types = CONTENT_TYPES.iter();
                let place = types
                    .clone()
                    .position(|name| name.as_bytes() == *content_type);
                Self {
                    token,
                    is_raw: false,
                    status: *status,
                    content_type: place.expect("a known type") as u8,
                    flags: [*has_date, *has_length, *close],
                    reason: reason.to_vec(),
                    fields: fields.to_vec(),
                    body: body.bytes().to_vec(),
                }
            }
        }
    }

    /// The same as an answer that does not go through the ring.
    pub(in crate::bridge) fn answer(&self) -> Answer<'_> {
        let words = self.words(0);
        answer(
            words[word::KIND],
            u32::from(self.content_type),
            Cow::Borrowed(&self.reason),
            Cow::Borrowed(&self.fields),
            AnswerBody::Borrowed(&self.body),
        )
        .expect("it can be written")
    }

    fn words(&self, size: usize) -> [u32; word::COUNT] {
        let [has_date, has_length, close] = self.flags;
        let flags = [
            (has_date, FLAG_HAS_DATE),
            (has_length, FLAG_HAS_LENGTH),
            (close, FLAG_CLOSE),
        ];
        let flags = flags
            .iter()
            .filter(|flag| flag.0)
            .map(|flag| flag.1)
            .sum::<u32>();
        let kind = if self.is_raw { KIND_RAW } else { KIND_ANSWER };
        let mut words = [0; word::COUNT];
        words[word::SIZE] = size as u32;
        words[word::KIND] = kind | flags | u32::from(self.status) << 16;
        words[word::INDEX] = self.token.index;
        words[word::GENERATION] = self.token.generation;
        words[word::META] = self.token.meta;
        words[word::TYPE] = u32::from(self.content_type) | (self.reason.len() as u32) << 8;
        words[word::FIELDS_LEN] = self.fields.len() as u32;
        words[word::BODY_LEN] = self.body.len() as u32;
        words
    }
}

/// JavaScript's end of a ring.
#[derive(Debug)]
pub(in crate::bridge) struct Writer {
    memory: Loan,
    words: Words,
    tail: u32,
    head: u32,
}

impl Writer {
    pub(in crate::bridge) fn new(page: Page, words: Words) -> Self {
        let tail = words.at(control::TAIL).load(Ordering::SeqCst);
        Self {
            memory: page.loan(),
            words,
            tail,
            head: tail,
        }
    }

    /// Writes and publishes an answer; `false`: the ring has no room.
    pub(in crate::bridge) fn write(&mut self, down: &Down) -> bool {
        let behind = [&down.reason[..], &down.fields, &down.body].concat();
        let size = (word::COUNT * 4 + behind.len()).next_multiple_of(8);
        let Some(at) = self.reserve(size) else {
            return false;
        };
        for (place, word) in down.words(size).iter().enumerate() {
            self.memory.write(at + place * 4, &word.to_le_bytes());
        }
        self.memory.write(at + word::COUNT * 4, &behind);
        self.tail = self.tail.wrapping_add(size as u32);
        self.words
            .at(control::TAIL)
            .store(self.tail, Ordering::SeqCst);
        true
    }

    fn reserve(&mut self, size: usize) -> Option<usize> {
        let len = self.memory.len();
        let at = self.tail as usize & (len - 1);
        let rest = len - at;
        let needed = if size > rest { rest + size } else { size };
        let free = |head: u32| len - self.tail.wrapping_sub(head) as usize;
        if free(self.head) < needed {
            self.head = self.words.at(control::HEAD).load(Ordering::SeqCst);
            if free(self.head) < needed {
                return None;
            }
        }
        if size <= rest {
            return Some(at);
        }
        self.memory.write(at, &(rest as u32).to_le_bytes());
        self.memory.write(at + 4, &KIND_SKIP.to_le_bytes());
        self.tail = self.tail.wrapping_add(rest as u32);
        Some(0)
    }
}
