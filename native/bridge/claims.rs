//! Which requests JavaScript may still begin: what was answered without it must not run.
//!
//! Requests are told apart by the numbers of their records. JavaScript says that it has read a record,
//! then looks whether any was withdrawn; only then it asks the table about this one. As long as its
//! handlers are fast it says so of a few records together, which are all begun with that. The thread says
//! that it withdraws, then looks whether the record was read. Each side's store comes before its
//! own load (Dekker's pattern), so at least one of them sees the other, and where both look into the
//! table, the first one there decides. JavaScript's half is in `ts/server/batch.ts` and `ts/crossing/lane.ts`.

use std::sync::atomic::{AtomicU32, Ordering};

use self::claim::{AT_ONCE, OPEN, WITHDRAWN};
use crate::bridge::memory::Words;
use crate::bridge::ring::control;
use crate::net::crossing::Withdrawal;
use crate::net::request::{RequestToken, SEQUENCE};

/// What the table says of a record.
pub(in crate::bridge) mod claim {
    /// Nobody has claimed it yet.
    pub(in crate::bridge) const OPEN: u32 = 0;
    /// The handler was called.
    pub(in crate::bridge) const STARTED: u32 = 1;
    /// It never will be.
    pub(in crate::bridge) const WITHDRAWN: u32 = 2;
    /// Records that JavaScript claims together at most.
    pub(in crate::bridge) const AT_ONCE: u32 = 16;
}

/// The thread's side.
#[derive(Debug)]
pub struct Claims {
    control: Words,
    /// A word for each record that JavaScript may not have read, a power of two.
    table: Words,
    mask: u32,
    /// What is known of the request of a record, by the same places.
    requests: Vec<Handed>,
    /// The last request of each slot: which connection, which record.
    last: Vec<(u32, u32)>,
    /// The record of the last request of all.
    newest: u32,
    /// The last record that was withdrawn, until JavaScript has read it.
    withdrawn: Option<u32>,
    /// Whether the table was ever written to: until then there is nothing to clear in it.
    is_used: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Handed {
    sequence: u32,
    /// The record of the request before it on its connection; its own if there is none.
    previous: u32,
}

impl Claims {
    /// Claims over shared memory; `table` has more words than there can be unread records.
    pub fn new(control: Words, table: Words) -> Self {
        let len = table.count();
        assert!(len.is_power_of_two(), "claims for {len} records");
        Self {
            control,
            table,
            mask: len as u32 - 1,
            requests: vec![Handed::default(); len],
            last: Vec::new(),
            newest: 0,
            withdrawn: None,
            is_used: false,
        }
    }

    /// Record `number`, which is not published yet, is this request.
    pub fn add(&mut self, number: u32, token: RequestToken) {
        let slot = token.index as usize;
        self.newest = number;
        if self.last.len() <= slot {
            self.last.resize(slot + 1, (0, 0));
        }
        let (generation, before) = self.last[slot];
        self.last[slot] = (token.generation, number);
        let is_first = generation != token.generation;
        self.requests[(number & self.mask) as usize] = Handed {
            sequence: token.meta & SEQUENCE,
            previous: if is_first { number } else { before },
        };
        if self.is_used {
            self.claim(number).store(OPEN, Ordering::Relaxed);
        }
    }

    /// Withdraws what JavaScript has not begun of a connection; says whether that holds for the
    /// request with the sequence number `next`, its oldest one.
    pub fn withdraw(&mut self, (slot, generation): (u32, u32), next: u32, how: Withdrawal) -> bool {
        let Some(&(latest, mut number)) = self.last.get(slot as usize) else {
            return false;
        };
        if latest != generation || !self.is_unread(number) {
            return false;
        }
        let mut unread = Vec::new();
        let oldest = loop {
            unread.push(number);
            let handed = self.requests[(number & self.mask) as usize];
            let (sequence, previous) = (handed.sequence, handed.previous);
            if previous == number || sequence == next || !self.is_unread(previous) {
                break sequence;
            }
            number = previous;
        };
        let is_oldest = oldest == next;
        if how == Withdrawal::IfNotBegun && !is_oldest {
            return false;
        }
        self.is_used = true;
        self.control
            .at(control::WITHDRAWN)
            .store(1, Ordering::SeqCst);
        let is_later = |last: u32| unread[0].wrapping_sub(last) as i32 > 0;
        if self.withdrawn.is_none_or(is_later) {
            self.withdrawn = Some(unread[0]);
        }
        for (place, &number) in unread.iter().rev().enumerate() {
            let is_withdrawn = self.withdraw_one(number);
            if place == 0 && !is_withdrawn && how == Withdrawal::IfNotBegun {
                return false;
            }
        }
        is_oldest && self.claim(number).load(Ordering::SeqCst) == WITHDRAWN
    }

    fn withdraw_one(&self, number: u32) -> bool {
        let (order, seen) = (Ordering::SeqCst, Ordering::SeqCst);
        self.is_unread(number)
            && match self
                .claim(number)
                .compare_exchange(OPEN, WITHDRAWN, order, seen)
            {
                Ok(_) => true,
                Err(claimed) => claimed == WITHDRAWN,
            }
    }

    /// JavaScript needs no longer look when it is past the last one that was withdrawn. Those that it
    /// has just claimed it may still be about to look at.
    pub fn settle(&mut self) {
        if self
            .withdrawn
            .is_some_and(|last| self.is_read(last.wrapping_add(AT_ONCE)))
        {
            self.withdrawn = None;
            self.control
                .at(control::WITHDRAWN)
                .store(0, Ordering::SeqCst);
        }
    }

    /// Whether JavaScript has still to read this request. A connection may name one of so long ago that
    /// the numbers have come round: it is none of the few between the last read and the newest.
    fn is_unread(&self, number: u32) -> bool {
        let read = self.control.at(control::READ).load(Ordering::SeqCst);
        let unread = self.newest.wrapping_sub(read);
        // Records behind the newest request may be read as well.
        (unread as i32) > 0 && self.newest.wrapping_sub(number) < unread
    }

    /// Numbers wrap.
    fn is_read(&self, number: u32) -> bool {
        let read = self.control.at(control::READ).load(Ordering::SeqCst);
        read.wrapping_sub(number) as i32 >= 0
    }

    fn claim(&self, number: u32) -> &AtomicU32 {
        self.table.at((number & self.mask) as usize)
    }
}

#[cfg(test)]
mod tests;
